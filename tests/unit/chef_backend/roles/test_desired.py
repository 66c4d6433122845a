"""What a node should have, from its settings."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from nodes import GUID, node

from chef_backend.base.secret import Secret
from chef_backend.config.load import recorded
from chef_backend.config.model import Settings
from chef_backend.config.table import TABLE
from chef_backend.config.values import Value
from chef_backend.resources.desired import settle
from chef_backend.resources.effects import Effect, ServiceEffect
from chef_backend.resources.model import Absent, Directory, EnvDir, File, Symlink
from chef_backend.roles.desired import desired
from chef_backend.roles.node import Member, Node
from chef_backend.roles.supervision import SERVICES
from chef_backend.secrets.modes import protected_files
from chef_backend.tls.request import request

CONFIG = Path("/var/opt/chef-backend/elasticsearch/config")
# Settings that no role needs, and who does.
ELSEWHERE = {"hide_sensitive": "the display of a reconfigure's plan"}


def files(found: Node) -> dict[Path, File]:
    places = settle(desired(found)).places
    return {path: item for path, item in places.items() if isinstance(item, File)}


def text(found: Node, path: str) -> str:
    return files(found)[Path(path)].data.decode()


class Watched(Settings):
    """Settings that know which of them were asked for."""

    def __init__(self, settings: Settings) -> None:
        super().__init__({name: settings._entries[name] for name in settings.names})
        self.asked: set[str] = set()

    def value(self, name: str) -> Value:
        self.asked.add(name)
        return super().value(name)


@pytest.mark.parametrize("major", ["9.5", "15"])
def test_every_setting_has_an_effect_or_an_explanation(major: str) -> None:
    """What an operator writes is never silently ignored."""
    found = node(major=major)
    watched = Watched(found.settings)
    found = replace(found, settings=watched)
    desired(found)
    request(found.settings)
    explained = {name for name, row in TABLE.items() if row.without_effect} | set(ELSEWHERE)
    assert set(TABLE) - watched.asked <= explained
    assert not set(ELSEWHERE) & watched.asked


@pytest.mark.parametrize("major", ["9.5", "15"])
@pytest.mark.parametrize(
    "extra", ["", "ip_version = 'ipv6'", "elasticsearch.temp_directory '/var/opt/chef-backend/elasticsearch/'"]
)
def test_the_desired_state_does_not_contradict_itself(major: str, extra: str) -> None:
    assert settle(desired(node(extra, major=major))).places


def test_who_may_read_the_secrets() -> None:
    """Every file with a secret is one of those that are promised, with its owner and mode."""
    found = node()
    wanted = protected_files(found.paths, Path("/var/opt/chef-backend/postgresql/15/passfile"), ())
    secret = {path: item for path, item in files(found).items() if isinstance(item.content, Secret)}
    assert {path: (item.owner, item.group, item.mode) for path, item in secret.items()} == {
        path: (each.owner, each.group, each.mode) for path, each in wanted.items()
    }
    for path, item in files(found).items():
        if path not in wanted:
            assert not any(word in item.data for word in (b"super-pass", b"repl-pass", b"cluster-token")), path


def test_the_running_settings_can_be_read_back() -> None:
    document = json.loads(text(node("etcd.heartbeat_interval 1000"), "/etc/chef-backend/chef-backend-running.json"))
    assert list(document) == ["chef-backend", "run_list", "runit"]
    assert recorded(document["chef-backend"]).value("etcd.heartbeat_interval") == 1000
    assert document["chef-backend"]["postgresql"]["db_superuser_password"] == "super-pass"


def test_no_script_or_environment_restarts_postgresql() -> None:
    for path, item in files(node()).items():
        if "/sv/postgresql/" in f"{path}" and path.parent.name != "log":
            assert item.effects == (), path


@pytest.mark.parametrize(
    ("service", "effect"),
    [("etcd", Effect.RESTART), ("elasticsearch", Effect.RESTART), ("leaderl", Effect.RELOAD)],
)
def test_a_changed_script_restarts_the_others(service: str, effect: Effect) -> None:
    """leaderl by a hangup: it keeps its leadership then, which a restart would give up."""
    assert files(node())[Path(f"/opt/chef-backend/sv/{service}/run")].effects == (ServiceEffect(service, effect),)


@pytest.mark.parametrize(
    ("text", "is_member", "is_guarded"),
    [("", True, True), ("", False, False), ("leaderl.enable = false", True, False)],
)
def test_a_members_postgresql_waits_for_leaderl(text: str, *, is_member: bool, is_guarded: bool) -> None:
    """Where there is one: create-cluster starts PostgreSQL before leaderl."""
    script = files(node(text, is_member=is_member))[Path("/opt/chef-backend/sv/postgresql/run")].data.decode()
    assert ("until leaderl finds that this node leads" in script) is is_guarded


def test_the_environment_of_etcd() -> None:
    """Operators know these files by name, and frontends the member's name and addresses."""
    (env,) = [
        item
        for item in desired(node("etcd.heartbeat_interval 1000"))
        if isinstance(item, EnvDir) and "etcd" in item.path.parts
    ]
    assert env.path == Path("/opt/chef-backend/sv/etcd/env")
    assert env.variables["ETCD_NAME"] == GUID
    assert env.variables["ETCD_LISTEN_CLIENT_URLS"] == "http://10.0.2.15:2379,http://127.0.0.1:2379"
    assert env.variables["ETCD_INITIAL_CLUSTER"] == f"{GUID}=http://10.0.2.15:2380"
    assert (env.variables["ETCD_HEARTBEAT_INTERVAL"], env.variables["ETCD_ENABLE_V2"]) == ("1000", "true")


