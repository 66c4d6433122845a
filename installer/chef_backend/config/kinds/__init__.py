"""The types of settings: what each accepts, in words and in code."""
