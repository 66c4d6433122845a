"""omnibuild: per-component recipes in, one self-contained deb and rpm out."""

__version__ = "0.1.0"
