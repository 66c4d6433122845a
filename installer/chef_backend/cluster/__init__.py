"""Clusters made, and later joined and left."""
