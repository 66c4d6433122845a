"""Recipes: strict YAML data that says how one component is fetched, built and judged."""
