"""The documents that Debian wants in a package: copyright, changelog, lintian overrides."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

from omnibuild.errors import InvalidInput
from omnibuild.lineup.model import Lineup
from omnibuild.packaging.contents import Content, ContentKind, Format

_TOP = re.compile(r"^(?P<name>[a-z0-9][a-z0-9+.-]*) \((?P<version>[^()]+)\) ")
_COPYRIGHT = re.compile(r"^\W*(?:\(c\)|©|copyright\b).{0,12}(?:19|20)\d\d.*$", re.IGNORECASE)
_FORMAT = "https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"

# Licences whose full text each Debian system has, by the start of their SPDX ids.
_COMMON = {
    "Apache-2.0": "Apache-2.0",
    "GPL-2.0": "GPL-2",
    "GPL-3.0": "GPL-3",
    "LGPL-2.0": "LGPL-2",
    "LGPL-2.1": "LGPL-2.1",
    "LGPL-3.0": "LGPL-3",
    "MPL-2.0": "MPL-2.0",
}


@dataclass(frozen=True, slots=True)
class Licensed:
    """A component as the copyright file names it.

    ``license`` is its SPDX expression, ``texts`` the installed paths of its licence files,
    ``notices`` the copyright lines found in them.
    """

    name: str
    version: str
    license: str
    homepage: str
    texts: tuple[str, ...]
    notices: tuple[str, ...] = ()


def notices_of(text: str, *, most: int = 20) -> tuple[str, ...]:
    """Return the distinct copyright lines of a licence file, in its order, without decoration."""
    lines = (line.strip(" \t#*/;-") for line in text.splitlines() if _COPYRIGHT.match(line))
    return tuple(dict.fromkeys(" ".join(line.split()) for line in lines))[:most]


def copyright_text(lineup: Lineup, components: Iterable[Licensed]) -> str:
    """Return the package's machine-readable copyright file (DEP-5), one paragraph a component."""
    package = lineup.package
    ordered = sorted(components, key=lambda item: item.name)
    head = [
        f"Format: {_FORMAT}",
        f"Upstream-Name: {lineup.name}",
        f"Upstream-Contact: {package.maintainer}",
        f"Source: {package.homepage}",
        "",
        "Files: *",
        f"Copyright: {package.vendor}",
        f"License: {package.license}",
    ]
    licenses = sorted({package.license, *(item.license for item in ordered)})
    paragraphs = ["\n".join(head), *(_component(item) for item in ordered)]
    paragraphs += [_license(name, lineup.root, ordered) for name in licenses]
    return "\n\n".join(paragraphs) + "\n"


def changelog_text(lineup: Lineup, written: str | None = None) -> str:
    """Return the Debian changelog: the written one, or a single entry for this version.

    Raises InvalidInput if the written one does not start with this version.
    """
    package = lineup.package
    version = f"{lineup.version}-{package.release}"
    if written is None:
        date = format_datetime(datetime.fromtimestamp(lineup.source_date_epoch, UTC))
        return (
            f"{lineup.name} ({version}) stable; urgency=medium\n\n"
            f"  * Release {version}.\n\n -- {package.maintainer}  {date}\n"
        )
    match = _TOP.match(written)
    found = f"{match['name']} ({match['version']})" if match else written.partition("\n")[0]
    wanted = f"{lineup.name} ({version})"
    if found != wanted:
        raise InvalidInput(
            f"{package.changelog}: starts with {found!r}, expected {wanted!r}",
            hint="add an entry for this version, newest first, in Debian's format (deb-changelog(5))",
        )
    return written


def documents(lineup: Lineup, components: Iterable[Licensed], repository: Path, work: Path) -> tuple[Content, ...]:
    """Write Debian's documents into the folder ``work`` and return them as contents of the deb."""
    package = lineup.package
    written = (repository / package.changelog).read_text() if package.changelog else None
    folder = f"/usr/share/doc/{lineup.name}"
    files = {
        f"{folder}/copyright": copyright_text(lineup, components).encode(),
        f"{folder}/changelog.Debian.gz": gzip.compress(changelog_text(lineup, written).encode(), 9, mtime=0),
    }
    if package.lintian_overrides:
        files[f"/usr/share/lintian/overrides/{lineup.name}"] = (repository / package.lintian_overrides).read_bytes()
    return tuple(_written(path, data, work) for path, data in files.items())


def _written(path: str, data: bytes, work: Path) -> Content:
    source = work.absolute() / path.strip("/").replace("/", "-")
    source.write_bytes(data)
    digest = sha256(data).hexdigest()
    return Content(path, ContentKind.FILE, 0o644, source=source, sha256=digest, size=len(data), only=Format.DEB)


def _component(item: Licensed) -> str:
    notices = item.notices or (f"the authors of {item.name}, as its licence files say",)
    files = [text.lstrip("/") for text in item.texts] or [f"{item.name}/*"]
    return "\n".join(
        [
            "Files: " + "\n ".join(files),
            "Copyright: " + "\n ".join(notices),
            f"License: {item.license}",
            f"Comment: {item.name} {item.version}, {item.homepage}",
        ]
    )


def _license(name: str, root: str, components: list[Licensed]) -> str:
    lines = [f"License: {name}"]
    common = [path for spdx, path in _COMMON.items() if name.removesuffix("-only").removesuffix("-or-later") == spdx]
    lines += [f" On Debian systems the full text is in /usr/share/common-licenses/{path}." for path in common]
    texts = sorted(text for item in components if item.license == name for text in item.texts)
    if texts:
        lines.append(" The licence texts, as their components bring them, are installed as")
        lines += [f" {text}" for text in texts]
    elif not common:
        lines.append(f" The licence texts are installed in {root}/LICENSES.")
    return "\n".join(lines)
