"""What a Chef Infra Server frontend asks a backend, asked by this machine and by a second host as frontends do.

Its cookbooks read the members from etcd and make the index; HAProxy asks for the leader; erchef indexes and searches.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest
import requests

from hosts import Host, Ran, eventually
from limits import small_config
from node import CONFIG, CTL, PSQL, SECRETS, sql

pytestmark = [pytest.mark.docker, pytest.mark.node, pytest.mark.package]

# As HAProxy 1.6 sends it: the request's end, which the frontend's configuration has, comes twice.
CHECK = b"GET /leader HTTP/1.1\r\nHost:localhost:7331\r\n\r\n\r\n"
ELSEWHERE = "10.99.0.2"
_KEYWORD = {"type": "keyword", "index": True, "norms": False}
INDEX = {
    "settings": {
        "analysis": {"analyzer": {"default": {"type": "whitespace"}}},
        "number_of_shards": 5,
        "number_of_replicas": 1,
    },
    "mappings": {
        "object": {
            "_source": {"enabled": False},
            "_all": {"enabled": False},
            "properties": {
                "X_CHEF_database_CHEF_X": _KEYWORD,
                "X_CHEF_type_CHEF_X": _KEYWORD,
                "X_CHEF_id_CHEF_X": _KEYWORD,
                "data_bag": _KEYWORD,
                "content": {"type": "text", "index": True},
            },
        }
    },
}


@pytest.fixture(scope="module")
def node(created: Callable[..., Host]) -> Host:
    """A cluster of one."""
    return created()


@pytest.fixture
def ask(node: Host) -> Callable[..., Any]:
    """Ask the node by HTTP; return the answer's JSON."""

    def made(method: str, port: int, path: str, *, body: str = "", status: int = 200) -> Any:
        with requests.Session() as session:
            session.trust_env = False
            headers = {"Content-Type": "application/json"}
            found = session.request(method, f"http://{node.address}:{port}{path}", data=body, headers=headers)
        assert found.status_code == status, found.text
        return found.json()

    return made


@pytest.fixture
def frontend(deb_host: Callable[..., Host]) -> Host:
    """Another host of the same network, with a psql on it."""
    return deb_host(hostname="frontend-1")


def test_etcd_tells_members_over_its_old_interface(node: Host, ask: Callable[..., Any]) -> None:
    """A member's name is the node's GUID, and each of its addresses is one, the published one."""
    assert ask("GET", 2379, "/version")["etcdserver"].startswith("3.5.")
    assert ask("GET", 2379, "/health")["health"] == "true"
    (member,) = ask("GET", 2379, "/v2/members")["members"]
    assert member["name"] == json.loads(node.read("/var/opt/chef-backend/reconfigure/identity.json"))["guid"]
    assert member["peerURLs"] == [f"http://{node.address}:2380"]
    assert member["clientURLs"] == [f"http://{node.address}:2379"]


def test_elasticsearch_takes_the_frontends_index_and_its_calls(ask: Callable[..., Any]) -> None:
    """Made, filled, searched and emptied in erchef's own words."""
    assert ask("GET", 9200, "/")["version"]["number"].split(".")[0] in {"5", "6"}
    ask("GET", 9200, "/chef", status=404)
    assert ask("PUT", 9200, "/chef", body=json.dumps(INDEX))["acknowledged"]
    lines: list[dict[str, Any]] = []
    for name in ("alpha", "beta"):
        lines.append({"index": {"_index": "chef", "_type": "object", "_id": name}})
        fields = {"X_CHEF_database_CHEF_X": "chef_org", "X_CHEF_type_CHEF_X": "node", "X_CHEF_id_CHEF_X": name}
        lines.append({**fields, "content": f"name__=__{name} platform__=__debian"})
    assert not ask("POST", 9200, "/_bulk", body="".join(f"{json.dumps(line)}\n" for line in lines))["errors"]
    ask("POST", 9200, "/_refresh")
    assert _search(ask, "content:platform__=__debian") == ["alpha", "beta"]
    assert _search(ask, "content:name__=__beta") == ["beta"]
    gone = {"query": {"query_string": {"query": "X_CHEF_database_CHEF_X:chef_org AND X_CHEF_id_CHEF_X:alpha"}}}
    assert ask("POST", 9200, "/chef/_delete_by_query", body=json.dumps(gone))["deleted"] == 1
    ask("POST", 9200, "/_refresh")
    assert _search(ask, "content:platform__=__debian") == ["beta"]
    assert ask("GET", 9200, "/chef")["chef"]["mappings"]["object"]["_source"] == {"enabled": False}
    # Its second copies have no node to be on.
    assert ask("GET", 9200, "/_cluster/health")["status"] == "yellow"


