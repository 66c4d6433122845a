"""The certificate for replication, where the operator has none: when it is due, and its making."""
