"""omnibuild run by an ordinary user without any right, wherever this Python and what it reads lie."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import omnibuild

USER = 65534
_SITE = Path(omnibuild.__file__).parent.parent


def give(folder: Path) -> None:
    """Make the ordinary user the owner of a folder and all that is in it."""
    subprocess.run(["chown", "-R", f"{USER}:{USER}", str(folder)], check=True)


def as_nobody(
    place: Path,
    arguments: Sequence[str],
    *,
    around: Iterable[str] = (),
    show: Mapping[str, Path] | None = None,
    cwd: Path | None = None,
    timeout_s: int = 180,
) -> subprocess.CompletedProcess[str]:
    """Run omnibuild with HOME and temporary files in ``place``, which the user owns and can reach.

    What may lie where only root can look (this Python, and the folders in ``show``) is seen below
    ``place`` under other names, in mounts of the process's own. ``around`` is a command that runs it.
    The host has another name there.
    """
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    shown = {"python": sys.base_prefix, "packages": packages, "programs": Path(sys.executable).parent, "site": _SITE}
    shown |= show or {}
    for name in shown:
        (place / name).mkdir(exist_ok=True)
    mounts = "\n".join(f"mount --bind {shlex.quote(str(path))} {place}/{name}" for name, path in shown.items())
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    start = (
        f"import sys; sys.path += ['{place}/site', '{place}/packages']; from omnibuild.cli import run; sys.exit(run())"
    )
    python = [f"{place}/python/bin/python{version}", "-c", start]
    script = f'{mounts}\nhostname omega\nexec setpriv --reuid={USER} --regid={USER} --clear-groups "$@"'
    environment = {"PATH": f"{os.defpath}:/usr/sbin:/sbin:{place}/programs", "HOME": str(place)}
    return subprocess.run(
        ["unshare", "--mount", "--uts", "sh", "-euc", script, "sh", *around, *python, *arguments],
        cwd=cwd or place,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
        capture_output=True,
        text=True,
        timeout=timeout_s,
    )
