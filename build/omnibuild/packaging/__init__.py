"""Packages: one list of contents in, a verified deb and rpm out (nfpm writes them)."""
