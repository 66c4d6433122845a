"""The tiny package's life in clean roots: installed, upgraded, edited, removed, and nothing left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from omnibuild.packaging.contents import Format
from roots import Root
from tiny import Tiny, write_tiny

pytestmark = pytest.mark.root

PLACES = ("/etc/tiny", "/opt", "/usr/bin/tiny", "/var/log/tiny")


@pytest.mark.parametrize("suite", ["bullseye", "bookworm", "trixie"])
def test_deb_life(suite: str, debian_root: Callable[..., Root], tiny: Tiny, tmp_path: Path) -> None:
    """Each Debian reads the deb; an edited conffile survives the upgrade; purge leaves nothing."""
    root = debian_root(suite)
    before = root.files(*PLACES)
    newer = write_tiny(tmp_path / "newer/tiny", setting="a=2\n").with_version("3.3.0")
    (old,) = root.put(tiny.build(tmp_path / "old", Format.DEB)[Format.DEB].path)
    (new,) = root.put(newer.build(tmp_path / "new", Format.DEB)[Format.DEB].path)
    root.run("dpkg", "--install", old)
    assert root.sh("tiny; stat -c '%U:%G %a' /var/log/tiny /etc/tiny/tiny.conf").splitlines() == [
        "tiny",
        "games:adm 2750",
        "root:mail 640",
    ]
    assert root.sh("dpkg --verify tiny") == ""
    root.sh("echo a=edited >/etc/tiny/tiny.conf")
    root.run("dpkg", "--install", "--force-confold", new)
    assert root.sh("cat /etc/tiny/tiny.conf") == "a=edited\n"
    root.run("dpkg", "--remove", "tiny")
    assert root.files(*PLACES) - before == {"/etc/tiny", "/etc/tiny/tiny.conf", "/etc/tiny/tiny.conf.dpkg-dist"}
    root.run("dpkg", "--purge", "tiny")
    # No package owns Debian's /opt, so dpkg takes the empty folder away with the last that used it.
    assert root.files(*PLACES) == before - {"/opt"}
    calls = root.sh("cat /var/log/tiny-scripts.log").splitlines()
    assert calls[:2] == ["preinstall install", "postinstall configure"]
    assert calls[2:6] == ["preremove upgrade", "preinstall upgrade", "postremove upgrade", "postinstall configure"]
    assert calls[6:] == ["preremove remove", "postremove remove", "postremove purge"]


def test_rpm_life(rpm_root: Callable[..., Root], tiny: Tiny, tmp_path: Path) -> None:
    """rpm resolves its requirements, verifies each file, keeps an edited config file, leaves nothing."""
    root = rpm_root()
    before = root.files(*PLACES)
    newer = write_tiny(tmp_path / "newer/tiny", setting="a=2\n").with_version("3.3.0")
    (old,) = root.put(tiny.build(tmp_path / "old", Format.RPM)[Format.RPM].path)
    (new,) = root.put(newer.build(tmp_path / "new", Format.RPM)[Format.RPM].path)
    root.run("rpm", "--force-debian", "--install", old)
    assert root.sh("tiny; stat -c '%U:%G %a' /var/log/tiny /etc/tiny/tiny.conf").splitlines() == [
        "tiny",
        "games:adm 2750",
        "root:mail 640",
    ]
    assert root.sh("rpm --verify tiny") == ""
    root.sh("echo a=edited >/etc/tiny/tiny.conf")
    root.run("rpm", "--force-debian", "--upgrade", new)
    assert root.sh("cat /etc/tiny/tiny.conf /etc/tiny/tiny.conf.rpmnew") == "a=edited\na=2\n"
    root.run("rpm", "--force-debian", "--erase", "tiny")
    assert root.files(*PLACES) - before == {"/etc/tiny", "/etc/tiny/tiny.conf.rpmnew", "/etc/tiny/tiny.conf.rpmsave"}
    assert root.sh("cat /var/log/tiny-scripts.log").split("\n")[:-1] == [
        *("preinstall 1", "postinstall 1"),
        *("preinstall 2", "postinstall 2", "preremove 1", "postremove 1"),
        *("preremove 0", "postremove 0"),
    ]


def test_rpm_is_refused_where_glibc_is_too_old(rpm_root: Callable[..., Root], tiny: Tiny, tmp_path: Path) -> None:
    """EL 8's glibc 2.28 has no GLIBC_2.31: rpm says so instead of installing what cannot start."""
    root = rpm_root(lacking="GLIBC_2.31")
    (path,) = root.put(tiny.build(tmp_path, Format.RPM)[Format.RPM].path)
    refused = root.run("rpm", "--force-debian", "--install", path, check=False)
    assert refused.returncode != 0
    assert "libpthread.so.0(GLIBC_2.31)(64bit) is needed by tiny" in refused.stdout
    assert not {path for path in root.files("/opt") if "tiny" in path}


def test_a_zstd_deb_cannot_be_read_by_debian_11(debian_root: Callable[..., Root], tiny: Tiny, tmp_path: Path) -> None:
    """Why a deb is gzip by default: dpkg reads zstd from 1.21.18 on."""
    zstd = Tiny(tiny.folder, replace(tiny.spec, compression={Format.DEB: "zstd", Format.RPM: "zstd"}))
    root = debian_root("bullseye")
    (path,) = root.put(zstd.build(tmp_path, Format.DEB)[Format.DEB].path)
    assert "unknown compression" in root.run("dpkg", "--install", path, check=False).stdout
