"""The checks: what is asked of the assembled prefix before it becomes a package."""
