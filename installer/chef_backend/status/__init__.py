"""What `status` and `cluster-status` show: gathered in parallel, and written in the contract's tables."""