def test_ipv6_and_several_members() -> None:
    found = replace(
        node("ip_version = 'ipv6'"),
        members=(Member("a" * 32, "2001:db8::1"), Member("b" * 32, "2001:db8::2")),
        joining=True,
    )
    (env,) = [item for item in desired(found) if isinstance(item, EnvDir) and "etcd" in item.path.parts]
    assert env.variables["ETCD_LISTEN_CLIENT_URLS"] == "http://[2001:db8::15]:2379,http://[::1]:2379"
    assert env.variables["ETCD_INITIAL_CLUSTER"] == (
        f"{'a' * 32}=http://[2001:db8::1]:2380,{'b' * 32}=http://[2001:db8::2]:2380"
    )
    assert env.variables["ETCD_INITIAL_CLUSTER_STATE"] == "existing"
    assert 'unicast.hosts: ["[2001:db8::1]", "[2001:db8::2]"]' in text(found, f"{CONFIG}/elasticsearch.yml")
    assert "minimum_master_nodes: 2" in text(found, f"{CONFIG}/elasticsearch.yml")


def test_elasticsearch_alone() -> None:
    found = node("elasticsearch.jvm_opts = ['-Xmx3g', '-Dx=y']")
    yml = text(found, f"{CONFIG}/elasticsearch.yml")
    assert 'cluster.name: "ChefBackend-00112233"' in yml
    assert 'network.bind_host: ["10.0.2.15", "127.0.0.1"]' in yml
    assert "discovery.zen.minimum_master_nodes: 1" in yml
    options = text(found, f"{CONFIG}/jvm.options").splitlines()
    assert {"-Xms2730m", "-Xmx2730m", "-Xmn341m", "-Dlog4j2.formatMsgNoLookups=true"} <= set(options)
    assert options[-2:] == ["-Xmx3g", "-Dx=y"]


def test_a_service_that_is_not_enabled_keeps_its_definition() -> None:
    places = settle(desired(node("elasticsearch.enable false"))).places
    assert isinstance(places[Path("/opt/chef-backend/service/elasticsearch")], Absent)
    assert Path("/opt/chef-backend/sv/elasticsearch/run") in places
    link = places[Path("/opt/chef-backend/service/etcd")]
    assert isinstance(link, Symlink)
    assert link.target == "/opt/chef-backend/sv/etcd"


@pytest.mark.parametrize(
    ("extra", "is_member", "is_down"),
    [("", False, True), ("", True, False), ("leaderl.start_down false", False, False)],
)
def test_leaderl_stays_down_until_the_node_is_a_member(extra: str, is_member: bool, is_down: bool) -> None:  # noqa: FBT001
    places = settle(desired(node(extra, is_member=is_member))).places
    assert isinstance(places[Path("/opt/chef-backend/sv/leaderl/down")], File) is is_down


def test_logs_are_rotated_as_the_settings_say() -> None:
    found = node("leaderl.log_rotation.file_maxbytes 5000\nleaderl.log_rotation.num_to_keep 3")
    assert text(found, "/var/log/chef-backend/leaderl/config") == "s5000\nn3\n"
    assert text(found, "/var/log/chef-backend/etcd/config") == "s104857600\nn10\n"
    places = settle(desired(found)).places
    assert isinstance(places[Path("/var/log/chef-backend/postgresql")], Directory)


def test_a_log_can_be_elsewhere() -> None:
    places = settle(desired(node("etcd.log_directory '/data/logs/etcd'"))).places
    assert Path("/data/logs/etcd") in places
    assert Path("/data/logs") not in places


def test_variables_of_the_operator_come_on_top() -> None:
    found = node("etcd.environment = { 'ETCD_QUOTA_BACKEND_BYTES' => '4294967296', 'ETCD_SNAPSHOT_COUNT' => '7' }")
    env = "/opt/chef-backend/sv/etcd/env"
    assert text(found, f"{env}/ETCD_QUOTA_BACKEND_BYTES") == "4294967296\n"
    assert text(found, f"{env}/ETCD_SNAPSHOT_COUNT") == "7\n"


def test_only_the_last_reports_of_java_stay(tmp_path: Path) -> None:
    """It writes one at each crash, and takes none away."""
    for number in range(20):
        report = tmp_path / f"hs_err_pid{number}.log"
        report.touch()
        os.utime(report, (number, number))
    (tmp_path / "current").touch()
    script = text(node(), "/opt/chef-backend/sv/elasticsearch/run")
    words = shlex.split(next(line for line in script.splitlines() if "hs_err_pid" in line))
    assert words[3] == "sh"
    subprocess.run([*words[3:-1], str(tmp_path)], check=True)
    names = {f"hs_err_pid{number}.log" for number in range(11, 20)}
    assert {path.name for path in tmp_path.iterdir()} == names | {"current"}


def test_scripts_are_posix(tmp_path: Path) -> None:
    """Every script is one that the system's shell can read."""
    scripts = [item for item in files(node()).values() if item.data.startswith(b"#!/bin/sh")]
    assert len(scripts) == 3 * len(SERVICES) + 1
    for number, item in enumerate(scripts):
        path = tmp_path / f"{number}.sh"
        path.write_bytes(item.data)
        subprocess.run(["/bin/sh", "-n", path], check=True)
