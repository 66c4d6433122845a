"""Findings about a host and its node: `preflight`, `doctor` and `health` are three selections of them."""
