"""Each part of a host, judged by what real hosts say of themselves: good ones, bad ones, and silent ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chef_backend.base.paths import Paths
from chef_backend.cluster.ports import Holder
from chef_backend.config.facts import HostFacts
from chef_backend.config.load import load
from chef_backend.health.fake import MOUNTINFO, FakeWorld
from chef_backend.health.finding import Finding, Severity
from chef_backend.health.mounts import Mount
from chef_backend.health.probes import (
    accounts,
    clock,
    disks,
    file_systems,
    kernel,
    latency,
    limits,
    locales,
    memory,
    network,
    processor,
    selinux,
)
from chef_backend.health.probes.release import installs
from chef_backend.health.wanted import Wanted, wanted
from chef_backend.health.world import Disk

OK, NOTE, UNKNOWN, WARNING, CRITICAL = Severity
FACTS = HostFacts(8 * 2**30, 2, "be1", ("10.0.2.15", "127.0.0.1", "2001:db8::15", "::1"), "15")
# The first process of a container, and that of a machine.
CONTAINER_LIMITS = """\
Limit                     Soft Limit           Hard Limit           Units     
Max processes             96364                96364                processes 
Max open files            20000                20000                files     
Max locked memory         8388608              8388608              bytes     
"""  # noqa: W291 - as the kernel writes it
MACHINE_LIMITS = "Max open files            1024                 524288               files     \n"
CONTAINER_STATUS = "Name:\tsystemd\nCapBnd:\t00000000a8ac35fb\n"
MACHINE_STATUS = "Name:\tsystemd\nCapBnd:\t000001ffffffffff\n"
ROCKY = 'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\n'
UBUNTU = "NAME=Ubuntu\nID=ubuntu\nID_LIKE=debian\n"


def needs(text: str = "") -> Wanted:
    return wanted(load(text, FACTS, "chef-backend.rb"), FACTS, Paths())


def only(findings: object) -> Finding:
    (found,) = findings  # type: ignore[misc]
    assert isinstance(found, Finding)
    return found


@pytest.mark.parametrize(
    ("memory_mb", "severity"), [(24_105, OK), (1987, OK), (1800, WARNING), (992, WARNING), (512, CRITICAL)]
)
def test_memory(memory_mb: int, severity: Severity) -> None:
    """A machine sold with 2 GB shows less; with half a GB the services cannot run together."""
    assert memory.enough(memory_mb).severity is severity


@pytest.mark.parametrize(
    ("shared", "heap", "severity"), [(2048, 2730, OK), (4000, 2144, OK), (4000, 2145, WARNING), (4096, 4096, CRITICAL)]
)
def test_memory_by_the_settings(shared: int, heap: int, severity: Severity) -> None:
    """The defaults of 8 GB are fine; three quarters are the limit, and all of it cannot be had."""
    found = memory.plan(shared, heap, 8192)
    assert found.severity is severity
    assert f"{shared} MB + heap {heap} MB of 8192 MB" in found.evidence


def test_the_settings_amounts_are_read_with_their_units() -> None:
    found = needs("postgresql.shared_buffers '1GB'\nelasticsearch.heap_size 512")
    assert (found.shared_buffers_mb, found.heap_mb) == (1024, 512)


@pytest.mark.parametrize(
    ("cpuinfo", "severity"),
    [
        ("processor\t: 0\nflags\t\t: fpu sse4_1 sse4_2 avx\nprocessor\t: 1\nflags\t\t: fpu", OK),
        ("processor\t: 0\nflags\t\t: fpu vme ssse3 cx16\n", WARNING),
        ("processor\t: 0\nFeatures\t: fp asimd aes\n", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_processor_features(cpuinfo: str, severity: Severity) -> None:
    assert processor.features(cpuinfo).severity is severity


def test_one_processor_is_a_warning() -> None:
    one = replace(needs(), facts=replace(FACTS, cpu_count=1))
    assert [each.severity for each in processor.processor(FakeWorld(), one)] == [WARNING, OK]


@pytest.mark.parametrize("name", ["chronyd", "ntpd", "systemd-timesyn", "ptp4l"])
def test_a_time_service_is_known_by_the_kernels_name(name: str) -> None:
    """Which cuts it after 15 characters."""
    assert clock.service({"systemd", name}, timesyncd=True, release="").severity is OK


def test_without_a_time_service_the_command_is_this_systems() -> None:
    """The one that is installed is switched on; else what the distribution has is installed."""
    found = [
        clock.service(set(), timesyncd=True, release=UBUNTU),
        clock.service(set(), timesyncd=False, release=UBUNTU),
        clock.service(set(), timesyncd=False, release=ROCKY),
    ]
    assert {each.severity for each in found} == {WARNING}
    assert {each.code for each in found} == {"CBWARN001"}
    assert [each.fix for each in found] == [
        "systemctl enable --now systemd-timesyncd",
        "apt-get install -y chrony",
        "dnf install -y chrony && systemctl enable --now chronyd",
    ]


@pytest.mark.parametrize(
    ("error_s", "severity"), [(0.02, OK), (1.5, OK), (1.6, WARNING), (16.0, WARNING), (None, UNKNOWN)]
)
def test_the_clocks_error(error_s: float | None, severity: Severity) -> None:
    """16 s is what the kernel says as long as nobody has told it a time."""
    assert clock.error(error_s).severity is severity


@pytest.mark.parametrize(
    ("free_mb", "severity"), [(5120, OK), (5119, WARNING), (1024, WARNING), (1023, CRITICAL), (0, CRITICAL)]
)
def test_disk_space(free_mb: int, severity: Severity) -> None:
    found = disks.space(Mount(Path("/var"), "ext4"), Disk(Path("/var"), free_mb, 10, 9), ("etcd",))
    assert found.severity is severity
    assert "/var" in found.value


@pytest.mark.parametrize(
    ("inodes", "free", "severity"),
    [(100, 5, OK), (100, 4, WARNING), (1000, 9, CRITICAL), (100, 0, CRITICAL), (0, 0, OK)],
)
def test_inodes(inodes: int, free: int, severity: Severity) -> None:
    """Some file systems, such as btrfs, make them as they go."""
    found = disks.inodes(Mount(Path("/"), "ext4"), Disk(Path("/"), 9000, inodes, free), ("logs",))
    assert found.severity is severity


def test_a_file_system_is_looked_at_once_for_all_that_is_on_it() -> None:
    """Two folders on one, the others on the root's."""
    world = FakeWorld()
    world.files["/proc/self/mountinfo"] = MOUNTINFO + "60 25 0:50 / /var/opt rw,noexec - nfs4 filer:/x rw\n"
    found = list(file_systems.file_systems(world, needs()))
    assert [(each.value, each.severity) for each in found] == [("nfs4 at /var/opt", CRITICAL), ("ext4 at /", OK)]
    assert found[0].evidence == "/var/opt is for etcd, PostgreSQL, Elasticsearch"
    assert [each.severity for each in file_systems.executables(world, needs())] == [CRITICAL, OK]


