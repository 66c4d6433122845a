"""What a cleanse tells the operator."""

from __future__ import annotations

from pathlib import Path

from chef_backend.base.paths import Paths
from chef_backend.removal.cleanse import Outcome
from chef_backend.removal.report import closing_lines, warning_lines
from chef_backend.removal.sweep import Left


def test_every_copy_of_the_configuration_is_put_back_in_its_order() -> None:
    """That of an interrupted run is the whole one."""
    folders = (Path("/root/chef-backend-cleanse-1"), Path("/root/chef-backend-cleanse-2"))
    lines = list(closing_lines(Outcome(folders, ()), Paths()))
    assert lines[1:6] == [
        "Your config files have been backed up to /root/chef-backend-cleanse-1.",
        "Your config files have been backed up to /root/chef-backend-cleanse-2.",
        "To make the node anew with them:",
        "  mkdir /etc/chef-backend",
        "  cp -a /root/chef-backend-cleanse-1/. /etc/chef-backend/",
    ]
    assert "cleanse-2/. " in lines[6]


def test_what_was_left_is_listed_but_not_without_end() -> None:
    """The rest is counted."""
    left = tuple(Left(Path(f"/var/opt/chef-backend/{number}"), "it is a backup") for number in range(25))
    lines = list(closing_lines(Outcome((), left), Paths()))
    assert lines[0] == "Not deleted:"
    assert lines[1] == "  /var/opt/chef-backend/0: it is a backup"
    assert lines[21:] == ["  and 5 more", "This node is cleansed."]


def test_the_warning_names_what_goes_and_what_stays() -> None:
    """Before anything is changed."""
    text = "\n".join(warning_lines(Paths()))
    for path in (
        "/etc/chef-backend",
        "/var/opt/chef-backend",
        "/var/log/chef-backend",
        "/var/opt/chef-backup",
        "/root",
    ):
        assert path in text
