"""Finds Debian's mirror and its keyrings among the apt sources of this host."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_DEBIAN_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_SECURITY = "-security"
_SEPARATORS = 3


@dataclass(frozen=True, slots=True)
class Mirror:
    """An archive's address, and where the host's sources state it (``file:number``, or empty)."""

    uri: str
    entry: str


@dataclass(frozen=True, slots=True)
class Target:
    """One index of the host's apt; the label is empty while its lists were never fetched."""

    label: str
    uri: str
    release: str
    entry: str


def parse_targets(printed: str) -> list[Target]:
    """Read ``apt-get indextargets`` lines of ``label|uri|release|entry``."""
    rows = (line.split("|") for line in printed.splitlines() if line.count("|") == _SEPARATORS)
    return [Target(*("" if field.startswith("$(") else field for field in row)) for row in rows]


def find_mirror(targets: Iterable[Target], suite: str, *, os_release: str) -> Mirror | None:
    """Return the mirror whose archive holds the suite: Debian's, or Debian-Security's for ``*-security``.

    Known by the Release file's label; on a Debian host without lists, by the release's own
    code name.
    """
    wanted = "Debian-Security" if suite.endswith(_SECURITY) else "Debian"
    own = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', os_release, re.MULTILINE))
    codename = own.get("VERSION_CODENAME", "") if own.get("ID") == "debian" else ""
    release = f"{codename}{_SECURITY}" if suite.endswith(_SECURITY) else codename
    for target in targets:
        if target.label == wanted or (not target.label and codename and target.release == release):
            return Mirror(target.uri, target.entry)
    return None


def keyrings(mirror: Mirror) -> list[str]:
    """Return the files with the keys the mirror is signed by: the entry's own, and Debian's of all releases."""
    found = signed_by(mirror.entry)
    if _DEBIAN_KEYRING.exists() and str(_DEBIAN_KEYRING) not in found:
        found.append(str(_DEBIAN_KEYRING))
    return found


def signed_by(entry: str) -> list[str]:
    """Return the keyrings that a sources entry (``file:number``) states; keys inside the entry do not count."""
    name, _, number = entry.rpartition(":")
    file = Path(name)
    if not number.isdecimal() or not file.is_file():
        return []
    text = file.read_text(encoding="utf-8", errors="replace")
    units = _stanzas(text) if file.suffix == ".sources" else text.splitlines()
    unit = units[int(number) - 1] if 0 < int(number) <= len(units) else ""
    match = re.search(r"(?im)(?:^signed-by:|signed-by=)\s*([^\]\n]*?)(?:\s*$|\]|\s+\w+=)", unit)
    return [part for part in re.split(r"[\s,]+", match[1]) if part.startswith("/")] if match else []


def _stanzas(text: str) -> list[str]:
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    return [stanza for stanza in re.split(r"\n\s*\n", lines) if stanza.strip()]
