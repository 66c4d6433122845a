"""What a sandbox's commands see, and what is left of them."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from boxes import Box

from omnibuild.errors import HostLacks
from omnibuild.sandbox.run import RunningSandboxes, Sandbox


def alive(marker: str) -> list[int]:
    """Return the processes whose command line holds ``marker``."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if marker.encode() in words:
                found.append(int(folder.name))
    return found


def eventually(check: Callable[[], bool], *, within_s: float = 10) -> None:
    """Return once ``check`` is true; fail when it is not in time."""
    event, deadline = threading.Event(), time.monotonic() + within_s
    while not check():
        assert time.monotonic() < deadline, "did not come true in time"
        event.wait(0.02)


def test_writes_below_the_install_root_are_captured(box: Box) -> None:
    """What a command writes to the root lies in the upper folder, and nowhere on the host."""
    box.output("mkdir -p /opt/probe/lib && echo text >/opt/probe/lib/file")
    assert (box.upper / "lib/file").read_text() == "text\n"
    assert not Path("/opt/probe").exists()


def test_dependencies_are_seen_and_not_changed(box: Box) -> None:
    """A dependency's file lies at its real place; overwriting it leaves the dependency's as it was."""
    box.lower("lib/dep", "dep\n")
    assert "dep" in box.output("cat /opt/probe/lib/dep; echo changed >/opt/probe/lib/dep")
    assert (box.directory / "lower/lib/dep").read_text() == "dep\n"


@pytest.mark.parametrize("place", ["/usr/lib", "/etc", "/opt", "/", "/opt/other", "/dev", "/proc", "/var"])
def test_writing_elsewhere_fails(box: Box, place: str) -> None:
    """Outside of the root, /build and /tmp a write fails, instead of landing where nobody looks."""
    result = box.run(f"mkdir -p {place} && echo text >{place}/omnibuild-test-file")
    assert result.failed_step == 0
    assert not Path(place, "omnibuild-test-file").exists()
    if place != "/proc":
        assert "Read-only file system" in box.log.read_text()


def test_temporary_files_are_allowed(box: Box) -> None:
    """/tmp, /var/tmp, /dev/shm and /build are writable; only /build is on the disk."""
    box.output("for d in /tmp /var/tmp /dev/shm /build; do echo x >$d/omnibuild-test-file; done")
    assert (box.directory / "build/omnibuild-test-file").is_file()
    assert not Path("/tmp/omnibuild-test-file").exists()


def test_there_is_no_network(box: Box) -> None:
    """A port that listens on the host is not reachable, while the sandbox's own loopback works."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        script = (
            "import socket\n"
            "own = socket.create_server(('127.0.0.1', 0))\n"
            "socket.create_connection(own.getsockname()).close()\n"
            "print(socket.if_nameindex())\n"
            f"try: socket.create_connection(('127.0.0.1', {port}), 5)\n"
            "except OSError as error: print('refused:', error)\n"
            "else: print('connected')\n"
        )
        (box.directory / "build/probe.py").write_text(script)
        text = box.output("/usr/bin/python3 /build/probe.py")
    assert "refused:" in text
    assert "connected" not in text
    assert "[(1, 'lo')]" in text


def test_processes_host_name_and_environment_are_its_own(box: Box) -> None:
    """No process, name or variable of the host is visible."""
    text = box.output("hostname; ls /proc | grep -c '^[0-9]'; env; umask; id -u; readlink /proc/self/fd/0")
    name, processes, *rest = text.split("\n")
    assert name == "omnibuild"
    assert int(processes) < 8
    assert {line.partition("=")[0] for line in rest if "=" in line} <= {"PATH", "PWD", "SHLVL", "_", "OLDPWD"}
    assert "0022" in rest
    assert "/dev/null" in rest


@pytest.fixture
def ignored_signals() -> Iterator[None]:
    """Have this process ignore signals, one of glibc's own among them, as a CI runner in Go may."""
    libc, number = ctypes.CDLL(None), {"x86_64": 13, "aarch64": 134}[platform.machine()]
    for action in (1, 0):
        for ignored in (signal.SIGHUP, 32, signal.SIGRTMIN):
            assert libc.syscall(number, ignored, struct.pack("QQQQ", action, 0, 0, 0), None, 8) == 0
        if action:
            yield


