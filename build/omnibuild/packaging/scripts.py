"""Maintainer scripts, checked before they are packaged: one file serves deb and rpm alike."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from omnibuild.errors import InvalidInput

# dpkg runs the file; rpm runs its text by /bin/sh whatever the first line says.
SHEBANG = b"#!/bin/sh\n"
_STOPS = re.compile(rb"^\s*set\s+-[a-z]*e", re.MULTILINE)
# rpm tells a script neither version, and dpkg tells the new one to some of them only.
VERSION = b"@VERSION@"


def rendered(script: Path, version: str) -> bytes:
    """Return a script's text with the package's own ``version-release`` in place of ``@VERSION@``."""
    return script.read_bytes().replace(VERSION, version.encode())


def check_scripts(scripts: Mapping[str, Path]) -> None:
    """Raise InvalidInput that lists each script that is missing, not for /bin/sh, or not parsed by it."""
    problems = [f"{hook}: {fault}" for hook, path in sorted(scripts.items()) if (fault := _fault(path))]
    if problems:
        raise InvalidInput(
            "package.scripts:\n  " + "\n  ".join(problems),
            hint="a maintainer script is a POSIX shell script that starts with '#!/bin/sh' and says 'set -e'",
        )


def _fault(path: Path) -> str:
    if not path.is_file():
        return f"{path} does not exist"
    text = path.read_bytes()
    if not text.startswith(SHEBANG):
        return f"{path} does not start with '#!/bin/sh'"
    if not _STOPS.search(text):
        return f"{path} does not say 'set -e', so a failing command would go unnoticed"
    parsed = subprocess.run(
        ["/bin/sh", "-n", str(path)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False
    )
    return parsed.stderr.strip() if parsed.returncode else ""
