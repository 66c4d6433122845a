"""A log that holds nothing is told from every other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chef_backend.etcd.fake import BEGUN_LOG
from chef_backend.etcd.wal import has_only_its_head

HEAD = BEGUN_LOG[:-64]
ENTRY = bytes.fromhex("0a00000000000086 08021001 1a0408001001 000000000000")


def test_nothing_but_a_head() -> None:
    """With zeros behind it, however many."""
    assert has_only_its_head(BEGUN_LOG)
    assert has_only_its_head(BEGUN_LOG + bytes(4096))


@pytest.mark.parametrize("content", [HEAD + ENTRY + bytes(64), HEAD[16:] + bytes(64), bytes(64), b"", b"text"])
def test_anything_else(content: bytes) -> None:
    """An entry behind the head, a head without its beginning, no log at all."""
    assert not has_only_its_head(content)


@given(st.binary(min_size=1, max_size=64).filter(lambda tail: tail[0] != 0))
def test_whatever_is_behind_the_head(tail: bytes) -> None:
    """Even what is no record: it is not known to be nothing."""
    assert not has_only_its_head(HEAD + tail + bytes(64))


@given(st.integers(0, len(HEAD.rstrip(b"\0")) - 1))
def test_a_head_that_is_cut(length: int) -> None:
    """A record that is not whole."""
    assert not has_only_its_head(HEAD[:length])
