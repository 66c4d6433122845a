"""A real HAProxy in front of a real node, with the configuration that a Chef Infra Server frontend writes."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Callable
from contextlib import closing

import psycopg2
import pytest

from hosts import Host, eventually
from node import CTL, SECRETS, wait_until_it_leads

pytestmark = [pytest.mark.docker, pytest.mark.node, pytest.mark.package]

STATS = 9999
# The check of the frontends of nine years, and the one that they have now; each section has a member a line.
CONFIGURATION = r"""
global
  stats socket ipv4@0.0.0.0:{stats} level admin
defaults
  mode tcp
  timeout connect 5s
  timeout tunnel 300s
  timeout client-fin 1s
  timeout server-fin 1s
  timeout client 50s
  timeout server 50s
  default-server inter 2s rise 1 fall 1
frontend postgresql
  bind 0.0.0.0:5432
  default_backend chef_backend_postgresql
frontend elasticsearch
  bind 0.0.0.0:9200
  default_backend chef_backend_elasticsearch
backend chef_backend_postgresql
  option httpchk GET /leader HTTP/1.1\r\nHost:localhost:7331\r\n\r\n
  default-server inter 2s rise 1 fall 1 on-marked-down shutdown-sessions
  server {name} {address}:5432 check port 7331
backend chef_backend_elasticsearch
  option httpchk
  http-check send meth GET uri /leader ver HTTP/1.1 hdr Host localhost:7331
  server {name} {address}:9200 check port 7331
"""
SECTIONS = {"chef_backend_postgresql", "chef_backend_elasticsearch"}


@pytest.fixture(scope="module")
def node(created: Callable[..., Host]) -> Host:
    """A cluster of one."""
    return created()


@pytest.fixture
def frontend(node: Host, bare_host: Callable[..., Host]) -> Host:
    """A host on which HAProxy runs."""
    host = bare_host(include=["haproxy"])
    (member,) = json.loads(_get(node, 2379, "/v2/members"))["members"]
    text = CONFIGURATION.format(stats=STATS, name=member["name"], address=node.address)
    host.write("/root/haproxy.cfg", text)
    host.sh("haproxy -D -f /root/haproxy.cfg 2>&1")
    return host


def test_haproxy_leads_to_the_leader_and_only_while_it_leads(node: Host, frontend: Host) -> None:
    """Sessions of a node that leads no more are cut; when it leads again, so does HAProxy."""
    eventually(lambda: _states(frontend) == {("UP", "L7OK", "200")}, within_s=20, what="HAProxy has found the leader")
    assert json.loads(_get(frontend, 9200, "/"))["version"]["number"].startswith("6.")
    with closing(_login(frontend, node)) as session, session.cursor() as cursor:
        cursor.execute("select pg_is_in_recovery()")
        assert cursor.fetchone() == (False,)
        node.run(CTL, "stop", "leaderl", timeout_s=120)
        eventually(lambda: {up for up, *_ in _states(frontend)} == {"DOWN"}, within_s=20, what="HAProxy has noticed")
        eventually(lambda: _is_cut(cursor), within_s=20, what="the session is cut")
    node.run(CTL, "start", "leaderl", timeout_s=120)
    wait_until_it_leads(node)
    eventually(lambda: _states(frontend) == {("UP", "L7OK", "200")}, within_s=20, what="HAProxy has found it again")
    _login(frontend, node).close()


def _states(frontend: Host) -> set[tuple[str, str, str]]:
    """Return state, check and its code of the servers, as `chef-server-ctl reconfigure` asks for them."""
    with socket.create_connection((frontend.address, STATS), timeout=5) as connection, connection.makefile() as answer:
        connection.sendall(b"show stat -1 4 -1\n")
        header, *rows = [line.rstrip(",\n").split(",") for line in answer if line.strip()]
    names = [name.lstrip("# ") for name in header]
    found = [dict(zip(names, row, strict=False)) for row in rows]
    assert {row["pxname"] for row in found} == SECTIONS
    return {(row["status"], row["check_status"].lstrip("* "), row["check_code"]) for row in found}


def _login(frontend: Host, node: Host) -> psycopg2.extensions.connection:
    password = json.loads(node.read(SECRETS))["postgresql"]["db_superuser_password"]
    return psycopg2.connect(
        host=frontend.address, user="chef_pgsql", dbname="postgres", password=password, sslmode="disable"
    )


def _is_cut(cursor: psycopg2.extensions.cursor) -> bool:
    try:
        cursor.execute("select 1")
    except psycopg2.OperationalError:
        return True
    return False


def _get(host: Host, port: int, path: str) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{host.address}:{port}{path}", timeout=10) as answer:
        text: str = answer.read().decode()
    return text