@pytest.mark.parametrize(
    ("kind", "severity"),
    [
        *((kind, OK) for kind in ("ext4", "xfs", "btrfs", "overlay")),
        *((kind, CRITICAL) for kind in ("nfs", "nfs4", "cifs", "9p", "fuse.glusterfs")),
        *((kind, WARNING) for kind in ("fuse.sshfs", "tmpfs")),
    ],
)
def test_file_system_types(kind: str, severity: Severity) -> None:
    """One in user space may have anything behind it; one in memory is empty after a boot."""
    assert file_systems.kind(Mount(Path("/var"), kind), ("etcd",)).severity is severity


def test_noexec_has_its_command() -> None:
    found = file_systems.may_execute(Mount(Path("/var/tmp"), "ext4", ("rw", "noexec")), ("temporary files",))
    assert (found.severity, found.fix) == (CRITICAL, "mount -o remount,exec /var/tmp")


def test_a_file_system_that_became_read_only() -> None:
    """By its mount, or by the kernel for all of its mounts."""
    world = FakeWorld()
    table = "60 25 0:50 / /var/opt ro - ext4 /dev/b rw\n61 25 0:51 / /var/log rw - ext4 /dev/c ro,errors=remount-ro\n"
    world.files["/proc/self/mountinfo"] = MOUNTINFO + table
    found = list(file_systems.writable(world, needs()))
    assert [(each.value, each.severity) for each in found] == [
        ("ro at /var/opt", CRITICAL),
        ("ro at /var/log", CRITICAL),
    ]
    assert "mount -o remount,rw /var/log" in found[1].fix


