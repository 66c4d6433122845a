"""A gzipped tar in memory, each member only root's, and the last look at it."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from datetime import datetime

from chef_backend.bundle.scan import Scan


class Archive:
    """Files under one folder, in the order in which they are added."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._bytes = io.BytesIO()
        self._tar = tarfile.open(fileobj=self._bytes, mode="w:gz", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - `finish`

    def add(self, path: str, content: bytes, at: datetime) -> None:
        """Add a file."""
        entry = tarfile.TarInfo(f"{self._folder}/{path}")
        entry.size, entry.mtime, entry.mode = len(content), int(at.timestamp()), 0o600
        self._tar.addfile(entry, io.BytesIO(content))

    def finish(self) -> bytes:
        """Return the whole archive; nothing can be added any more."""
        self._tar.close()
        return self._bytes.getvalue()


def leaks(archive: bytes, scan: Scan) -> Iterator[str]:
    """Yield the members of a finished archive that hold a secret, in their content or their name."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        for number, member in enumerate(tar, 1):
            content = tar.extractfile(member)
            if scan.finds(member.name.rpartition("/")[2].encode()):
                yield f"member {number}"
            elif content is None or scan.finds(content.read()):
                yield member.name
