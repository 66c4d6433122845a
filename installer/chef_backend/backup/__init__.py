"""Backups of a node: archives that are whole or not there, and new clusters made from them."""
