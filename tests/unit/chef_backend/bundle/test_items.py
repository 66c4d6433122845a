"""What a bundle consists of: what others' programs look for, and no file that holds a secret."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest
from sources import FakeWorld

from chef_backend.base.errors import UnsafePath
from chef_backend.base.paths import Paths
from chef_backend.bundle.allowed import ALLOWED, WITHHELD
from chef_backend.bundle.item import Copy, Item, Made, Page, Program, told
from chef_backend.bundle.logs import logs
from chef_backend.bundle.node import Node, node
from chef_backend.bundle.postgresql import postgresql
from chef_backend.bundle.report import preview
from chef_backend.bundle.settings import document
from chef_backend.bundle.system import system
from chef_backend.bundle.world import Listed
from chef_backend.config.load import recorded
from chef_backend.config.model import Settings
from chef_backend.config.problems import ConfigInvalid, Place, Problem
from chef_backend.config.table import TABLE
from chef_backend.reconfigure.recorded import LastSettings
from chef_backend.resources.fake import FakeHost
from chef_backend.resources.host import Kind, Observed
from chef_backend.resources.receipt import Entry, Receipt, render
from chef_backend.secrets.modes import protected_files

PATHS = Paths()
ROTATED = ["@400000006926c0de0a5e9b04.s", "@400000006926b0de0a5e9b04.s", "@400000006926a0de0a5e9b04.u"]
LAST = {
    "ip_version": "ipv6",
    "etcd": {"client_port": 2479, "log_directory": "/logs/etcd", "environment": {"GODEBUG": "hunter2"}},
    "postgresql": {"port": 5433, "data_dir": "/pgdata", "archive_command": "PASS=hunter2 cp", "wal_level": "replica"},
    "leaderl": {"http_address": "10.0.0.5"},
}


def fail() -> Settings:
    raise ConfigInvalid("chef-backend.rb", [Problem("chef-backend.rb", Place(3, 1), "nonsense 'hunter2'")])


def found(*, read: Callable[[], Settings] = fail, dpkg: bool = True) -> tuple[Node, FakeWorld]:
    host = FakeHost()
    host.add(PATHS.data / "postgresql/15/data", Observed(Kind.FOLDER))
    host.add(PATHS.data / "postgresql/lost+found", Observed(Kind.FOLDER))
    host.add(PATHS.logs / "postgresql/15", Observed(Kind.FOLDER))
    if dpkg:
        host.add(Path("/var/lib/dpkg/status"), Observed(Kind.FILE))
    entries = {PATHS.secrets: (Entry(Kind.FILE, "root", "chef_pgsql", 0o640, sha256="cafe"),)}
    host.add(PATHS.receipt, Observed(Kind.FILE, content=render(Receipt(entries))))
    folders = {
        Path("/logs/etcd"): ["current", *ROTATED, "config", "lock", "@400000006926c0de0a5e9b04.s.gz"],
        PATHS.log("etcd"): ["current"],
        PATHS.log("postgresql", "15"): ["current"],
        PATHS.log("elasticsearch"): ["gc.log", "gc.log.1", "heap.hprof"],
        PATHS.command_logs: ["backup-1.log"],
        PATHS.logs: ["runsvdir.log"],
    }
    listed = {
        folder: tuple(Listed(name, 7, float(-number)) for number, name in enumerate(names))
        for folder, names in folders.items()
    }
    last = LastSettings(recorded(LAST))
    return Node(host, PATHS, last, read, has_command=lambda word: word == "doctor"), FakeWorld(folders=listed)


def items(*, dpkg: bool = True) -> Iterator[Item]:
    this, world = found(dpkg=dpkg)
    return chain(node(this), system(this.host, PATHS), postgresql(this), logs(this, world))


def by_path() -> dict[str, Item]:
    return {item.path: item for item in items()}


def test_what_other_peoples_programs_look_for_is_there() -> None:
    """By the very names, wherever a setting put the log; and the doctor's words come first."""
    paths = [item.path for item in items()]
    assert paths[0] == "doctor.txt"
    assert len(paths) == len(set(paths))
    for name in (
        "chef-backend-ctl-status.txt",
        "cluster-status.json",
        "opt/chef-backend/version-manifest.json",
        "installed-packages.txt",
        "df_h.txt",
        "free_m.txt",
        "ss_ontap.txt",
        "dmesg.txt",
        "uptime.txt",
        "sysctl_a.txt",
        "etc/os-release",
        "proc/cpuinfo",
        "var/log/chef-backend/postgresql/15/current",
        "var/log/chef-backend/chef-backend-ctl/backup-1.log",
    ):
        assert name in paths, name


def test_no_file_that_holds_a_secret_is_a_source() -> None:
    """Only allow-listed files are, none of them below the configuration, and none that a wildcard finds."""
    protected = protected_files(PATHS, PATHS.postgresql("15") / "passfile", (PATHS.ssl / "postgresql.key",))
    sources = {item.file for item in items() if isinstance(item, Copy)}
    assert not sources & set(protected)
    assert not [path for path in sources if PATHS.etc in path.parents or PATHS.data in path.parents]
    lines = [item.source for item in items() if isinstance(item, Program)]
    assert not [line for line in lines if re.search(r"\b(cat|cp|tar)\b(?! /etc/(hosts|resolv.conf)$)", line)]


