"""The secrets file read: every problem at once, never a value in a message."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chef_backend.base.errors import InvalidSecrets
from chef_backend.secrets.model import CLUSTER_NAME, PLACES

Document = dict[str, Any]
_HINT = (
    "copy it again from a node of the cluster; for a new cluster remove it, and create-cluster makes one. "
    'Its form: {"postgresql": {"db_superuser_password": "…", "replication_password": "…"}, '
    '"etcd": {"initial_cluster_token": "…"}, "elasticsearch": {"cluster_name": "…"}}'
)


class _Twice(ValueError):
    """A key occurs twice in one object."""


def parse(content: bytes, source: str) -> Document:
    """Return the document, in which keys of ours may be missing; InvalidSecrets lists all that is wrong."""
    if not content.strip():
        raise InvalidSecrets(f"{source} is empty", hint=_HINT)
    try:
        document = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_object)
    except UnicodeDecodeError:
        raise InvalidSecrets(f"{source} is not UTF-8 text", hint=_HINT) from None
    except json.JSONDecodeError as error:
        # Neither the text around nor the cause: both hold passwords.
        where = f"{source}:{error.lineno}:{error.colno}"
        raise InvalidSecrets(f"{where}: not JSON: {error.msg}", hint=_HINT) from None
    except _Twice as error:
        raise InvalidSecrets(f"{source}: {error}", hint=_HINT) from None
    except RecursionError:
        raise InvalidSecrets(f"{source}: nested too deeply", hint=_HINT) from None
    if not isinstance(document, dict):
        raise InvalidSecrets(f"{source}: an object was expected, not {_named(document)}", hint=_HINT)
    problems = [*_problems(document), *_not_text(document)]
    if problems:
        raise InvalidSecrets("\n".join(f"{source}: {problem}" for problem in problems), hint=_HINT)
    return document


def _object(pairs: list[tuple[str, Any]]) -> Document:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise _Twice(f"{name} is there twice")
    return dict(pairs)


def _problems(document: Mapping[str, Any]) -> Iterator[str]:
    for section in dict.fromkeys(section for section, _ in PLACES):
        if not isinstance(document.get(section, {}), dict):
            yield f"{section}: an object was expected, not {_named(document[section])}"
    for section, key in PLACES:
        values = document.get(section)
        if isinstance(values, dict) and key in values:
            yield from (f"{section}.{key}: {what}" for what in _value_problems((section, key), values[key]))


def _not_text(document: Mapping[str, Any]) -> Iterator[str]:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        yield "it holds half of a character (a lone surrogate)"


def _value_problems(place: tuple[str, str], value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if not isinstance(value, str):
        yield f"a text was expected, not {_named(value)}"
    elif not value.strip():
        yield "it is empty"
    elif any(not char.isprintable() for char in value):
        # A line break would end the line of a passfile; half a surrogate pair is no text.
        yield "it holds a control character or a line break"
    elif place == CLUSTER_NAME and ":" in value:
        yield "Elasticsearch allows no colon in its cluster's name"


def _named(value: object) -> str:
    words = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return words.get(type(value), "a number")
