"""The complete environment of a build's commands: nothing of the caller's leaks in."""

from __future__ import annotations

from collections.abc import Callable

from omnibuild.lineup.model import Lineup
from omnibuild.recipe.model import Recipe

BUILD_DIR = "/build"
TOOLS_DIR = f"{BUILD_DIR}/.omnibuild"
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def run_environment(lineup: Lineup) -> dict[str, str]:
    """Return what a component's tests see: the prefix first on PATH, fixed locale and time zone."""
    return {
        "PATH": f"{lineup.prefix}/bin:{_SYSTEM_PATH}",
        "HOME": f"{BUILD_DIR}/home",
        "TMPDIR": f"{BUILD_DIR}/tmp",  # noqa: S108 - a folder of this build alone
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }


def build_environment(
    lineup: Lineup, recipe: Recipe, *, jobs: int, makeflags: str, destdir: str, expand: Callable[[str], str]
) -> dict[str, str]:
    """Return what a component's build commands see.

    The line-up's variables come after ours and the recipe's last, each expanded.
    COMPILER_PATH makes gcc find the linker wrapper that adds the package note (note.py).
    """
    prefix = lineup.prefix
    ours = run_environment(lineup) | {
        "NAME": recipe.name,
        "VERSION": recipe.version,
        "PREFIX": prefix,
        "ROOT": lineup.root,
        "JOBS": str(jobs),
        "DESTDIR": destdir,
        "MAKEFLAGS": makeflags,
        "SOURCE_DATE_EPOCH": str(lineup.source_date_epoch),
        "PKG_CONFIG_LIBDIR": f"{prefix}/lib/pkgconfig:{prefix}/share/pkgconfig",
        "COMPILER_PATH": TOOLS_DIR,
    }
    stated = lineup.environment | recipe.environment
    return ours | {name: expand(value) for name, value in stated.items()}
