"""Whether dist/ is still what the last run left there, judged by its report."""

from __future__ import annotations

import json
from pathlib import Path

FORMAT = 1
REPORT_JSON = "build-report.json"


def unchanged(output: Path, key: str) -> tuple[Path, ...] | None:
    """Return the files of the last run if they were made for this key and nobody touched them.

    Touched is judged by size and time, as make does.
    """
    try:
        document = json.loads((output / REPORT_JSON).read_bytes())
        if document["format"] != FORMAT or document["key"] != key:
            return None
        files = {output / name: recorded for name, recorded in document["files"].items()}
        return tuple(files) if all(stamp(path) == recorded for path, recorded in files.items()) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def stamp(path: Path) -> list[int]:
    """Return a file's size and time of change."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]
