"""The end of a node and its beginning anew, with the real package: stopped for good, brought back, cleansed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from hosts import Host
from limits import small_config
from node import (
    CREATE,
    PSQL,
    PYTHON,
    SECRETS,
    SERVICES,
    SOCKET,
    UNIT,
    assert_nothing_runs,
    running,
    sql,
    wait_until_it_leads,
)

pytestmark = [pytest.mark.docker, pytest.mark.node, pytest.mark.package]

BACKUP = "/var/opt/chef-backup/chef-backup-2026-11-25-17-03-00.tgz"
OPENSSL = "/opt/chef-backend/embedded/bin/openssl"
# Presses Ctrl-C as soon as the countdown has begun.
INTERRUPT = """
import signal, subprocess
argv = ["chef-backend-ctl", "cleanse", "--last-copy"]
with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as cleanse:
    while "60 seconds left" not in cleanse.stderr.readline():
        assert cleanse.poll() is None
    cleanse.send_signal(signal.SIGINT)
    print(cleanse.stderr.read())
assert cleanse.returncode == 1
"""
# Puts secrets into a service's log, in four forms.
PLANT = f"""
import base64, json
secrets = json.load(open("{SECRETS}"))
password = secrets["postgresql"]["db_superuser_password"]
token = secrets["etcd"]["initial_cluster_token"]
key = open("/var/opt/chef-backend/ssl/postgresql.key").read()
with open("/var/log/chef-backend/leaderl/current", "a") as log:
    log.write("planted " + password + "\\n")
    log.write("planted " + base64.encodebytes(password.encode()).decode() + "\\n")
    log.write("planted " + token[:50] + "\\n  " + token[50:] + "\\n")
    log.write("planted " + key + "\\n")
"""
# Searches a bundle by other means than those that cleaned it.
UNPACK = f"""
import base64, json, sys, tarfile
secrets = json.load(open("{SECRETS}"))
values = [*secrets["postgresql"].values(), secrets["etcd"]["initial_cluster_token"]]
key = open("/var/opt/chef-backend/ssl/postgresql.key").read().split("-----")[2]
values += [line for line in key.split() if len(line) > 30]
forms = [form for value in values for form in (value, value.upper(), value[:40], value[-40:], value.encode().hex(),
         *(base64.b64encode(b"x" * n + value.encode()).decode()[4:-4] for n in range(3)))] + ["hunter2"]
files, leaks, manifest = [], [], None
with tarfile.open(sys.argv[1]) as tar:
    for member in tar:
        path = member.name.partition("/")[2]
        content = tar.extractfile(member).read().decode(errors="replace")
        bare = "".join(content.split())
        leaks += [path for form in forms if form in content or form in bare or form in member.name]
        files.append(path)
        manifest = json.loads(content) if path == "manifest.json" else manifest
print(json.dumps(dict(files=files, leaks=leaks, manifest=manifest)))
"""


def test_a_node_comes_back_after_uninstall_and_anew_after_cleanse(deb_host: Callable[..., Host]) -> None:
    """What was written is there after the one, and gone after the other; backups and foreign disks stay."""
    host = deb_host()
    host.write("/etc/chef-backend/chef-backend.rb", small_config(host.address))
    host.write(BACKUP, "precious")
    host.sh("mkdir /var/opt/chef-backend/etcd && mount -t tmpfs tmpfs /var/opt/chef-backend/etcd")
    host.run(*CREATE, timeout_s=300)
    sql(host, "create table kept as select 42 as answer")
    gathered(host)
    encrypted(host)
    uninstalled(host)
    brought_back(host)
    saved = cleansed(host)
    made_anew(host, saved)


def gathered(host: Host) -> None:
    """Everything is in the bundle but what is secret, whatever form that had; what fails or hangs is told."""
    host.write("/tmp/plant.py", PLANT)
    host.sh(f"{PYTHON} /tmp/plant.py")
    # The system's own findmnt is found after it.
    host.write("/usr/local/sbin/findmnt", "#!/bin/sh\nexec sleep 60\n")
    host.sh("chmod 755 /usr/local/sbin/findmnt; mkdir /tmp/bundles")
    assert "current" in host.sh("chef-backend-ctl gather-logs --dry-run --output /tmp/bundles")
    assert host.sh("ls -A /tmp/bundles") == ""
    said = host.sh("chef-backend-ctl gather-logs --output /tmp/bundles", timeout_s=300)
    assert "masked: 4 in var/log/chef-backend/leaderl/current" in said
    (name,) = host.sh("ls -A /tmp/bundles").split()
    assert host.access(f"/tmp/bundles/{name}") == "root:root 600"
    found = unpacked(host, f"/tmp/bundles/{name}")
    assert found["leaks"] == []
    assert {
        "chef-backend-ctl-status.txt",
        "cluster-status.json",
        "manifest.json",
        "installed-packages.txt",
        "opt/chef-backend/version-manifest.json",
        "postgresql/15/settings.txt",
        "var/log/chef-backend/postgresql/15/current",
        *(f"var/log/chef-backend/{service}/current" for service in ("elasticsearch", "etcd", "leaderl")),
    } <= set(found["files"])
    entries = {entry["path"]: entry for entry in found["manifest"]["entries"]}
    assert "did not end within 10 s" in entries["findmnt.txt"]["problem"]
    assert entries["postgresql/15/activity.txt"]["code"] == 0
    assert entries["etcd/health.txt"]["code"] == 200
    missing = {"chronyc_tracking.txt", "findmnt.txt", "getenforce.txt"}
    assert missing == {path for path, entry in entries.items() if "bytes" not in entry}


def encrypted(host: Host) -> None:
    """Only the holder of the key reads it; a node whose configuration is wrong has a bundle, too."""
    host.sh(
        "rm -r /tmp/bundles /usr/local/sbin/findmnt; mkdir /tmp/bundles; cp -a /etc/chef-backend/chef-backend.rb /tmp"
    )
    host.write("/etc/chef-backend/chef-backend.rb", "nonsense 'hunter2'\n")
    host.sh(
        f"cd /tmp && {OPENSSL} req -x509 -newkey rsa:2048 -nodes -keyout KEY -out support.pem -subj /CN=support 2>&1"
    )
    said = host.sh("chef-backend-ctl gather-logs --encrypt-to /tmp/support.pem --output /tmp/bundles", timeout_s=300)
    (name,) = host.sh("ls -A /tmp/bundles").split()
    assert name.endswith(".tar.gz.cms")
    (line,) = [line for line in said.splitlines() if line.startswith("To open it: openssl ")]
    decrypt = line.removeprefix("To open it: openssl").replace("-inkey KEY", "-inkey /tmp/KEY")
    host.sh(f"cd /tmp/bundles && {OPENSSL} {decrypt}")
    found = unpacked(host, f"/tmp/bundles/{name.removesuffix('.cms')}")
    assert found["leaks"] == []
    assert "CN = support" in found["manifest"]["encrypted_to"]
    host.sh("cp -a /tmp/chef-backend.rb /etc/chef-backend/")


def unpacked(host: Host, path: str) -> dict[str, Any]:
    """Return a bundle's files, its manifest, and every secret that can be read from it."""
    host.write("/tmp/unpack.py", UNPACK)
    document: dict[str, Any] = json.loads(host.sh(f"{PYTHON} /tmp/unpack.py {path}"))
    return document


