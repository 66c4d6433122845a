"""What an archive says about itself: format, versions, and size and checksum of each of its files. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from chef_backend.base.errors import InvalidBackup

FORMAT: Final = 1
# The archive's first members, in this order; everything else is below DATABASE.
MANIFEST: Final = "manifest.json"
CONFIG: Final = "chef-backend.rb"
SECRETS: Final = "chef-backend-secrets.json"
DATABASE: Final = "postgresql"
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_OTHER: Final = "use a backup that chef-backend-ctl backup of this software has made"


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where and when a backup was made, and with what: `software` is the package's version, `major` PostgreSQL's."""

    made_at: datetime
    software: str
    postgresql: str
    major: str
    node: str
    address: str
    leader: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """An archive's origin and content; `folders` are all below DATABASE, that itself among them."""

    origin: Origin
    members: Mapping[str, Member]
    folders: tuple[str, ...]

    @property
    def size(self) -> int:
        """The bytes of all files when they are unpacked."""
        return sum(member.size for member in self.members.values())


def render(manifest: Manifest) -> bytes:
    """Write a manifest, the same bytes for the same one."""
    origin = manifest.origin
    document = {
        "format": FORMAT,
        **asdict(origin),
        "made_at": origin.made_at.astimezone(UTC).strftime(_TIME),
        "members": {name: asdict(member) for name, member in manifest.members.items()},
        "folders": list(manifest.folders),
    }
    return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"


def parse(content: bytes, source: str) -> Manifest:
    """Read a manifest of the archive `source`; InvalidBackup when it is none, or names what may not be unpacked."""
    try:
        document = json.loads(content)
        found = document["format"]
        if found != FORMAT:
            raise InvalidBackup(
                f"{source} has format {found}, and this version reads format {FORMAT}",
                hint="restore it with the version of chef-backend that made it, or a newer one",
            )
        manifest = _manifest(document)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{source}: its {MANIFEST} is damaged: {type(error).__name__}: {error}"
        raise InvalidBackup(message, hint=_OTHER) from None
    problems = list(_problems(manifest))
    if problems:
        raise InvalidBackup("\n".join(f"{source}: {problem}" for problem in problems[:10]), hint=_OTHER)
    return manifest


def _manifest(document: Any) -> Manifest:  # noqa: ANN401 - JSON, which becomes typed here
    origin = Origin(
        made_at=datetime.strptime(document["made_at"], _TIME).replace(tzinfo=UTC),
        leader=bool(document["leader"]),
        **{name: str(document[name]) for name in ("software", "postgresql", "major", "node", "address")},
    )
    members = {name: Member(int(item["size"]), str(item["sha256"])) for name, item in document["members"].items()}
    return Manifest(origin, members, tuple(map(str, document["folders"])))


def _problems(manifest: Manifest) -> Iterator[str]:
    for name in (CONFIG, SECRETS, f"{DATABASE}/PG_VERSION"):
        if name not in manifest.members:
            yield f"{name} is not in it"
    for name, member in manifest.members.items():
        if not is_safe(name) or (name not in {CONFIG, SECRETS} and not name.startswith(f"{DATABASE}/")):
            yield f"{name!r} may not be in a backup"
        elif member.size < 0 or not _SHA256.fullmatch(member.sha256):
            yield f"{name}: its size or its checksum is none"
    for name in manifest.folders:
        if not is_safe(name) or name.partition("/")[0] != DATABASE:
            yield f"the folder {name!r} may not be in a backup"


def is_safe(name: str) -> bool:
    """Tell whether a name leads below the folder that it is unpacked to, and nowhere else."""
    return name.isprintable() and all(part not in {"", ".", ".."} for part in name.split("/"))
