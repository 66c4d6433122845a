"""The isolated build: a private view of the file system, no network, every write captured."""
