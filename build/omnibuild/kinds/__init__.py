"""Build kinds: one module a kind, each a model of its options and a pure ``commands``."""
