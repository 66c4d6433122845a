"""A node stopped for good, and all that it holds deleted."""
