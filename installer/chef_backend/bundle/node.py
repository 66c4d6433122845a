"""What a bundle tells of the node: the commands' own words, its settings, what reconfigure wrote, its services."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final

from chef_backend.base.errors import Conflict
from chef_backend.base.paths import Paths
from chef_backend.bundle.item import MIB, Copy, Item, Made, Page, Program
from chef_backend.bundle.settings import document
from chef_backend.config.model import Settings
from chef_backend.reconfigure.recorded import LastSettings
from chef_backend.resources.apply import read_receipt
from chef_backend.resources.host import Host
from chef_backend.resources.receipt import Entry
from chef_backend.roles.node import url

_COMMAND_S: Final = 30.0
_LISTING: Final = "%M %u:%g %s %TY-%Tm-%TdT%TH:%TM %p -> %l\\n"
_DEEPEST: Final = "6"
# In the bundle whether this version has the command or not: other people's programs look for the file.
_WORDS: Final = {
    "chef-backend-ctl-status.txt": ("status",),
    "cluster-status.txt": ("cluster-status",),
    "cluster-status.json": ("cluster-status", "--json"),
}
# In the bundle when this version has the command; the first one that somebody should read comes first.
_MORE_WORDS: Final = {
    "doctor.txt": ("doctor",),
    "health.json": ("health", "--json"),
    "status.json": ("status", "--json"),
    "service-list.txt": ("service-list",),
}
_ETCD: Final = ("health", "version", "v2/members", "metrics")
_LEADERL: Final = ("status", "metrics")
_SEARCH: Final = {
    "health.json": "_cluster/health?pretty",
    "nodes.txt": "_cat/nodes?v",
    "indices.txt": "_cat/indices?v",
    "shards.txt": "_cat/shards?v",
    "stats.json": "_nodes/stats/jvm,os,process,fs,thread_pool?pretty",
}


@dataclass(frozen=True, slots=True)
class Node:
    """The node: `last` are the settings that its services run with, `read` gives those of chef-backend.rb now."""

    host: Host
    paths: Paths
    last: LastSettings
    read: Callable[[], Settings]
    has_command: Callable[[str], bool]

    @property
    def loopback(self) -> str:
        """The address that only this node itself reaches."""
        return "::1" if self.last.text("ip_version", "ipv4") == "ipv6" else "127.0.0.1"


def node(found: Node) -> Iterator[Item]:
    """Yield what is collected of the node, but for its logs and PostgreSQL."""
    yield from _commands(found)
    paths = found.paths
    for manifest in (paths.version_manifest, paths.version_manifest.with_suffix(".txt")):
        yield Copy(f"opt/chef-backend/{manifest.name}", manifest)
    yield Made("settings.json", f"{paths.config}, {paths.running}", lambda: document(found.read, found.last.settings))
    yield Made("receipt.json", str(paths.receipt), lambda: receipt(found.host, paths))
    folders = (paths.etc, paths.data, paths.logs, paths.backups, paths.sv, paths.service)
    argv = ("find", *map(str, folders), "-xdev", "-maxdepth", _DEEPEST, "-printf", _LISTING)
    yield Program("files.txt", argv, limit=2 * MIB)
    yield from _pages(found)
    etcd = url(found.loopback, found.last.number("etcd.client_port", 2379))
    argv = (str(paths.embedded_bin / "etcdctl"), f"--endpoints={etcd}", "endpoint", "status", "--write-out=json")
    yield Program("etcd/endpoint-status.json", argv)


def receipt(host: Host, paths: Paths) -> bytes:
    """Return what reconfigure wrote, without the checksums: those of short passwords could be tried out."""
    try:
        found = read_receipt(host, paths.receipt)
    except Conflict as error:
        return f"{error.message}\n".encode()
    kept = {
        "finished": found.finished,
        "pending": {name: [str(item.effect), item.since, *item.because] for name, item in found.pending.items()},
        "entries": {str(path): [_entry(each) for each in states] for path, states in sorted(found.entries.items())},
    }
    return json.dumps(kept, indent=1).encode() + b"\n"


def _entry(entry: Entry) -> dict[str, Any]:
    found = {"kind": str(entry.kind), "owner": entry.owner, "group": entry.group, "target": entry.target}
    found["mode"] = f"{entry.mode:04o}" if entry.mode else ""
    return {key: value for key, value in found.items() if value}


def _commands(found: Node) -> Iterator[Item]:
    more = {path: words for path, words in _MORE_WORDS.items() if found.has_command(words[0])}
    for path, words in {**more, **_WORDS}.items():
        yield Program(path, (str(found.paths.ctl), *words), within_s=_COMMAND_S)


def _pages(found: Node) -> Iterator[Item]:
    given = ip_address(found.last.text("leaderl.http_address", "0.0.0.0"))  # noqa: S104 - where it listens, by default
    address = found.loopback if given.is_unspecified else str(given)
    etcd = url(found.loopback, found.last.number("etcd.client_port", 2379))
    leaderl = url(address, found.last.number("leaderl.http_port", 7331))
    search = url(found.loopback, found.last.number("elasticsearch.port", 9200))
    for name in _ETCD:
        yield Page(f"etcd/{name.replace('/', '-')}.txt", f"{etcd}/{name}")
    for name in _LEADERL:
        yield Page(f"leaderl/{name}.txt", f"{leaderl}/{name}")
    for path, query in _SEARCH.items():
        yield Page(f"elasticsearch/{path}", f"{search}/{query}")