def test_latency_is_that_of_99_in_100() -> None:
    """Of 200 writes two may take long; of 50 none."""
    quick, slow = [0.001] * 198, [0.2] * 2
    assert latency.within_ms(quick + slow, 99) == 1.0
    assert latency.within_ms([0.001] * 49 + [0.2], 99) == 200.0
    assert latency.within_ms([0.003], 99) == 3.0
    assert latency.within_ms([0.001, 0.002, 0.003], 50) == 2.0


@pytest.mark.parametrize(
    ("times_s", "severity"),
    [
        ([0.0099] * 100, OK),
        ([0.02] * 100, WARNING),
        ([0.001] * 90 + [0.3] * 10, WARNING),
        ([0.03] * 100, CRITICAL),
    ],
)
def test_latency_limits(times_s: list[float], severity: Severity) -> None:
    """Some slow writes are a warning; where half are far too slow, it is the disk."""
    found = latency.judge([times_s], Path("/var"))
    assert found.severity is severity
    assert "100 writes with fdatasync in /var: half of them within" in found.evidence


def test_a_busy_moment_is_not_the_disk() -> None:
    """What is far too slow is measured again, at most three times, and the best round counts."""
    rounds = iter([(0.09,) * 100, (0.004,) * 100])

    class Busy(FakeWorld):
        def sync_times_s(self, path: Path) -> tuple[float, ...]:  # noqa: ARG002 - one disk
            return next(rounds)

    found = only(latency.latency(Busy(), needs()))
    assert (found.severity, found.value) == (OK, "4.0 ms")
    assert found.evidence.endswith("the best of 2 rounds")
    always = only(latency.latency(FakeWorld(times_s=(0.3,) * 20), needs()))
    assert always.severity is CRITICAL
    assert always.evidence.endswith("the best of 3 rounds")


def test_ports() -> None:
    """A stranger is named, our own service is none."""
    world = FakeWorld(listeners={5432: Holder(812, "/usr/lib/postgresql/15/bin/postgres"), 9200: Holder()})
    taken = list(network.ports(world, needs()))
    assert [each.value for each in taken] == ["5432 is taken by postgres", "9200 is taken by another"]
    assert {each.severity for each in taken} == {CRITICAL}
    assert "/usr/lib/postgresql/15/bin/postgres (pid 812)" in taken[0].evidence
    own = FakeWorld(listeners={5432: Holder(812, "/opt/chef-backend/embedded/bin/postgres")})
    assert only(network.ports(own, needs())).value == "2379, 2380, 5432, 7331, 9200, 9300"


@pytest.mark.parametrize(
    ("found", "severity"),
    [
        (("10.0.2.15",), OK),
        (("127.0.1.1",), OK),
        (("192.0.2.7", "2001:db8::15"), OK),
        (("192.0.2.7",), WARNING),
        ((), WARNING),
    ],
)
def test_the_hosts_name(found: tuple[str, ...], severity: Severity) -> None:
    """It leads to this node, by whichever of its addresses; Debian's installer writes 127.0.1.1."""
    judged = network.name("be1", found, FACTS.addresses, "10.0.2.15")
    assert judged.severity is severity
    assert judged.fix == ("" if severity is OK else "echo '10.0.2.15 be1' >> /etc/hosts")


