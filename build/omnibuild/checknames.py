"""The names by which recipes and line-ups speak of checks; a test compares them with what is in ``checks/``.

The checks themselves are imported only where they run.
"""

from __future__ import annotations

from collections.abc import Collection

from omnibuild.spelling import did_you_mean

CHECKS = (
    "intact",
    "names",
    "permissions",
    "symlinks",
    "collisions",
    "empty_directories",
    "architecture",
    "linkage",
    "rpath",
    "glibc_floor",
    "package_note",
    "hardening",
    "undeclared_dependencies",
    "unused_dependencies",
    "interpreters",
    "build_paths",
    "secrets",
    "licences",
)
"""Those that a recipe may opt out of."""

RULES = (
    *CHECKS,
    "opt_outs",
    "soname_removed",
    "setuid_added",
    "license_changed",
    "component_removed",
    "files_removed",
    "size_grown",
)
"""And the gates and what judges opt-outs: all whose tier a line-up may set."""


def require(name: str, among: Collection[str]) -> None:
    """Raise ValueError, which names the closest, if it is none of these names."""
    if name not in among:
        msg = f"there is no check {name!r}; {did_you_mean(name, among)}"
        raise ValueError(msg)
