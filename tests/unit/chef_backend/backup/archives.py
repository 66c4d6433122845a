"""Archives for tests: good ones, and what an attacker or a bad disk makes of them."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from chef_backend.backup.archive import write
from chef_backend.backup.manifest import CONFIG, DATABASE, SECRETS, Manifest, Member, Origin, render

ORIGIN = Origin(
    made_at=datetime(2026, 9, 6, 11, 1, 49, tzinfo=UTC),
    software="3.2.0",
    postgresql="15.18",
    major="15",
    node="be1",
    address="10.0.2.15",
    leader=True,
)
DOCUMENT = {
    "postgresql": {"db_superuser_password": "super-pass", "replication_password": "repl-pass"},
    "etcd": {"initial_cluster_token": "cluster-token"},
    "elasticsearch": {"cluster_name": "ChefBackend-00112233"},
}
CONTENT: dict[str, bytes] = {
    CONFIG: b"publish_address '10.0.2.15'\n",
    SECRETS: json.dumps(DOCUMENT).encode(),
    "postgresql/PG_VERSION": b"15\n",
    "postgresql/base/1/1259": b"rows" * 1000,
    "postgresql/postgresql.conf": b"port = 5432\n",
}
FOLDERS = ("postgresql", "postgresql/base", "postgresql/base/1", "postgresql/pg_notify")


def member(content: bytes) -> Member:
    return Member(len(content), sha256(content).hexdigest())


def manifest(content: dict[str, bytes] | None = None, **changes: Any) -> Manifest:
    members = {name: member(data) for name, data in (content or CONTENT).items()}
    return Manifest(**{"origin": ORIGIN, "members": members, "folders": FOLDERS, **changes})


def archive(content: dict[str, bytes] | None = None, told: Manifest | None = None) -> bytes:
    """An archive of this content, whose manifest may tell something else."""
    content = content or CONTENT
    target = io.BytesIO()

    def opened(name: str) -> AbstractContextManager[io.BytesIO]:
        return nullcontext(io.BytesIO(content[name]))

    write(target, told or manifest(content), opened, lambda _count: None)
    return target.getvalue()


def raw(*entries: tuple[tarfile.TarInfo, bytes], told: Manifest | None = None) -> bytes:
    """An archive of the usual head, then these entries."""
    told = told or manifest()
    target = io.BytesIO()
    with gzip.GzipFile("", "wb", 1, target) as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        head = {"manifest.json": render(told), CONFIG: CONTENT[CONFIG], SECRETS: CONTENT[SECRETS]}
        for info, data in [*((entry(name, data), data) for name, data in head.items()), *entries]:
            tar.addfile(info, io.BytesIO(data))
    return target.getvalue()


def entry(name: str, data: bytes = b"", *, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, len(data), link
    return info


def database() -> list[tuple[tarfile.TarInfo, bytes]]:
    """The entries of the database."""
    return [(entry(name, data), data) for name, data in CONTENT.items() if name.startswith(f"{DATABASE}/")]
