"""The secrets file's content, in the form that every node of a cluster shares."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chef_backend.base.secret import Secret

# Where each value is in the file, and what it is.
DB_SUPERUSER_PASSWORD = ("postgresql", "db_superuser_password")
REPLICATION_PASSWORD = ("postgresql", "replication_password")
INITIAL_CLUSTER_TOKEN = ("etcd", "initial_cluster_token")
CLUSTER_NAME = ("elasticsearch", "cluster_name")
PLACES = (DB_SUPERUSER_PASSWORD, REPLICATION_PASSWORD, INITIAL_CLUSTER_TOKEN, CLUSTER_NAME)


@dataclass(frozen=True, slots=True)
class Secrets:
    """All secrets of a cluster; `document` is the whole file, with keys that are not ours kept in their order."""

    db_superuser_password: Secret
    replication_password: Secret
    initial_cluster_token: Secret
    cluster_name: str
    document: Secret = field(compare=False)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Secrets:
        """Take the values from a complete document."""
        superuser, replication, token, name = (document[section][key] for section, key in PLACES)
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        return cls(Secret(superuser), Secret(replication), Secret(token), name, Secret(text))

    def every(self) -> tuple[Secret, ...]:
        """Return each value that must never be shown, those under unknown keys too."""
        texts = _texts(json.loads(self.document.reveal()), ())
        return tuple(dict.fromkeys(Secret(text) for place, text in texts if place != CLUSTER_NAME and text))


def _texts(value: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, (*place, key))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, place)
