"""The real etcd, by the JSON gateway of its v3 interface: https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import requests

from chef_backend.etcd.model import EtcdUnavailable, Member, Swap, Value

_TIMEOUT_S = 3.0


class HttpEtcd:
    """Asks the endpoints (such as http://10.0.0.5:2379) in order, until one answers. Not for several threads at once.

    A write that got no answer may have been done all the same: it is never sent again to another endpoint.
    """

    def __init__(self, endpoints: Sequence[str], timeout_s: float = _TIMEOUT_S) -> None:
        self._endpoints = [endpoint.rstrip("/") for endpoint in endpoints]
        self._timeout_s = timeout_s
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy of the environment is not for this node's own services

    def get(self, key: str) -> Value | None:
        """See Etcd."""
        found = _values(self._read("/v3/kv/range", {"key": _encoded(key)}))
        return found.get(key)

    def get_all(self, prefix: str) -> Mapping[str, Value]:
        """See Etcd."""
        request = {"key": _encoded(prefix), "range_end": b64encode(_after(prefix)).decode(), "sort_target": "KEY"}
        return _values(self._read("/v3/kv/range", request))

    def put(self, key: str, data: bytes) -> int:
        """See Etcd."""
        answer = self._write("/v3/kv/put", {"key": _encoded(key), "value": b64encode(data).decode()})
        return int(answer["header"]["revision"])

    def swap(self, key: str, data: bytes, *, expected: int) -> Swap:
        """See Etcd."""
        put = {"request_put": {"key": _encoded(key), "value": b64encode(data).decode()}}
        answer = self._if_unchanged(key, expected, put)
        if answer.get("succeeded"):
            return Swap(won=True, current=Value(data, int(answer["header"]["revision"])))
        return Swap(won=False, current=_values(answer["responses"][0]["response_range"]).get(key))

    def delete(self, key: str, *, expected: int) -> bool:
        """See Etcd."""
        return bool(
            self._if_unchanged(key, expected, {"request_delete_range": {"key": _encoded(key)}}).get("succeeded")
        )

    def members(self) -> tuple[Member, ...]:
        """See Etcd."""
        found = self._read("/v3/cluster/member/list", {"linearizable": True})
        return tuple(sorted(map(_member, found.get("members", ())), key=lambda member: member.name))

    def is_healthy(self) -> bool:
        """See Etcd."""
        try:
            return str(self._call("GET", self._endpoints[0] + "/health", None).get("health")) == "true"
        except EtcdUnavailable:
            return False

    def version(self) -> str:
        """See Etcd."""
        return str(self._call("GET", self._endpoints[0] + "/version", None)["etcdserver"])

    def _if_unchanged(self, key: str, expected: int, then: Mapping[str, Any]) -> dict[str, Any]:
        request = {
            "compare": [{"key": _encoded(key), "target": "MOD", "result": "EQUAL", "mod_revision": str(expected)}],
            "success": [then],
            "failure": [{"request_range": {"key": _encoded(key)}}],
        }
        return self._write("/v3/kv/txn", request)

    def _read(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        errors = []
        for endpoint in self._endpoints:
            try:
                return self._call("POST", endpoint + path, body)
            except EtcdUnavailable as error:
                errors.append(error.message)
        raise EtcdUnavailable("; ".join(errors), hint="look at `chef-backend-ctl status etcd` and etcd's log")

    def _write(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        errors = []
        for endpoint in self._endpoints:
            try:
                return self._call("POST", endpoint + path, body)
            except _NotSent as error:
                errors.append(error.message)
        raise EtcdUnavailable("; ".join(errors), hint="look at `chef-backend-ctl status etcd` and etcd's log")

    def _call(self, method: str, url: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        try:
            answer = self._session.request(method, url, json=body, timeout=self._timeout_s, allow_redirects=False)
        except requests.ConnectionError as error:
            is_refused = isinstance(error, requests.ConnectTimeout) or "refused" in str(error)
            raise (_NotSent if is_refused else EtcdUnavailable)(f"{url}: no connection") from None
        except requests.Timeout:
            raise EtcdUnavailable(f"{url}: no answer in time") from None
        except requests.RequestException as error:
            raise EtcdUnavailable(f"{url}: {type(error).__name__}") from None
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not answer.ok or not isinstance(found, dict):
            said = found.get("message") or found.get("error") if isinstance(found, dict) else "no JSON in the answer"
            raise EtcdUnavailable(f"{url}: HTTP {answer.status_code}: {said}")
        return found


class _NotSent(EtcdUnavailable):
    """Nothing listens there, so nothing was done."""


def _encoded(key: str) -> str:
    return b64encode(key.encode()).decode()


def _after(prefix: str) -> bytes:
    """Return the first key after all that begin with the prefix."""
    raw = prefix.encode()
    return raw[:-1] + bytes([raw[-1] + 1])


def _values(answer: Mapping[str, Any]) -> dict[str, Value]:
    return {
        b64decode(item["key"]).decode(): Value(b64decode(item.get("value", "")), int(item["mod_revision"]))
        for item in answer.get("kvs", ())
    }


def _member(item: Mapping[str, Any]) -> Member:
    return Member(
        id=int(item["ID"]),
        name=str(item.get("name", "")),
        peer_urls=tuple(item.get("peerURLs", ())),
        client_urls=tuple(item.get("clientURLs", ())),
        learner=bool(item.get("isLearner")),
    )
