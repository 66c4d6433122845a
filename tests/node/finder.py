"""Runs on a host during a test: prints, as JSON, where each secret of the node's secrets file can be read.

usage: python3 finder.py SECRETS TREE...
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# What the package holds was there before any secret; the kernel's own file systems are no files.
_SKIPPED = frozenset({"/opt/chef-backend/embedded", "/proc", "/sys", "/dev", "/packages"})


def main(secrets: Path, trees: list[str]) -> None:
    """Print a list of places for each name of a secret."""
    document = json.loads(secrets.read_text(encoding="utf-8"))
    values = {
        f"{section}.{key}": value.encode()
        for section, keys in document.items()
        for key, value in keys.items()
        if key != "cluster_name"
    }
    found: dict[str, list[str]] = {name: [] for name in values}
    for place, content in _contents(trees):
        for name, value in values.items():
            if value in content:
                found[name].append(place)
    json.dump(found, sys.stdout)


def _contents(trees: list[str]) -> Iterator[tuple[str, bytes]]:
    yield "the journal", subprocess.run(["journalctl", "--no-pager"], capture_output=True, check=True).stdout
    for tree in trees:
        for folder, folders, files in os.walk(tree):
            folders[:] = [name for name in folders if os.path.join(folder, name) not in _SKIPPED]  # noqa: PTH118
            for path in (Path(folder, name) for name in sorted(files)):
                with suppress(OSError):
                    if stat.S_ISREG(path.lstat().st_mode):
                        yield str(path), path.read_bytes()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
