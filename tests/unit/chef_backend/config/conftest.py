from __future__ import annotations

from dataclasses import replace

import pytest

from chef_backend.config.facts import HostFacts


@pytest.fixture
def facts() -> HostFacts:
    """The host of the public sample: 992 MB, one address."""
    return HostFacts(
        memory_bytes=992 * 2**20,
        cpu_count=2,
        fqdn="be1",
        addresses=("10.0.2.15", "127.0.0.1", "2001:db8::15", "::1"),
        postgresql_major="9.5",
    )


@pytest.fixture
def current_facts(facts: HostFacts) -> HostFacts:
    """A node of the recommended size, with PostgreSQL 15."""
    return replace(facts, memory_bytes=8 * 2**30, postgresql_major="15")
