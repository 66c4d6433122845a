"""Version manifests: what is in a package, in the format that Omnibus's readers know."""