@pytest.mark.usefixtures("ignored_signals")
def test_no_descriptor_and_no_ignored_signal_is_inherited(box: Box) -> None:
    """Commands start as from a shell: descriptors 0 to 2 alone, every signal at its default."""
    text = box.output("ls /proc/self/fd | tr '\\n' ' '; grep -E 'SigIgn|SigBlk' /proc/self/status")
    descriptors = text.split("\n")[0].split("SigBlk")[0].split()
    assert set(descriptors) <= {"0", "1", "2", "3"}  # 3 is ls's own
    masks = [line.split(":")[1].strip() for line in text.splitlines() if "Sig" in line and ":" in line]
    assert masks == ["0" * 16, "0" * 16]


@pytest.mark.skipif(os.getuid() != 0, reason="only root could change a device of the host")
def test_no_command_changes_a_device_of_the_host(box: Box) -> None:
    """A recipe that "cleans up" modes under /dev fails, and the host's /dev/null stays as it was."""
    before = Path("/dev/null").stat()
    text = box.output("chmod 0644 /dev/null || echo refused; chown 1:1 /dev/full || echo refused; echo x >/dev/null")
    after = Path("/dev/null").stat()
    assert text.count("refused") == 2
    assert (after.st_mode, after.st_uid) == (before.st_mode, before.st_uid)


def test_steps_stop_at_the_first_failure(box: Box) -> None:
    """The failed step's number and exit code are told; later steps do not run."""
    result = box.run("echo one", "exit 7", "echo three")
    assert (result.failed_step, result.status) == (1, 7)
    assert "three" not in box.log.read_text()


def test_a_signal_is_a_negative_status(box: Box) -> None:
    """A command killed by a signal is told apart from one that exits."""
    result = box.run("kill -SEGV $$")
    assert (result.failed_step, result.status) == (0, -signal.SIGSEGV)


@pytest.mark.parametrize("argv", [("no-such-program",), ("/etc",), ("nul\0inside",)])
def test_a_program_that_cannot_start_is_named(box: Box, argv: tuple[str, ...]) -> None:
    """A missing or impossible program fails its step, and the log says which."""
    result = box.run(argv=argv)
    assert (result.failed_step, result.status) == (0, 127)
    assert argv[0].split("\0")[0] in box.log.read_text()


def test_a_view_that_cannot_be_made_says_why(box: Box) -> None:
    """A missing folder is the host's trouble, not a failed build."""
    (box.directory / "upper").rmdir()
    with pytest.raises(HostLacks, match="mount overlay"):
        box.run("true")


@pytest.mark.parametrize("name", ["with space", "a,b", "a:b", "back\\slash", "quote'\"", "ü"])
def test_any_folder_name_works(make_box: Callable[[str], Box], name: str) -> None:
    """The store may lie below a folder of any name, though overlayfs gives colons a meaning."""
    box = make_box(name)
    box.lower("dep", "dep\n")
    box.output("cat /opt/probe/dep; echo x >/opt/probe/new")
    assert (box.upper / "new").is_file()


def test_orphans_do_not_outlive_the_build(box: Box) -> None:
    """A daemon that a step leaves behind, in a session of its own, ends with the sandbox."""
    marker = f"{os.getpid()}.{box.isolation}"
    box.output(f"setsid sh -c 'exec sleep 6{marker[:5].replace('.', '')}.5' >/dev/null 2>&1 & echo started")
    eventually(lambda: not alive(f"6{marker[:5].replace('.', '')}.5"))


