"""The commands around services as an operator calls them: words, streams and exit codes, without a supervisor."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from chef_backend.base.errors import NotAMember, ServiceFailed, UnknownService
from chef_backend.base.paths import Paths
from chef_backend.ctl import cli
from chef_backend.ctl.session import Session

WAITING = ("start", "stop", "restart", "once")
SIGNALS = ("up", "down", "pause", "cont", "hup", "alarm", "int", "quit", "usr1", "usr2", "term", "kill")


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Three services, two of them enabled, and nothing that supervises them."""
    found = Paths(tmp_path)
    found.service.mkdir(parents=True)
    for name in ("etcd", "leaderl", "elasticsearch"):
        (found.sv / name).mkdir(parents=True)
    for name in ("leaderl", "etcd"):
        (found.service / name).symlink_to(found.sv / name)
    return found


def call(paths: Paths, *arguments: str) -> Result:
    session = Session(paths=paths, user_id=lambda: 0)
    return CliRunner().invoke(cli.command, list(arguments), obj=session, prog_name="chef-backend-ctl")


def test_services_are_listed_with_an_asterisk(paths: Paths) -> None:
    """Sorted, one a line; on a new node there are none."""
    found = call(paths, "service-list")
    assert (found.exit_code, found.stdout) == (0, "elasticsearch\netcd*\nleaderl*\n")
    assert call(Paths(paths.root / "new"), "service-list").stdout == ""


@pytest.mark.parametrize("word", [*WAITING, *SIGNALS])
def test_each_service_that_does_not_obey_counts(paths: Paths, word: str) -> None:
    """In the order of the word, and with what to do where no supervisor runs."""
    order = ("leaderl", "etcd") if word in {"stop", "down", "restart"} else ("etcd", "leaderl")
    found = call(paths, word)
    assert found.stdout == "".join(f"fail: {name}: runsv not running\n" for name in order)
    assert found.exit_code == 2
    assert "systemctl start chef-backend-runsvdir-start" in found.stderr


def test_one_service_alone(paths: Paths) -> None:
    found = call(paths, "restart", "etcd")
    assert (found.exit_code, found.stdout) == (1, "fail: etcd: runsv not running\n")


def test_a_service_that_is_not_enabled_is_not_touched(paths: Paths) -> None:
    """That is no failure, but of graceful-kill, which promises that it is down."""
    found = call(paths, "stop", "elasticsearch")
    assert (found.exit_code, found.stdout) == (0, "")
    assert found.stderr == "elasticsearch is not enabled on this node\n"
    found = call(paths, "graceful-kill", "elasticsearch")
    assert (found.exit_code, found.stdout) == (1, "")


@pytest.mark.parametrize("word", [*WAITING, *SIGNALS, "graceful-kill", "tail", "status"])
def test_a_service_that_does_not_exist_is_an_error(paths: Paths, word: str) -> None:
    error = call(paths, word, "etc").exception
    assert isinstance(error, UnknownService)
    assert (error.exit_code, error.hint) == (1, "did you mean etcd?")


def test_only_what_waits_has_a_time_to_wait(paths: Paths) -> None:
    assert call(paths, "stop", "--wait", "0", "etcd").exit_code == 1
    assert call(paths, "hup", "--wait", "0", "etcd").exit_code == 2
    assert call(paths, "stop", "--wait", "-1").exit_code == 2


def test_simple_status_is_what_the_supervisor_says(paths: Paths) -> None:
    """In alphabetical order, as ever."""
    found = call(paths, "status", "--simple")
    assert found.stdout == "fail: etcd: runsv not running\nfail: leaderl: runsv not running\n"
    assert found.exit_code == 2
    assert call(paths, "status", "--simple", "etcd").exit_code == 1


def test_the_tables_are_there_when_nobody_answers(paths: Paths) -> None:
    """No traceback, and an exit code for the services alone."""
    found = call(paths, "status")
    assert found.exit_code == 2
    assert found.stdout.startswith("Service  Local Status")
    assert found.stdout.count("error: ") >= 6
    assert call(paths, "status", "--json", "etcd").exit_code == 1
    assert call(paths, "status", "disk").exit_code == 1


def test_status_has_one_form_at_a_time(paths: Paths) -> None:
    assert call(paths, "status", "--simple", "--json").exit_code == 2


def test_a_node_without_services_says_what_comes_first(tmp_path: Path) -> None:
    error = call(Paths(tmp_path), "status").exception
    assert isinstance(error, NotAMember)
    assert error.exit_code == 14


def test_a_node_in_no_cluster_has_no_cluster_status(tmp_path: Path) -> None:
    """Automation tells by the exit code whether to make or join one."""
    for arguments in (["cluster-status"], ["cluster-status", "--json"]):
        found = call(Paths(tmp_path), *arguments)
        assert isinstance(found.exception, NotAMember)
        assert found.stdout == ""


def test_a_half_made_cluster_is_no_cluster_yet(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    paths.state.mkdir(parents=True)
    paths.unfinished.write_text('{"format": 1, "doing": "creating"}')
    error = call(paths, "cluster-status").exception
    assert isinstance(error, NotAMember)
    assert "create-cluster again" in error.hint


def test_a_member_has_a_cluster_status_however_its_cluster_does(tmp_path: Path) -> None:
    """Exit code 0, and the reasons beside the table."""
    paths = Paths(tmp_path)
    (paths.etcd / "data/member").mkdir(parents=True)
    paths.state.mkdir(parents=True)
    paths.receipt.write_text('{"format": 1, "entries": {}, "pending": {}, "actions": []}')
    found = call(paths, "cluster-status")
    assert found.exit_code == 0
    assert found.stdout.split() == ["Name", "IP", "GUID", "Role", "PG", "ES"]
    assert [line.split(":")[0] for line in found.stderr.splitlines()] == ["warning"] * 3


def test_tail_says_where_there_is_no_log_yet(paths: Paths) -> None:
    error = call(paths, "tail", "etcd").exception
    assert isinstance(error, ServiceFailed)
    assert str(paths.logs / "etcd") in error.message


def test_services_are_completed(paths: Paths) -> None:
    """Enabled or not; `status` knows one word more."""
    session = Session(paths=paths)
    complete = ShellComplete(cli.command, {"obj": session}, "chef-backend-ctl", "_CHEF_BACKEND_CTL_COMPLETE")
    assert [each.value for each in complete.get_completions(["restart"], "e")] == ["elasticsearch", "etcd"]
    assert [each.value for each in complete.get_completions(["status"], "d")] == ["disk"]
