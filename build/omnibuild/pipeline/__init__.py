"""The story of a release: plan → fetch → build → assemble → check → package → report."""