def test_haproxy_old_and_new_is_told_of_the_leader(node: Host) -> None:
    """One end of a line too many, a connection closed at the status line, and none of the two wears the leader out."""
    for _ in range(30):
        with socket.create_connection((node.address, 7331), timeout=5) as connection:
            connection.sendall(CHECK)
            assert connection.recv(12) == b"HTTP/1.1 200"
    for path, expected in (("/leader", 200), ("/nothing", 404)):
        with requests.Session() as session:
            session.trust_env = False
            assert session.get(f"http://{node.address}:7331{path}", timeout=5).status_code == expected
            assert session.post(f"http://{node.address}:7331/leader", timeout=5).status_code == 405


def test_the_frontends_configuration_names_this_node(node: Host) -> None:
    """With the port numbers and the password that it connects with."""
    text = node.run(CTL, "gen-server-config", "fe.example.org").out
    assert 'fqdn "fe.example.org"' in text
    assert f'chef_backend_members ["{node.address}"]' in text
    assert f"postgresql['db_superuser_password'] = '{_password(node)}'" in text


def test_a_frontend_logs_in_and_makes_its_databases(node: Host, frontend: Host) -> None:
    """From the node's own network, with the generated password as superuser; with another password not."""
    _give_password(frontend, node, _password(node))
    script = 'create user oc_erchef; create database opscode_chef owner oc_erchef encoding "utf8" template template0'
    for statement in script.split("; "):
        assert _login(frontend, node, statement).code == 0
    assert sql(node, "select count(*) from pg_database where datname = 'opscode_chef'") == "1"
    _give_password(frontend, node, "not-the-password")
    refused = _login(frontend, node, "select 1")
    assert refused.code == 2
    assert "password authentication failed" in refused.out


def test_nobody_logs_in_from_elsewhere_until_the_settings_name_it(node: Host, frontend: Host) -> None:
    """What md5_auth_cidr_addresses does not name is refused; a reload is enough to let it in, and to shut it out."""
    node.sh(f"ip route add {ELSEWHERE} via {frontend.address}")
    frontend.sh(f"ip address add {ELSEWHERE}/32 dev lo; ip route add {node.address} dev eth0 src {ELSEWHERE}")
    _give_password(frontend, node, _password(node))
    refused = _login(frontend, node, "select 1")
    assert refused.code == 2
    assert f'no pg_hba.conf entry for host "{ELSEWHERE}"' in refused.out
    postmaster = sql(node, "select pg_postmaster_start_time()")
    named = f'postgresql.md5_auth_cidr_addresses ["samehost", "{ELSEWHERE}/32"]\n'
    node.write(CONFIG, small_config(node.address) + named)
    node.run(CTL, "reconfigure")
    seen = eventually(lambda: _address_seen(frontend, node), within_s=10, what="the new rule is in force")
    assert seen == ELSEWHERE
    node.write(CONFIG, small_config(node.address))
    node.run(CTL, "reconfigure")
    eventually(lambda: _login(frontend, node, "select 1").code == 2, within_s=10, what="the old rules are in force")
    assert sql(node, "select pg_postmaster_start_time()") == postmaster


def _search(ask: Callable[..., Any], query: str) -> list[str]:
    body = {
        "stored_fields": "_id",
        "from": 0,
        "size": 1000,
        "sort": [{"X_CHEF_id_CHEF_X": {"order": "asc"}}],
        "query": {
            "bool": {
                "must": {"query_string": {"lowercase_expanded_terms": False, "query": query}},
                "filter": {"query_string": {"query": "X_CHEF_database_CHEF_X:chef_org"}},
            }
        },
    }
    return [hit["_id"] for hit in ask("GET", 9200, "/chef/_search", body=json.dumps(body))["hits"]["hits"]]


def _password(node: Host) -> str:
    return str(json.loads(node.read(SECRETS))["postgresql"]["db_superuser_password"])


def _give_password(frontend: Host, node: Host, password: str) -> None:
    frontend.write("/root/.pgpass", f"{node.address}:*:*:chef_pgsql:{password}\n")
    frontend.sh("chmod 600 /root/.pgpass")


def _login(frontend: Host, node: Host, statement: str) -> Ran:
    """Connect as the frontend's tunnel does, without TLS."""
    connection = f"host={node.address} user=chef_pgsql dbname=postgres sslmode=disable"
    return frontend.run(PSQL, "--no-password", "-Atqc", statement, connection, check=False)


def _address_seen(frontend: Host, node: Host) -> str | None:
    found = _login(frontend, node, "select host(inet_client_addr())")
    return found.out.strip() if found.code == 0 else None
