"""The support bundle: what a node knows of itself, without any secret, in one file."""
