from __future__ import annotations

from chef_backend.base.environment import forget_libpq


def test_what_a_shell_says_of_another_server_is_forgotten() -> None:
    """An administrator's PGHOSTADDR would win over the socket of this node."""
    found = {"PGHOSTADDR": "10.0.0.9", "PGSERVICE": "x", "PATH": "/bin", "NOPG": "y"}
    forget_libpq(found)
    assert found == {"PATH": "/bin", "NOPG": "y"}
