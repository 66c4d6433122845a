"""What the frontends of a cluster are told of it."""
