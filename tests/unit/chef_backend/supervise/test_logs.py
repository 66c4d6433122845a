"""The logs that `tail` shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chef_backend.base.paths import Paths
from chef_backend.supervise.logs import log_files, log_folders

ROTATED = ("@400000005a85bc4a0b1c2d3e.s", "config", "lock", "old.gz", "old.tar.bz2", "x.tgz", "x.xz", "x.zip")


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Two services' logs, with all that may lie beside them."""
    found = Paths(tmp_path)
    for folder in ("etcd", "postgresql/15", "elasticsearch", "leaderl/sasl", "chef-backend-ctl"):
        (found.logs / folder).mkdir(parents=True)
        for name in ("current", *ROTATED):
            (found.logs / folder / name).touch()
    for name in ("gc.log", "gc.log.0"):
        (found.logs / "elasticsearch" / name).touch()
    (found.logs / "runsvdir.log").touch()
    return found


def shown(paths: Paths, *services: str, everything: bool = False) -> list[str]:
    files = log_files(log_folders(paths, services, everything=everything))
    return [str(file.relative_to(paths.root)) for file in files]


def test_what_is_written_now_is_shown(paths: Paths) -> None:
    """Not what was rotated away, nor the files that svlogd keeps there, what is no service's, or Java's memory log."""
    assert shown(paths, everything=True) == [
        "var/log/chef-backend/elasticsearch/current",
        "var/log/chef-backend/etcd/current",
        "var/log/chef-backend/postgresql/15/current",
        "var/log/chef-backend/runsvdir.log",
    ]


def test_one_services_logs(paths: Paths) -> None:
    assert shown(paths, "postgresql") == ["var/log/chef-backend/postgresql/15/current"]
    assert shown(paths, "nothing") == []


def test_links_are_followed_and_circles_left(paths: Paths) -> None:
    """Logs on another disk are found through the link there."""
    elsewhere = paths.root / "disk2/logs"
    elsewhere.mkdir(parents=True)
    (elsewhere / "current").touch()
    (elsewhere / "again").symlink_to(elsewhere)
    (paths.logs / "linked").symlink_to(elsewhere)
    assert shown(paths, "linked") == ["var/log/chef-backend/linked/current"]


def test_a_log_folder_that_the_settings_name_is_shown_too(paths: Paths) -> None:
    """Wherever it is; without a reconfigure there is none."""
    paths.etc.mkdir(parents=True)
    settings = {"etcd": {"log_directory": "/data/logs/etcd"}, "leaderl": {"log_directory": "/var/log/chef-backend/x"}}
    paths.running.write_text(json.dumps({"chef-backend": settings}))
    own = paths.root / "data/logs/etcd"
    own.mkdir(parents=True)
    (own / "current").touch()
    assert shown(paths, "etcd") == ["data/logs/etcd/current", "var/log/chef-backend/etcd/current"]
    assert "data/logs/etcd/current" in shown(paths, "etcd", "leaderl", everything=True)
    paths.running.write_text("[]")
    assert shown(paths, "etcd") == ["var/log/chef-backend/etcd/current"]
