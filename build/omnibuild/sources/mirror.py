"""``--mirror-dir``: a folder that serves any source by its sha256, whatever its locations are.

``DIR/<sha256>``, ``DIR/<sha256>/<any name>`` (the layout of our own cache), or any file that
``DIR/SHA256SUMS`` lists; hidden files may be unfinished. What is found is hashed like any download.
"""

from __future__ import annotations

import re
from pathlib import Path

_LINE = re.compile(r"^\\?([0-9a-fA-F]{64}) [ *](.+)$", re.MULTILINE)


def find_in_mirror(mirror: Path, sha256: str) -> Path | None:
    """Return the file that the folder offers for this sha256."""
    direct = mirror / sha256
    if direct.is_file():
        return direct
    inside = sorted(path for path in direct.glob("[!.]*") if path.is_file()) if direct.is_dir() else []
    return inside[0] if inside else _listed(mirror, sha256)


def _listed(mirror: Path, sha256: str) -> Path | None:
    sums = mirror / "SHA256SUMS"
    if not sums.is_file():
        return None
    for line in _LINE.finditer(sums.read_text(encoding="utf-8", errors="surrogateescape")):
        digest, name = line.groups()
        file: Path = mirror / name
        if digest.lower() == sha256 and ".." not in Path(name).parts and file.is_file():
            return file
    return None
