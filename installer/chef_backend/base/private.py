"""A file that only its writer can read, at a place that an operator names."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from chef_backend.base.atomic import translated, write_file
from chef_backend.base.errors import UnsafePath
from chef_backend.base.folders import Access, opened_parent


def write_private(path: Path, content: bytes) -> None:
    """Make or replace the regular file `path`, mode 0600 from its first byte.

    UnsafePath where anything else is, such as a link or /dev/stdout; else what `write_file` raises.
    """
    with translated(path), opened_parent(path) as folder:
        try:
            found = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            pass
        else:
            if not stat.S_ISREG(found.st_mode):
                raise UnsafePath(f"{path} is there, and no file: nothing was written", hint=f"see: ls -ld {path}")
    write_file(path, content, Access(os.geteuid(), os.getegid(), 0o600))
