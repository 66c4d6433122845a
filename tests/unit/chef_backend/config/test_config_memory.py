from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chef_backend.config.facts import HostFacts
from chef_backend.config.memory import (
    COMPRESSED_OOPS_MB,
    effective_cache_size_mb,
    heap_mb,
    new_size_mb,
    shared_buffers_mb,
)


def node(memory_mb: int) -> HostFacts:
    return HostFacts(memory_mb * 2**20, 2, "be1", ("10.0.0.1",), "15")


@pytest.mark.parametrize("memory_mb", [992, 993])
def test_the_sample_host(memory_mb: int) -> None:
    """The public sample's host has shared_buffers 248MB and effective_cache_size 496MB; the heap is a third since."""
    facts = node(memory_mb)
    assert shared_buffers_mb(facts) == 248
    assert effective_cache_size_mb(facts) == 496
    assert heap_mb(facts) in {330, 331}


def test_new_generation() -> None:
    """An eighth of the heap, never below 32: the sample's heap of 248 gives 32."""
    assert new_size_mb(248) == 32
    assert new_size_mb(264) == 33
    assert new_size_mb(2730) == 341


@given(st.integers(64, 4 * 2**20))
def test_bounds(memory_mb: int) -> None:
    """A heap never takes more than a third, and never loses compressed object pointers."""
    facts = node(memory_mb)
    assert heap_mb(facts) <= memory_mb // 3
    assert heap_mb(facts) < COMPRESSED_OOPS_MB
    assert shared_buffers_mb(facts) + heap_mb(facts) < memory_mb


def test_large_nodes() -> None:
    """From 93 GB on the heap stays at 31 GB."""
    assert heap_mb(node(93 * 1024)) == heap_mb(node(512 * 1024)) == 31 * 1024
