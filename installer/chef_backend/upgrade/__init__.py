"""A node whose package was replaced: which services run older code, and their way to the new one."""
