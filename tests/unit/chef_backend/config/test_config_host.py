from __future__ import annotations

from pathlib import Path

import pytest

from chef_backend.base.errors import ChefBackendError
from chef_backend.config.facts import HostFacts
from chef_backend.config.host import local_v4, local_v6, read_host

FIB_TRIE = """\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.0.2.0/24 2 0 2
        |-- 10.0.2.0
           /24 link UNICAST
        |-- 10.0.2.15
           /32 host LOCAL
        |-- 10.0.2.255
           /32 link BROADCAST
     |-- 127.0.0.1
        /32 host LOCAL
Local:
        |-- 10.0.2.15
           /32 host LOCAL
"""
IF_INET6 = """\
00000000000000000000000000000001 01 80 10 80       lo
20010db8000000000000000000000015 02 40 00 80     eth0
"""


def test_local_addresses() -> None:
    """Each address of the node once; networks and broadcast addresses are none."""
    assert local_v4(FIB_TRIE) == ("10.0.2.15", "127.0.0.1")
    assert local_v6(IF_INET6) == ("::1", "2001:db8::15")
    assert local_v6("") == ()


def test_this_host() -> None:
    """The machine that runs the tests has memory, a processor, a name and its own loopback address."""
    facts = read_host("15")
    assert facts.memory_mb > 100
    assert facts.cpu_count >= 1
    assert facts.fqdn
    assert "127.0.0.1" in facts.addresses


def test_a_host_as_described(tmp_path: Path) -> None:
    """Memory is in kB of 1024; a kernel without IPv6 has no such addresses."""
    (tmp_path / "net").mkdir()
    (tmp_path / "meminfo").write_text("MemTotal:        1015808 kB\nMemFree: 1 kB\n")
    (tmp_path / "net/fib_trie").write_text(FIB_TRIE)
    facts = read_host("15", tmp_path)
    assert facts.memory_mb == 992
    assert set(facts.addresses) == {"10.0.2.15", "127.0.0.1"}


def test_a_host_without_memory(tmp_path: Path) -> None:
    """An odd /proc is an error of its own, not a traceback."""
    (tmp_path / "meminfo").write_text("nothing\n")
    with pytest.raises(ChefBackendError, match="how much memory"):
        read_host("15", tmp_path)


def test_first_address() -> None:
    """The first address that leads outside is taken: neither loopback nor link-local."""
    facts = HostFacts(2**30, 1, "x", ("127.0.0.1", "169.254.1.1", "10.0.0.5", "fe80::1", "fd00::5"), "15")
    assert facts.first_address(4) == "10.0.0.5"
    assert facts.first_address(6) == "fd00::5"
    assert HostFacts(2**30, 1, "x", (), "15").first_address(4) == ""


def test_a_root_without_proc_is_told_what_it_lacks(tmp_path: Path) -> None:
    """Nothing of a node works there: better said at once than by whatever fails first."""
    with pytest.raises(ChefBackendError, match="is not mounted here") as raised:
        read_host("15", tmp_path / "proc")
    assert raised.value.hint == f"mount -t proc proc {tmp_path}/proc"
