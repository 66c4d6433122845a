"""Writes THIRD-PARTY-LICENSES: the licence files of every package that is installed beside ours."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

NAMES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")


def of_wheel(wheel: Path) -> Iterator[tuple[str, str]]:
    """Yield the path and text of each licence file in a wheel's metadata."""
    with zipfile.ZipFile(wheel) as archive:
        for member in sorted(archive.namelist()):
            folder, _, name = member.rpartition("/")
            if ".dist-info" in folder and name.upper().startswith(NAMES):
                yield member, archive.read(member).decode()


def main() -> None:
    """Collect from wheels/ and the unpacked source; a wheel without a licence file is an error."""
    found = [("markupsafe/LICENSE.txt", Path("markupsafe/LICENSE.txt").read_text(encoding="utf-8"))]
    for wheel in sorted(Path("wheels").glob("*.whl")):
        texts = list(of_wheel(wheel))
        if not texts:
            message = f"{wheel} holds no licence file: add its licence to this recipe by hand"
            raise SystemExit(message)
        found += texts
    parts = (f"==== {path} ====\n\n{text.rstrip()}\n\n" for path, text in found)
    Path("THIRD-PARTY-LICENSES").write_text("".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