def test_processes_are_listed_without_their_arguments() -> None:
    """Other software has passwords there."""
    (line,) = [item.source for item in items() if item.path == "ps.txt"]
    assert "comm" in line
    assert "args" not in line
    assert "cmd" not in line


def test_rotated_logs_are_limited_and_compressed_ones_left_out() -> None:
    """Newest first, after all the current ones; svlogd's own files tell nothing."""
    paths = [item.path for item in items() if item.path.startswith("var/log/chef-backend/etcd/")]
    assert paths == [f"var/log/chef-backend/etcd/{name}" for name in ("current", *ROTATED[:2])]
    order = list(by_path())
    assert order.index("var/log/chef-backend/postgresql/15/current") < order.index(paths[1])
    assert "var/log/chef-backend/elasticsearch/heap.hprof" not in order


def test_services_are_asked_where_they_listen() -> None:
    """By the settings that run, on this node itself."""
    urls = {item.path: item.url for item in items() if isinstance(item, Page)}
    assert urls["etcd/v2-members.txt"] == "http://[::1]:2479/v2/members"
    assert urls["leaderl/status.txt"] == "http://10.0.0.5:7331/status"
    assert urls["elasticsearch/health.json"].startswith("http://[::1]:9200/")


def test_postgresql_is_asked_for_numbers_only() -> None:
    """No query, no text of a setting that may hold a command."""
    programs = {item.path: item for item in items() if isinstance(item, Program)}
    assert "--port=5433" in programs["postgresql/15/settings.txt"].argv
    assert programs["postgresql/15/controldata.txt"].argv[-1] == "/pgdata"
    queries = [argument for item in programs.values() for argument in item.argv if "pg_stat_activity" in argument]
    assert queries
    assert not [query for query in queries if re.search(r"\bquery\b|select \*", query)]
    assert "vartype <> 'string'" in programs["postgresql/15/settings.txt"].argv[-1]


@pytest.mark.parametrize(("dpkg", "program"), [(True, "dpkg-query"), (False, "rpm")])
def test_the_package_manager_that_is_there_is_asked(*, dpkg: bool, program: str) -> None:
    """Both kinds of package are installed somewhere."""
    (found_item,) = [item for item in items(dpkg=dpkg) if item.path == "installed-packages.txt"]
    assert isinstance(found_item, Program)
    assert found_item.argv[0] == program


def test_every_setting_is_either_allowed_or_withheld() -> None:
    """Whoever adds one decides, here."""
    assert ALLOWED.isdisjoint(WITHHELD)
    assert set(TABLE) == ALLOWED | WITHHELD


def test_settings_show_what_is_allowed() -> None:
    """Names of variables, and that a command is set; where the configuration is wrong, why, and what ran last."""
    this, _ = found()
    shown = document(this.read, this.last.settings)
    assert b"hunter2" not in shown
    parsed = json.loads(shown)
    assert parsed["problems"] == ["chef-backend.rb:3"]
    assert parsed["settings"]["etcd.environment"]["value"] == {"GODEBUG": "(withheld)"}
    assert parsed["settings"]["postgresql.archive_command"]["value"] == "(withheld)"
    assert parsed["settings"]["postgresql.wal_level"]["value"] == "replica"
    assert json.loads(document(lambda: this.last.settings, this.last.settings))["source"] == "chef-backend.rb"


def test_the_receipt_is_shown_without_checksums() -> None:
    """Those of short passwords could be tried out; a damaged one is told."""
    (item,) = [item for item in items() if item.path == "receipt.json"]
    assert isinstance(item, Made)
    shown = item.make()
    assert b"cafe" not in shown
    assert json.loads(shown)["entries"][str(PATHS.secrets)][0]["mode"] == "0640"


def test_a_preview_names_everything(tmp_path: Path) -> None:
    """Sizes where they are known, limits elsewhere."""
    (tmp_path / "log").write_bytes(b"x" * 2048)
    lines = list(
        preview(
            [
                Copy("a", tmp_path / "log", limit=1024),
                Copy("b", tmp_path / "gone"),
                Copy("c", Path("/proc/cpuinfo"), limit=512),
                Program("d", ("ss", "-a b"), limit=3 << 20),
            ]
        )
    )
    assert [line.split()[:3] for line in lines[:2]] == [["1.0", "KiB", "a"], ["0", "B", "b"]]
    assert lines[2].split()[:4] == ["<=", "512", "B", "c"]
    assert lines[3].endswith("ss '-a b'")
    assert lines[4].split()[:3] == ["<=", "3.0", "MiB"]


def test_a_list_that_cannot_be_made_does_not_end_the_others() -> None:
    """Something unexpected is where a log's folder should be."""

    def broken() -> Iterator[Item]:
        yield Copy("a", Path("/a"))
        raise UnsafePath("a link is there")

    first, last = told(broken())
    assert first.path == "a"
    assert isinstance(last, Made)
    with pytest.raises(UnsafePath):
        last.make()
