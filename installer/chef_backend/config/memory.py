"""How much memory PostgreSQL and Elasticsearch get on a node: pure rules, in MB of 2**20 bytes."""

from __future__ import annotations

from typing import Final

from chef_backend.config.facts import HostFacts

# From 32 GB on the JVM needs 8 bytes for each reference to an object (no compressed oops) and holds
# less than with 31 GB, so the rule's upper end of 32 GB stays below that limit.
# https://www.elastic.co/guide/en/elasticsearch/reference/6.8/heap-size.html
HEAP_MAX_MB: Final = 31 * 1024
COMPRESSED_OOPS_MB: Final = 32 * 1024
NEW_SIZE_MIN_MB: Final = 32


def shared_buffers_mb(facts: HostFacts) -> int:
    """Return a quarter of the memory."""
    return facts.memory_mb // 4


def effective_cache_size_mb(facts: HostFacts) -> int:
    """Return half of the memory."""
    return facts.memory_mb // 2


def heap_mb(facts: HostFacts) -> int:
    """Return a third of the memory, at most HEAP_MAX_MB."""
    return min(facts.memory_mb // 3, HEAP_MAX_MB)


def new_size_mb(heap: int) -> int:
    """Return an eighth of the heap, at least NEW_SIZE_MIN_MB."""
    return max(heap // 8, NEW_SIZE_MIN_MB)