@pytest.mark.parametrize(
    ("text", "severity"),
    [("10.0.2.15", OK), ("2001:db8:0::15", OK), ("10.0.2.16", CRITICAL), ("127.0.0.1", CRITICAL), ("", CRITICAL)],
)
def test_the_published_address(text: str, severity: Severity) -> None:
    assert network.published(text, FACTS.addresses).severity is severity


@pytest.mark.parametrize(
    ("limits_of_init", "status", "value", "severity"),
    [
        (CONTAINER_LIMITS, CONTAINER_STATUS, "20000", WARNING),
        (CONTAINER_LIMITS, MACHINE_STATUS, "1048576", OK),
        (MACHINE_LIMITS, CONTAINER_STATUS, "524288", OK),
        ("Max open files  unlimited  unlimited  files\n", CONTAINER_STATUS, "unlimited", OK),
        ("", "", "not told", UNKNOWN),
    ],
)
def test_open_files(limits_of_init: str, status: str, value: str, severity: Severity) -> None:
    """Root may raise the limit on a machine, and in most containers may not."""
    found = limits.files(limits_of_init, status, "1048576\n")
    assert (found.value, found.severity) == (value, severity)


@pytest.mark.parametrize(("text", "severity"), [("262144\n", OK), ("65530\n", WARNING), ("", UNKNOWN)])
def test_maps(text: str, severity: Severity) -> None:
    found = limits.maps(text)
    assert found.severity is severity
    assert severity is not WARNING or found.fix == "sysctl -w vm.max_map_count=262144"


@pytest.mark.parametrize(("text", "severity"), [("0\n", OK), ("1\n", OK), ("2\n", WARNING), ("", UNKNOWN)])
def test_overcommit(text: str, severity: Severity) -> None:
    assert kernel.overcommit(text).severity is severity


@pytest.mark.parametrize(
    ("text", "severity"),
    [("[always] madvise never\n", NOTE), ("always [madvise] never\n", OK), ("always madvise [never]\n", OK), ("", OK)],
)
def test_huge_pages(text: str, severity: Severity) -> None:
    assert kernel.huge_pages(text).severity is severity


@pytest.mark.parametrize(("text", "value"), [("1", "enforcing"), ("0", "permissive"), ("", "disabled")])
def test_selinux(text: str, value: str) -> None:
    found = selinux.state(text)
    assert (found.value, found.severity is WARNING) == (value, text == "1")


def test_accounts_of_a_directory_service() -> None:
    """One that is not in /etc/passwd and yet known is such; one that nobody knows is made later."""
    world = FakeWorld(users=frozenset({"chef_pgsql"}))
    assert only(accounts.accounts(world, needs())).severity is OK
    world.files["/etc/passwd"] = "root:x:0:0::/root:/bin/sh\nchef-backend:x:997:997::/:\n"
    found = only(accounts.accounts(world, needs()))
    assert (found.severity, found.value) == (WARNING, "chef_pgsql not local")
    assert only(accounts.accounts(FakeWorld(files={}), needs())).severity is OK


@pytest.mark.parametrize(
    ("listed", "severity"),
    [("C\nC.utf8\nPOSIX\n", OK), ("C\nde_DE\nde_DE.UTF-8\n", OK), ("C\nPOSIX\n", NOTE), (None, UNKNOWN)],
)
def test_locales(listed: str | None, severity: Severity) -> None:
    assert locales.utf8(listed, UBUNTU).severity is severity


def test_what_installs_a_package() -> None:
    assert installs(ROCKY, deb="a", rpm="b") == "dnf install -y b"
    assert installs(UBUNTU, deb="a", rpm="b") == "apt-get install -y a"
    assert installs("", deb="a", rpm="b") == "apt-get install -y a"
