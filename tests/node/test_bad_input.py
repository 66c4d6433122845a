"""What a real node makes of mistakes and accidents: a clear message, the documented exit code, and no half state."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from hosts import Host, Ran
from limits import small_config
from node import CONFIG, CREATE, CTL, PYTHON, SECRETS, dry_run, pids, sql, wait_until_it_leads

pytestmark = [pytest.mark.docker, pytest.mark.node, pytest.mark.package]

MISTAKES = {
    "publish_adress '10.0.0.1'": "did you mean publish_address?",
    "postgresql.port 99999": "expected a whole number from 1 to 65535",
    "postgresql.work_mem 'much'": "expected a size such as '64MB'",
    "etcd.heartbeat_interval 'soon'": "expected a whole number",
    "elasticsearch.heap_size -1": "expected a whole number from 64",
    "leaderl.start_down 'maybe'": "expected true or false",
    "ip_version 'ipv5'": "expected 'ipv4' or 'ipv6'",
    "postgresql.shared_bufers '1GB'": "did you mean postgresql.shared_buffers?",
    "ssl.key_length 12": "expected a whole number from 2048 to 8192",
    "this is not ruby": "is is neither a number nor a text",
}
# A file without a mode is put there as it is; exit codes are those of docs/reference/exit-codes.md.
SECRET_FILES = {
    "empty": ("", 0o640, "is empty"),
    "no JSON": ("{'postgresql': {}}", 0o640, "JSON"),
    "a password missing its quotes": ('{"postgresql": {"db_superuser_password": 42}}', 0o640, "a text was expected"),
    "too open": ("{}", 0o644, "others than root and its group may have read or changed it"),
}
LICENCE = "/var/opt/chef-backend/.license.accepted"
UNACCEPTED = """\
error: the licence in /opt/chef-backend/LICENSE is not accepted yet; nothing was changed
hint: run it again with --accept-license, or at a terminal
"""
# What the three end with on this host after the gate.
GONE_ON = {3, 16}
# What each ends with on a host that is no node yet.
UNGATED = {"preflight": 0, "reconfigure --dry-run": 0, "show-config": 0, "doctor": 19, "upgrade": 14, "uninstall": 0}
STATE = (
    "find /etc/chef-backend /var/opt/chef-backend /opt/chef-backend/sv /opt/chef-backend/service -printf '%p %T@ %m\\n'"
)
POSTGRESQL = "/var/opt/chef-backend/postgresql"
ETCD_DATA = "/var/opt/chef-backend/etcd/data/member"
INITDB = f"{POSTGRESQL}/15/data/base"
# Both tell their process id when they have what they are for.
LISTENS = (
    "$socket = IO::Socket::INET->new(Listen => 1, LocalPort => 9200) or die;"
    "open F, '>', shift; print F $$; close F; sleep"
)
HOLDS = (
    "import fcntl, os, pathlib, signal, sys; f = open('/run/chef-backend/reconfigure.lock'); "
    "fcntl.flock(f, fcntl.LOCK_EX); pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); signal.pause()"
)
# Leaves etcd's log as it is before its first entry: its three first records, each of so many bytes and its padding.
FIRST_START = """
import pathlib
log, = pathlib.Path("/var/opt/chef-backend/etcd/data/member/wal").glob("*.wal")
content, end = log.read_bytes(), 0
for _ in range(3):
    header = int.from_bytes(content[end : end + 8], "little")
    end += 8 + header % 2**56 + (header >> 56) % 8
