"""Elasticsearch as its neighbours ask it."""
