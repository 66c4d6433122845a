"""The build of one component, from its sources to a tree of files in the store."""