log.write_bytes(content[:end] + bytes(len(content) - end))
"""
# Ends the command as soon as there is what is waited for; 3 when it ended before.
_KILLED = """
{command} >/root/said 2>&1 & pid=$!
until {sign}; do kill -0 $pid || exit 3; done
kill -KILL $pid
wait $pid || true
"""


@pytest.fixture(scope="module")
def bare(installed: Callable[..., Host]) -> Host:
    """A host on which every command is refused, so that nothing is ever changed; its supervisor has no service."""
    host = installed()
    host.run("touch", LICENCE)
    return host


@pytest.fixture(scope="module")
def node(created: Callable[..., Host]) -> Host:
    """A cluster of one, which stays as it is."""
    return created()


@pytest.fixture
def unaccepted(bare: Host) -> Iterator[Host]:
    """The same, whose licence nobody has accepted yet."""
    bare.run("rm", LICENCE)
    yield bare
    bare.run("touch", LICENCE)


def test_ten_mistakes_are_ten_messages(bare: Host) -> None:
    """Each with its line and what was expected; nothing is touched."""
    config = "".join(f"{line}\n" for line in MISTAKES)
    said = refused(bare, config, 3)
    assert f"10 problems in {CONFIG}; nothing was changed" in said
    for number, expected in enumerate(MISTAKES.values(), 1):
        (message,) = said.split(f"{CONFIG}:{number}:")[1:]
        assert expected in message.partition(f"{CONFIG}:")[0]


@pytest.mark.parametrize("command", ["create-cluster", "reconfigure", "restore /root/none.tgz"])
def test_nothing_begins_before_the_licence_is_accepted(command: str, unaccepted: Host) -> None:
    """Without a terminal it ends; at one `yes` is asked for. Once accepted, it is not asked for again."""
    unaccepted.write(CONFIG, "nonsense 1\n")
    before = unaccepted.sh(STATE)
    refusal = unaccepted.run(CTL, *command.split(), check=False)
    assert (refusal.code, refusal.out) == (1, UNACCEPTED)
    assert typed(unaccepted, "y", command) == 1
    assert unaccepted.sh(STATE) == before
    assert typed(unaccepted, "yes", command) in GONE_ON
    assert unaccepted.access(LICENCE) == "root:root 644"
    assert unaccepted.run(CTL, *command.split(), check=False).code in GONE_ON
    unaccepted.run("rm", LICENCE)
    assert unaccepted.run(CTL, *command.split(), "--accept-license", check=False).code in GONE_ON
    assert unaccepted.exists(LICENCE)


def test_what_makes_no_node_asks_for_no_licence(unaccepted: Host) -> None:
    """It looks only, undoes, or is for a node that was made."""
    unaccepted.write(CONFIG, small_config(unaccepted.address))
    assert {word: unaccepted.run(CTL, *word.split(), check=False).code for word in UNGATED} == UNGATED
    assert not unaccepted.exists(LICENCE)


def test_an_address_of_another_machine_is_refused(bare: Host) -> None:
    """And one of the other kind."""
    assert "publish_address 192.0.2.1 is not on this node" in refused(bare, "publish_address '192.0.2.1'\n", 3)
    assert "ip_version" in refused(bare, "publish_address '::1'\nip_version 'ipv4'\n", 3)


@pytest.mark.parametrize("case", SECRET_FILES)
def test_a_secrets_file_that_is_no_good_is_refused(case: str, bare: Host) -> None:
    """It is never replaced: whoever put it there meant something by it."""
    content, mode, expected = SECRET_FILES[case]
    bare.write(SECRETS, content)
    bare.run("chmod", f"{mode:o}", SECRETS)
    try:
        said = refused(bare, small_config(bare.address), 4)
    finally:
        bare.run("rm", SECRETS)
    assert SECRETS in said
    assert expected in said


def test_a_port_that_another_program_has_is_refused(bare: Host) -> None:
    """With the program and its process id."""
    holder = bare.background("perl", "-MIO::Socket::INET", "-e", LISTENS)
    said = refused(bare, small_config(bare.address), 11)
    bare.run("kill", holder)
    assert f"port 9200 is needed by elasticsearch, and /usr/bin/perl (pid {holder}) listens on it" in said


def test_data_of_another_postgresql_is_refused(bare: Host) -> None:
    """It is told which version it is of, and stays."""
    bare.sh(f"mkdir -p {POSTGRESQL}/15/data && echo 9.5 >{POSTGRESQL}/15/data/PG_VERSION")
    said = refused(bare, small_config(bare.address), 11)
    assert "this node's data is PostgreSQL 9.5's, and PostgreSQL 15 is installed; nothing was changed" in said
    bare.run("rm", "-r", POSTGRESQL)


def test_data_of_another_cluster_is_never_made_a_new_ones(bare: Host) -> None:
    """Whatever there is of it is named, with what brings a backup back and what clears it away."""
    bare.sh(f"mkdir -p {POSTGRESQL}/15/data {ETCD_DATA} && echo 15 >{POSTGRESQL}/15/data/PG_VERSION")
    said = refused(bare, small_config(bare.address), 11)
    assert f"PostgreSQL 15: {POSTGRESQL}/15/data" in said
    assert f"etcd: {ETCD_DATA}" in said
    assert "chef-backend-ctl restore" in said
    bare.run("rm", "-r", POSTGRESQL, ETCD_DATA)


def test_only_root_may(bare: Host) -> None:
    """It is told so, before anything is read."""
    ran = bare.run(*CREATE, user="nobody", check=False)
    assert ran.code == 10
    assert "needs root's rights" in ran.out


def test_a_second_cluster_on_a_node_is_refused(node: Host) -> None:
    """It leads on."""
    before = pids(node)
    ran = node.run(*CREATE, check=False)
    assert ran.code == 15
    assert "this node is in a cluster already" in ran.out
    assert pids(node) == before


def test_one_command_at_a_time(node: Host) -> None:
    """The second is told who is at it."""
    holder = node.background(PYTHON, "-c", HOLDS)
    ran = node.run(CTL, "reconfigure", check=False)
    node.run("kill", holder)
    assert ran.code == 9
    assert "is changing this node" in ran.out
    node.run(CTL, "reconfigure")


def test_a_folder_that_cannot_be_written_is_told_and_the_next_run_finishes(node: Host) -> None:
    """The services go on with what they have."""
    before = pids(node)
    node.write(CONFIG, small_config(node.address) + "postgresql.work_mem '10MB'\n")
    data = f"{POSTGRESQL}/15/data"
    node.sh(f"mount --bind {data} {data} && mount -o remount,bind,ro {data}")
    ran = node.run(CTL, "reconfigure", check=False)
    node.run("umount", data)
    assert ran.code == 6
    assert f"{data}/postgresql.conf" in ran.out
    assert "ead-only" in ran.out
    node.run(CTL, "reconfigure")
    assert sql(node, "show work_mem") == "10MB"
    assert dry_run(node)["empty"]
    assert pids(node) == before


def test_accidents_on_the_way_to_a_cluster_are_made_good_by_the_next_run(deb_host: Callable[..., Host]) -> None:
    """A full disk and a killed command while the data store is made, a power cut while services start.

    And one in etcd's first start, after which etcd alone never has a leader.
    """
    host = deb_host()
    host.write(CONFIG, small_config(host.address))
    host.sh(f"mkdir -p {POSTGRESQL} && mount -t tmpfs -o size=24m,mode=755 tmpfs {POSTGRESQL}")
    full = host.run(*CREATE, "--ignore", "CB111", check=False, timeout_s=300)  # else preflight would not let it
    assert full.code in {5, 6}, full.out
    assert "No space left on device" in full.out
    assert_postgresql_does_not_run(host)
    secrets = host.read(SECRETS)
    host.sh(f"umount {POSTGRESQL}")
    host.sh(_KILLED.format(command=" ".join(CREATE), sign=f"[ -d {INITDB} ]"))
    assert_postgresql_does_not_run(host)
    host.sh(_KILLED.format(command=" ".join(CREATE), sign="grep -q 'Starting services' /root/said"))
    host.cut_power()
    host.power_on()
    host.run(CTL, "stop", "etcd")
    host.run(PYTHON, "-c", FIRST_START)
    host.run(CTL, "start", "etcd")
    last = host.run(*CREATE, timeout_s=300)
    assert last.out.splitlines()[-1] == "This node is the leader of a new cluster."
    wait_until_it_leads(host)
    assert host.read(SECRETS) == secrets
    assert sql(host, "select pg_is_in_recovery()") == "f"
    assert dry_run(host)["empty"]


def refused(host: Host, config: str, code: int) -> str:
    """Return what create-cluster says: it has that exit code, and has touched nothing."""
    host.write(CONFIG, config)
    before = host.sh(STATE)
    ran: Ran = host.run(*CREATE, check=False)
    assert ran.code == code, ran.out
    assert host.sh(STATE) == before
    return ran.out


def typed(host: Host, answer: str, command: str) -> int:
    """Return the exit code of a command that was asked for the licence at a terminal."""
    ran = host.run(
        "sh", "-c", f"echo {answer} | script --quiet --return --command '{CTL} {command}' /dev/null", check=False
    )
    assert "Type `yes` to accept it:" in ran.out
    return ran.code


def assert_postgresql_does_not_run(host: Host) -> None:
    """There is no half-made server."""
    assert host.run("pgrep", "-x", "postgres", check=False).code == 1
