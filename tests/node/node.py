"""What tests ask a node about itself."""

from __future__ import annotations

import json
from typing import Any

from hosts import Host, eventually

UNIT = "chef-backend-runsvdir-start.service"
PROBE = "/opt/chef-backend/sv/probe"
RUN = "#!/bin/sh\nexec /opt/chef-backend/embedded/bin/python3 -c 'import signal; signal.pause()'\n"
_RUNNING = "for exe in /proc/[0-9]*/exe; do readlink $exe || true; done | grep '^/opt/chef-backend/' || true"


def running(host: Host) -> list[str]:
    """Return the programs of the package that run."""
    return host.sh(_RUNNING).split()


def assert_nothing_runs(host: Host) -> None:
    """No scriptlet has started anything, or the last one has ended it."""
    assert running(host) == []
    assert host.run("systemctl", "is-active", UNIT, check=False).out.strip() != "active"


def probe(host: Host) -> tuple[int, int]:
    """Return the process ids of the supervisor and of a service it runs, both started at the first call."""
    if not host.exists(PROBE):
        host.write(f"{PROBE}/run", RUN)
        host.sh(f"chmod 755 {PROBE}/run; ln -s {PROBE} /opt/chef-backend/service/probe; systemctl start {UNIT}")
    service = eventually(lambda: _pid(host), within_s=10, what="the probe runs")
    return int(host.sh(f"systemctl show --property MainPID --value {UNIT}")), service


def record(host: Host) -> dict[str, Any]:
    """Return what the package remembers of itself."""
    document: dict[str, Any] = json.loads(host.read("/var/opt/chef-backend/install/record.json"))
    return document


def _pid(host: Host) -> int | None:
    text = host.run("cat", f"{PROBE}/supervise/pid", check=False)
    return int(text.out) if text.code == 0 and text.out.strip() else None
