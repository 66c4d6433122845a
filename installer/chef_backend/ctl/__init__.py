"""The command line of a node."""
