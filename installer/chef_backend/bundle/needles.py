"""Every secret that this node knows: what a bundle is searched for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from chef_backend.base.paths import Paths
from chef_backend.base.secret import Secret
from chef_backend.config.masking import is_secret_name
from chef_backend.config.table import ALIASES, TABLE
from chef_backend.reconfigure.recorded import last_settings
from chef_backend.resources.host import Host, Kind
from chef_backend.secrets.model import CLUSTER_NAME, PLACES

# Of a file that is no JSON, whatever may be a value.
_TOKEN: Final = re.compile(rb"[^\s\"',:{}\[\]]{4,}")
_PEM_EDGE: Final = re.compile(rb"-----[A-Z ]+-----")
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
# A setting's name: `etcd.client_port`, or `etcd['client_port']`.
_FIRST: Final = re.compile(r"\s*([\w.]+)((?:\[['\"]\w+['\"]\])*)")
_LEAST: Final = 4
_NAMES: Final = frozenset(name for place in PLACES for name in place)


def needles(host: Host, paths: Paths) -> tuple[Secret, ...]:
    """Return the secrets of the secrets file, of what was made of it, of private keys, and of variables.

    A file that is gone gives none. One that is damaged gives every word of it: too much is masked then, and nothing is
    let through.
    """
    found = [
        *_of_json(host, paths.secrets, every=True),
        *_of_json(host, paths.running, every=False),
        *_of_json(host, paths.leaderl_config, every=False),
        *_of_keys(host, paths),
        *_of_config(host, paths.config),
    ]
    return tuple(dict.fromkeys(Secret(text) for text in found if text))


def _of_json(host: Host, path: Path, *, every: bool) -> Iterator[str]:
    content = _content(host, path)
    try:
        document = json.loads(content)
    except ValueError:
        words = (word.decode(errors="ignore") for word in _TOKEN.findall(content))
        yield from (word for word in words if word not in _NAMES)
    else:
        yield from _values(document, (), every=every)


def _values(value: Any, place: tuple[str, ...], *, every: bool) -> Iterator[str]:  # noqa: ANN401 - JSON
    """Yield the texts of a document: every one, or those that stand under a secret's name."""
    match value:
        case str():
            is_named = place[-2:] in PLACES or any(map(is_secret_name, place[-1:]))
            if (every or is_named) and place[-2:] != CLUSTER_NAME:
                yield value
        case Mapping():
            for key, item in value.items():
                yield from _values(item, (*place, key), every=every)
        case list():
            for item in value:
                yield from _values(item, place, every=every)
        case _:
            return


def _of_keys(host: Host, paths: Paths) -> Iterator[str]:
    """Yield the body of each private key, without its line breaks."""
    settings = last_settings(host, paths)
    folder = paths.root / settings.text("ssl.data_dir", str(paths.ssl)).strip("/")
    own = settings.text("ssl.certificate_key").strip("/")
    keys = [folder / name for name in host.list_folder(folder) if name.endswith(".key")]
    for path in [*keys, *([paths.root / own] if own else [])]:
        yield b"".join(_PEM_EDGE.sub(b"", _content(host, path)).split()).decode(errors="ignore")


def _of_config(host: Host, path: Path) -> Iterator[str]:
    """Yield what stands in quotes in a line with a secret's name, or in a wrong one: messages about it show it."""
    for line in _content(host, path).decode(errors="replace").splitlines():
        found = _FIRST.match(line)
        name = "" if found is None else ".".join([found[1], *re.findall(r"\w+", found[2])])
        if is_secret_name(line) or (name and name not in TABLE and name not in ALIASES):
            quoted = (each[1:-1] for each in _QUOTED.findall(line))
            yield from (text for text in quoted if len(text) >= _LEAST)


def _content(host: Host, path: Path) -> bytes:
    found = host.observe(path)
    if found.kind is Kind.LINK:  # refused elsewhere, but what it leads to is this node's secret all the same
        found = host.observe(path.parent / found.target)
    return found.content if found.kind is Kind.FILE else b""
