"""What a node was last configured with, as far as it can be read."""

from __future__ import annotations

import pytest

from chef_backend.base.paths import Paths
from chef_backend.reconfigure.recorded import last_settings
from chef_backend.resources.fake import FakeHost
from chef_backend.resources.host import Kind, Observed


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"chef-backend": []}',
        b'{"chef-backend": {"etcd": {"client_port": "x"}, "ssl": {"data_dir": 7}}}',
        b'{"chef-backend": {"etcd": {"client_port": true}, "ssl": {"data_dir": null}}}',
    ],
    ids=str,
)
def test_what_is_missing_or_damaged_is_the_default(content: bytes) -> None:
    """What must work on a broken node does not end with it."""
    host = FakeHost()
    if content:
        host.add(Paths().running, Observed(Kind.FILE, content=content))
    last = last_settings(host, Paths())
    assert last.number("etcd.client_port", 2379) == 2379
    assert last.text("ssl.data_dir", "/ssl") == "/ssl"


def test_what_was_recorded_is_found() -> None:
    """By its name, with dots."""
    host = FakeHost()
    content = b'{"chef-backend": {"etcd": {"client_port": 7}, "ssl": {"data_dir": "/x"}}}'
    host.add(Paths().running, Observed(Kind.FILE, content=content))
    last = last_settings(host, Paths())
    assert (last.number("etcd.client_port", 1), last.text("ssl.data_dir")) == (7, "/x")
