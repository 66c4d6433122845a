"""The leader record in etcd: read, and changed by compare-and-swap only."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Final

from chef_backend.base.clock import Clock
from chef_backend.base.errors import Conflict
from chef_backend.etcd.model import Etcd, EtcdUnavailable, Value
from chef_backend.leader.model import NOBODY, Held, Record, Stored

KEY: Final = "cb/leader"
FORMAT: Final = 1


def parse(value: Value | None) -> Stored:
    """Return what the key holds; Conflict when it is no record of ours."""
    if value is None:
        return NOBODY
    try:
        document = json.loads(value.data)
        record = Record(
            leader=str(document["leader"]),
            epoch=int(document["epoch"]),
            name=str(document["name"]),
            ip=str(document["ip"]),
            released=bool(document["released"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Conflict(
            f"etcd's key {KEY} holds no leader record: {type(error).__name__}: {error}",
            hint=f"see who wrote it: etcdctl get {KEY}",
        ) from None
    if document.get("format") != FORMAT:
        raise Conflict(f"etcd's key {KEY} has format {document.get('format')}, this version knows {FORMAT}")
    return Stored(record, value.revision)


class RecordKeeper:
    """Changes the record for one node; `clock` gives the deadlines."""

    def __init__(self, etcd: Etcd, clock: Clock, me: Record, ttl_s: float) -> None:
        self._etcd = etcd
        self._clock = clock
        self._me = me
        self._ttl_s = ttl_s

    def read(self) -> tuple[Stored, int]:
        """Return the record and how many members etcd's cluster has; EtcdUnavailable, Conflict."""
        return parse(self._etcd.get(KEY)), len(self._etcd.members())

    def campaign(self, stored: Stored, epoch: int) -> Held | None:
        """Take the record with a new epoch if it is still the one seen; None when it is not, or nobody knows."""
        return self._write(replace(self._me, epoch=epoch), stored.revision)

    def renew(self, held: Held) -> Held | None:
        """Write the record again; None when it is another's by now, or nobody knows: `read` tells which."""
        return self._write(replace(self._me, epoch=held.epoch), held.revision)

    def release(self, held: Held) -> bool:
        """Leave the record free for anybody; False when it is not ours any more, or nobody knows."""
        return self._write(replace(self._me, epoch=held.epoch, released=True), held.revision) is not None

    def _write(self, record: Record, expected: int) -> Held | None:
        # Before sending: however late the answer comes, others count from a later moment than this.
        deadline = self._clock.monotonic() + self._ttl_s
        data = json.dumps({"format": FORMAT, **asdict(record)}, sort_keys=True).encode()
        try:
            swap = self._etcd.swap(KEY, data, expected=expected)
        except EtcdUnavailable:
            return None
        return Held(swap.current.revision, record.epoch, deadline) if swap.won and swap.current else None
