"""A node whose operator has set everything otherwise: IPv6, ports, folders, users, a certificate, and new passwords.

Whatever a setting moves, services, status and frontends follow it, and a second reconfigure has nothing to do.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from hosts import Host
from limits import small_config
from node import CONFIG, CREATE, CTL, PSQL, PYTHON, SECRETS, dry_run, pids

pytestmark = [pytest.mark.docker, pytest.mark.node, pytest.mark.package]

ADDRESS = "fd00:c4ef::15"
DISK = "/srv/disk"
OPENSSL = "/opt/chef-backend/embedded/bin/openssl"
SETTINGS = f"""
publish_address '{ADDRESS}'
ip_version 'ipv6'
etcd.client_port 12379
etcd.peer_port 12380
etcd.log_directory '{DISK}/log/etcd'
postgresql.port 15432
postgresql.data_dir '{DISK}/postgresql'
postgresql.log_directory '{DISK}/log/postgresql'
postgresql.username 'database'
postgresql.db_superuser 'boss'
postgresql.replication_user 'copier'
elasticsearch.port 19200
elasticsearch.data_dir '{DISK}/index'
elasticsearch.log_directory '{DISK}/log/elasticsearch'
leaderl.username 'database'
leaderl.runsv_group 'database'
leaderl.http_port 17331
leaderl.log_directory '{DISK}/log/leaderl'
"""
OWN_CERTIFICATE = f"ssl.certificate '{DISK}/own.crt'\nssl.certificate_key '{DISK}/own.key'\n"
PORTS = [12379, 12380, 15432, 17331, 19200, 9300]
ACCESS = {
    DISK: "root:root 755",
    f"{DISK}/index": "chef-backend:chef-backend 750",
    f"{DISK}/log/etcd": "chef-backend:chef-backend 750",
    f"{DISK}/log/postgresql": "database:database 750",
    f"{DISK}/postgresql": "database:database 700",
    SECRETS: "root:database 640",
    "/var/opt/chef-backend/leaderl/data/sys.config": "database:database 600",
    "/var/opt/chef-backend/postgresql/15/passfile": "database:database 600",
    "/var/opt/chef-backend/ssl/postgresql.key": "database:database 600",
}
_GET = "import sys, urllib.request as r; print(r.build_opener(r.ProxyHandler({})).open(sys.argv[1]).read().decode())"
# What the server shows to a client that asks for TLS.
_SHOWN = (
    f"{OPENSSL} s_client -starttls postgres -connect [{ADDRESS}]:15432 </dev/null 2>/dev/null | {OPENSSL} x509 -noout"
)


@pytest.fixture(scope="module")
def node(installed: Callable[..., Host]) -> Host:
    """A cluster of one that is reached by IPv6."""
    host = installed()
    host.sh(f"ip -6 address add {ADDRESS}/64 dev eth0 nodad; mkdir -p {DISK}/log")
    host.write(CONFIG, config(host))
    host.run(*CREATE, timeout_s=600)
    return host


def test_it_leads_at_the_address_and_ports_that_were_set(node: Host) -> None:
    """A frontend finds each service there, and nothing listens where it did by default."""
    assert json.loads(get(node, 17331, "leader"))["leader"]
    (member,) = json.loads(get(node, 12379, "v2/members"))["members"]
    assert member["peerURLs"] == [f"http://[{ADDRESS}]:12380"]
    assert json.loads(get(node, 19200, "_cluster/health"))["status"] == "green"
    assert login(node, "boss", "select pg_is_in_recovery()") == "f"
    found = node.sh("ss -Hlnt | grep -v 127.0.0.11:").splitlines()
    assert sorted({int(line.split()[3].rpartition(":")[2]) for line in found}) == sorted(PORTS)
    shown = node.run(CTL, "cluster-status").out.splitlines()[-1].split()
    assert shown[1:2] + shown[3:] == [ADDRESS, "leader", "leader", "master"]


def test_its_files_are_in_the_folders_and_of_the_users_that_were_set(node: Host) -> None:
    """And a second run finds nothing to change."""
    assert {path: node.access(path) for path in ACCESS} == ACCESS
    assert not node.exists("/var/opt/chef-backend/postgresql/15/data")
    assert (
        node.sh(f"stat -c %U /proc/{pids(node)['postgresql']} /proc/{pids(node)['leaderl']}").split()
        == ["database"] * 2
    )
    assert dry_run(node)["empty"]


def test_a_password_that_was_changed_is_the_one_that_counts(node: Host) -> None:
    """The secrets file is the operator's: one reconfigure gives it to PostgreSQL and to leaderl, which leads on."""
    document = json.loads(node.read(SECRETS))
    document["postgresql"]["db_superuser_password"] = "short one"
    node.sh(f"cat >{SECRETS} <<'END'\n{json.dumps(document)}\nEND")
    before = pids(node)
    node.run(CTL, "reconfigure", timeout_s=300)
    assert login(node, "boss", "select 42", "short one") == "42"
    assert pids(node)["postgresql"] == before["postgresql"]
    assert json.loads(get(node, 17331, "leader"))["leader"]
    assert dry_run(node)["empty"]


def test_a_certificate_of_the_operators_is_used_and_never_written_to(node: Host) -> None:
    """A reload is enough."""
    node.sh(
        f"{OPENSSL} req -x509 -newkey rsa:2048 -noenc -days 9 -subj /CN=own -keyout {DISK}/own.key -out {DISK}/own.crt"
        f" 2>/dev/null; chown database {DISK}/own.*; chmod 600 {DISK}/own.key"
    )
    before = node.sh(f"sha256sum {DISK}/own.*")
    assert "CN = be1" in node.sh(f"{_SHOWN} -subject")
    node.write(CONFIG, config(node) + OWN_CERTIFICATE)
    postmaster = pids(node)["postgresql"]
    node.run(CTL, "reconfigure", timeout_s=300)
    assert node.sh(f"{_SHOWN} -subject").strip() == "subject=CN = own"
    assert pids(node)["postgresql"] == postmaster
    assert node.sh(f"sha256sum {DISK}/own.*") == before
    assert dry_run(node)["empty"]


def config(host: Host) -> str:
    """Return a small node's settings with all of ours."""
    kept = [line for line in small_config(host.address).splitlines() if not line.startswith("publish_address")]
    return "\n".join(kept) + SETTINGS + "fqdn 'be1.example.org'\n"


def get(host: Host, port: int, path: str) -> str:
    """Ask by IPv6, over HTTP."""
    return host.run(PYTHON, "-c", _GET, f"http://[{ADDRESS}]:{port}/{path}").out


def login(host: Host, user: str, query: str, password: str = "") -> str:
    """Log in over the network, by default with the generated password."""
    known = password or json.loads(host.read(SECRETS))["postgresql"]["db_superuser_password"]
    host.write("/root/.pgpass", f"*:*:*:{user}:{known}\n")
    host.sh("chmod 600 /root/.pgpass")
    return host.run(
        PSQL, "--no-password", "-h", ADDRESS, "-p", "15432", "-U", user, "-Atqc", query, "postgres"
    ).out.strip()
