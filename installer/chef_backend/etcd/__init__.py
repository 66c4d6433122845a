"""etcd as this node uses it: compare-and-swap on a few keys, and the members of its cluster."""
