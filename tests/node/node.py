"""What tests ask a node about itself."""

from __future__ import annotations

import json
from typing import Any

from hosts import Host, Ran, eventually
from limits import small_config

UNIT = "chef-backend-runsvdir-start.service"
PROBE = "/opt/chef-backend/sv/probe"
CTL = "chef-backend-ctl"
# Where several nodes share two processors, Elasticsearch needs longer than the 30 s that it is given.
CREATE = (CTL, "create-cluster", "--accept-license", "--yes", "--elasticsearch-wait-time", "240")
CONFIG = "/etc/chef-backend/chef-backend.rb"
SECRETS = "/etc/chef-backend/chef-backend-secrets.json"
SERVICES = ["elasticsearch", "etcd", "leaderl", "postgresql"]
PYTHON = "/opt/chef-backend/embedded/bin/python3"
PSQL = "/opt/chef-backend/embedded/bin/psql"
SOCKET = "/var/opt/chef-backend/postgresql/15/socket"
_PSQL = (PSQL, "-h", SOCKET, "-U", "chef_pgsql", "-Atqc")
# Asks as a frontend does, by the node's own Python: a minimal system has no curl.
_LEADER = (
    "import urllib.request as r, sys; "
    "sys.exit(r.build_opener(r.ProxyHandler({})).open('http://localhost:7331/leader', timeout=2).status != 200)"
)
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


def create(host: Host, config: str = "", *, check: bool = True) -> Ran:
    """Do what an operator does on the first node: two lines of configuration, one command."""
    host.write(CONFIG, small_config(host.address) + config)
    return host.run(*CREATE, check=check, timeout_s=300)


def sql(host: Host, query: str) -> str:
    """Ask the node's PostgreSQL over its socket, as root may."""
    return host.run(*_PSQL, query, "postgres").out.strip()


def wait_until_it_leads(host: Host, within_s: float = 90) -> None:
    """Return when frontends are sent to this node and its PostgreSQL takes writes.

    A PostgreSQL that was killed is up again before leaderl has missed it: the node led all the time.
    """

    def leads() -> bool:
        answers = host.run(PYTHON, "-c", _LEADER, check=False).code == 0
        return answers and host.run(*_PSQL, "select pg_is_in_recovery()", "postgres", check=False).out.strip() == "f"

    eventually(leads, within_s=within_s, what="it leads")


def pids(host: Host) -> dict[str, int]:
    """Return the process id of each service that runs."""
    script = "cd /opt/chef-backend/sv && for name in *; do echo $name $(cat $name/supervise/pid); done"
    found = [line.split() for line in host.sh(script).splitlines()]
    return {name: int(pid[0]) for name, *pid in found if pid}


def dry_run(host: Host) -> dict[str, Any]:
    """Return what a reconfigure would do now; its warnings are no part of the document."""
    document: dict[str, Any] = json.loads(host.sh(f"{CTL} reconfigure --dry-run --json 2>/dev/null"))
    return document


def record(host: Host) -> dict[str, Any]:
    """Return what the package remembers of itself."""
    document: dict[str, Any] = json.loads(host.read("/var/opt/chef-backend/install/record.json"))
    return document


def _pid(host: Host) -> int | None:
    text = host.run("cat", f"{PROBE}/supervise/pid", check=False)
    return int(text.out) if text.code == 0 and text.out.strip() else None
