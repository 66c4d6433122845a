"""A node's life under an audit: no secret is seen by anybody but those whom the table of modes names.

One password was chosen by a person and put there before, as provisioning tools do; the other secrets are generated.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hosts import Host, eventually
from limits import small_config
from node import CONFIG, CREATE, CTL, PYTHON, SECRETS, wait_until_it_leads

pytestmark = [pytest.mark.docker, pytest.mark.node, pytest.mark.package]

FOLDER = "/root/audit"
CHOSEN = "s3same-öffne"
# Who reads what: the table of modes, and PostgreSQL's key is no text of the secrets file.
HOLDERS = {
    "postgresql.db_superuser_password": [
        "/etc/chef-backend/chef-backend-running.json",
        SECRETS,
        "/var/opt/chef-backend/leaderl/data/sys.config",
    ],
    "postgresql.replication_password": [
        "/etc/chef-backend/chef-backend-running.json",
        SECRETS,
        "/var/opt/chef-backend/postgresql/15/passfile",
    ],
    "etcd.initial_cluster_token": ["/etc/chef-backend/chef-backend-running.json", SECRETS],
}
# What an operator does in the life of a node; none of it prints a secret.
LIFE = [
    [*CREATE],
    [CTL, "reconfigure", "--dry-run"],
    [CTL, "reconfigure", "--apply-restarts"],
    [CTL, "show-config"],
    [CTL, "status"],
    [CTL, "cluster-status", "--json"],
    [CTL, "restart"],
    [CTL, "--verbose", "reconfigure"],
    [CTL, "gather-logs", "--output", f"{FOLDER}/bundle"],
    [CTL, "reconfigure", "--dry-run", "--json"],
]


def test_no_secret_is_seen_in_the_life_of_a_node(deb_host: Callable[..., Host]) -> None:
    """Not in any process's arguments or environment, nor in an output, a log, the journal, a bundle or another file."""
    host = deb_host()
    before = {"postgresql": {"db_superuser_password": CHOSEN}}
    host.write(SECRETS, json.dumps(before))
    host.sh(f"chgrp chef_pgsql {SECRETS}; chmod 640 {SECRETS}")
    host.run("mkdir", "-p", f"{FOLDER}/bundle", f"{FOLDER}/gathered")
    said = _watched(host, lambda: _life(host))
    host.sh(f"tar -C {FOLDER}/gathered -xf {FOLDER}/bundle/*")
    secrets = json.loads(host.read(SECRETS))
    assert secrets["postgresql"]["db_superuser_password"] == CHOSEN
    seen = host.container.exec_run(["cat", f"{FOLDER}/seen"])[1]
    assert b"chef_backend.leader" in seen
    assert b"ETCD_NAME=" in seen
    for name, value in _values(secrets).items():
        assert value.encode() not in seen, f"{name} was in a process's arguments or environment"
        assert value not in said, f"{name} was printed"
    found = json.loads(host.run(PYTHON, f"{FOLDER}/finder.py", SECRETS, "/", timeout_s=300).out)
    assert {name: sorted(places) for name, places in found.items()} == HOLDERS


def _life(host: Host) -> str:
    """Live it, with a change of each kind in between; return all that was said."""
    host.write(CONFIG, small_config(host.address))
    said = ""
    for number, argv in enumerate(LIFE):
        if "--dry-run" in argv:
            logged = f"postgresql.max_connections {360 + number}\npostgresql.log_min_duration_statement 0\n"
            host.write(CONFIG, small_config(host.address) + logged)
        said += host.run(*argv, timeout_s=300).out
        if argv[0] == CTL and argv[1] == "restart":
            wait_until_it_leads(host)
    return said


def _watched(host: Host, live: Callable[[], str]) -> str:
    here = Path(__file__).parent
    watcher, _ = host.put(here / "watcher.py", here / "finder.py", into=FOLDER)
    pid = host.background(PYTHON, watcher, f"{FOLDER}/seen")
    said = live()
    host.run("kill", pid)
    eventually(lambda: host.exists(f"{FOLDER}/seen"), within_s=30, what="the watcher has written what it saw")
    return said


def _values(secrets: dict[str, dict[str, str]]) -> dict[str, str]:
    return {
        f"{section}.{key}": value
        for section, keys in secrets.items()
        for key, value in keys.items()
        if key != "cluster_name"
    }