def uninstalled(host: Host) -> None:
    """Nothing runs, now and after a reboot; nothing is deleted."""
    said = host.sh("chef-backend-ctl uninstall", timeout_s=300)
    assert "To bring them back: chef-backend-ctl reconfigure" in said
    assert_nothing_runs(host)
    assert host.run("systemctl", "is-enabled", UNIT, check=False).out.strip() == "disabled"
    # A container's reboot would take the mounted file system away: a start of what is enabled stands in for it.
    host.sh("systemctl start multi-user.target")
    assert_nothing_runs(host)


def brought_back(host: Host) -> None:
    """One reconfigure, and the node leads with what was written to it, now and after every boot."""
    said = host.sh("chef-backend-ctl reconfigure", timeout_s=300)
    assert "removed since the last reconfigure" not in said
    wait_until_it_leads(host)
    assert sql(host, "select answer from kept") == "42"
    assert host.sh(f"systemctl is-enabled {UNIT}").strip() == "enabled"
    assert host.sh("ls /opt/chef-backend/service").split() == SERVICES


def cleansed(host: Host) -> str:
    """The only copy of a cluster is deleted only when told so; return where its configuration is."""
    host.sh("mkdir /var/opt/chef-backend/disk && mount -t tmpfs tmpfs /var/opt/chef-backend/disk")
    host.sh("touch /var/opt/chef-backend/disk/foreign; ln -s /var/opt/chef-backup /var/opt/chef-backend/backups")
    refused = host.run("chef-backend-ctl", "cleanse", "yes", check=False)
    assert refused.code == 15
    assert "--last-copy" in refused.out
    wait_until_it_leads(host)
    assert "error: interrupted; nothing was changed\n" in host.run(PYTHON, "-c", INTERRUPT).out
    wait_until_it_leads(host)
    said = host.sh("chef-backend-ctl cleanse yes --last-copy", timeout_s=300)
    assert "STOP AND READ" in said
    assert_nothing_runs(host)
    assert not host.exists("/etc/chef-backend")
    assert host.sh("find /var/opt/chef-backend | sort").split() == [
        "/var/opt/chef-backend",
        "/var/opt/chef-backend/disk",
        "/var/opt/chef-backend/disk/foreign",
        "/var/opt/chef-backend/etcd",
    ]
    assert host.sh("ls /opt/chef-backend/service /opt/chef-backend/sv /opt/chef-backend/init | grep -v :").split() == []
    assert host.sh("ls /var/log/chef-backend").split() == ["chef-backend-ctl"]
    assert host.read(BACKUP) == "precious"
    (line,) = [line for line in said.splitlines() if line.startswith("Your config files have been backed up to ")]
    return line.split()[-1].rstrip(".")


def made_anew(host: Host, saved: str) -> None:
    """The saved configuration put back as documented gives a node with the same secrets, and without the data."""
    assert saved.startswith("/root/chef-backend-cleanse-")
    assert host.access(saved) == "root:root 700"
    assert host.access(f"{saved}/chef-backend-secrets.json") == "root:chef_pgsql 640"
    host.sh("umount /var/opt/chef-backend/disk /var/opt/chef-backend/etcd && rm -r /var/opt/chef-backend")
    host.sh(f"mkdir /etc/chef-backend && cp -a {saved}/. /etc/chef-backend/")
    secrets = json.loads(host.read(SECRETS))
    assert "the licence in /opt/chef-backend/LICENSE" in host.run("chef-backend-ctl", "create-cluster", check=False).out
    host.run(*CREATE, timeout_s=300)
    wait_until_it_leads(host)
    assert json.loads(host.read(SECRETS)) == secrets
    gone = host.run(PSQL, "-h", SOCKET, "-U", "chef_pgsql", "-c", "select * from kept", "postgres", check=False)
    assert gone.code == 1
    assert host.sh(f"systemctl is-enabled {UNIT}").strip() == "enabled"
    assert host.sh("chef-backend-ctl reconfigure --dry-run").strip() == "Nothing would be changed."
    assert running(host)