def test_stop_ends_everything(box: Box) -> None:
    """Stopping kills the commands, their sessions and the sandbox; its end is told as a kill."""
    marker = f"98{os.getpid()}"
    script = f"setsid sleep {marker} & setsid sleep {marker} & echo up >/build/up; wait"
    with box.log.open("ab") as stream:
        sandbox = Sandbox(box.spec(script), stream)
        eventually((box.directory / "build/up").exists)
        sandbox.stop()
        result = sandbox.wait()
    assert (result.failed_step, result.status) == (0, -signal.SIGKILL)
    eventually(lambda: not alive(marker))
    sandbox.stop()


def test_the_death_of_the_parent_ends_everything(box: Box) -> None:
    """When the process that runs a build is killed, nothing of the build is left."""
    marker = f"97{os.getpid()}"
    child = os.fork()
    if child == 0:
        box.run(f"setsid sleep {marker} & echo up >/build/up; sleep {marker}")
        os._exit(0)
    eventually((box.directory / "build/up").exists)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    eventually(lambda: not alive(marker))
    mounts = Path("/proc/self/mounts").read_text()
    assert str(box.directory) not in mounts


def test_a_timeout_is_told(box: Box) -> None:
    """A sandbox that takes too long is killed, and the result says that this was why."""
    running = RunningSandboxes()
    result = running.run(box.spec("sleep 60"), box.log, inherit=(), on_step=lambda _index: None, timeout_s=0.5)
    assert result.failed_step == 0
    assert result.timed_out


def test_stop_all_stops_later_ones_too(box: Box) -> None:
    """After an interruption a sandbox that is just being started is stopped as well."""
    running = RunningSandboxes()
    running.stop_all()
    result = running.run(box.spec("sleep 60"), box.log, inherit=(), on_step=lambda _index: None)
    assert result.failed_step == 0
    assert not result.timed_out


def test_opened_dependencies_are_seen(box: Box) -> None:
    """Reading, mapping or executing a dependency's file counts; listing its folder does not."""
    box.lower("lib/read", "x", owner="read")
    box.lower("lib/ignored", "x", owner="ignored")
    box.lower("include/deep/er/header", "x", owner="header")
    box.lower("bin/tool", "#!/bin/sh\nexit 0\n", owner="tool")
    (box.directory / "lower/bin/tool").chmod(0o755)
    result = box.run("cat /opt/probe/lib/read", "ls -lR /opt/probe; stat /opt/probe/lib/ignored", "/opt/probe/bin/tool")
    assert result.opened == {"read", "tool"}


def test_an_opened_dependency_is_seen_after_its_folder_was_written_to(box: Box) -> None:
    """A folder that the build itself adds files to is still watched."""
    box.lower("lib/one", "x", owner="one")
    result = box.run("echo x >/opt/probe/lib/mine; mkdir /opt/probe/lib/sub", "cat /opt/probe/lib/one")
    assert result.opened == {"one"}


def test_a_link_to_a_dependency_counts(box: Box) -> None:
    """Opening a dependency's file by way of a symbolic link is seen."""
    box.lower("lib/libx.so.1", "x", owner="libx")
    (box.directory / "lower/lib/libx.so").symlink_to("libx.so.1")
    assert box.run("cat /opt/probe/lib/libx.so").opened == {"libx"}


def test_peak_memory_is_that_of_all_processes(box: Box) -> None:
    """The sampled peak counts what the commands hold in memory, and not the host's processes."""
    script = "/usr/bin/python3 -c 'import time; x = bytearray(150 << 20); time.sleep(1)'"
    result = box.run(script)
    assert 150 << 20 < result.peak_rss < 400 << 20


def test_device_nodes_work(box: Box) -> None:
    """The usual devices are there and no other."""
    text = box.output("ls /dev; head -c 4 /dev/urandom | wc -c; echo x >/dev/null")
    listed = set(text.split("4\n")[0].split())
    expected = {"fd", "full", "null", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero"}
    assert listed == expected
