"""Sources: one module a location type, and the cache that holds what they delivered."""
