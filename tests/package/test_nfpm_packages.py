"""What nfpm really writes, and whether a wrong package is noticed."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from omnibuild.errors import InvalidInput, PackageMismatch, PackagingFailed
from omnibuild.packaging.contents import Format
from omnibuild.packaging.deb_reader import read_deb
from omnibuild.packaging.nfpm import find_nfpm
from omnibuild.packaging.nfpm_config import config_of
from omnibuild.packaging.programs import Programs
from omnibuild.packaging.rpm_reader import read_rpm
from omnibuild.packaging.verify import verify_package
from tiny import Tiny


def test_both_formats_hold_exactly_what_was_asked_for(tiny: Tiny, tmp_path: Path) -> None:
    """Odd names, modes, owners, links and config files survive, under the names that apt and rpm expect."""
    built = tiny.build(tmp_path / "dist")
    assert built[Format.DEB].path.name == "tiny_3.2.0-1_amd64.deb"
    assert built[Format.RPM].path.name == "tiny-3.2.0-1.x86_64.rpm"
    assert sorted(path.name for path in (tmp_path / "dist").iterdir()) == sorted(
        item.path.name for item in built.values()
    )


def test_config_files_are_marked_in_both_formats(tiny: Tiny, tmp_path: Path) -> None:
    """A config file is a conffile of the deb and %config(noreplace) of the rpm."""
    built = tiny.build(tmp_path)
    assert read_deb(built[Format.DEB].path, Programs()).paths["/etc/tiny/tiny.conf"].kind == "config"
    assert read_rpm(built[Format.RPM].path, Programs()).paths["/etc/tiny/tiny.conf"].kind == "config"


def test_rpm_provides_itself_only_and_its_scripts_are_clean(tiny: Tiny, tmp_path: Path) -> None:
    """Embedded libraries are not offered to other packages; scripts run under /bin/sh without triggers."""
    path = tiny.build(tmp_path, Format.RPM)[Format.RPM].path
    assert read_rpm(path, Programs()).fields["Provides"].splitlines() == ["tiny = 3.2.0-1", "tiny(x86-64) = 3.2.0-1"]
    argv = ["rpm", "-qp", "--nosignature", "--scripts", "--filetriggers", str(path)]
    shown = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    assert shown.stderr == ""
    assert shown.stdout.count("scriptlet (using /bin/sh)") == 4
    assert "trigger" not in shown.stdout


@pytest.mark.parametrize("package_format", list(Format))
def test_a_file_that_changed_while_it_was_packaged_is_noticed(
    tiny: Tiny, tmp_path: Path, package_format: Format
) -> None:
    """The digests come from the store, so other bytes on the disk are a mismatch and leave no package."""
    (tiny.folder / "embedded/bin/tool").write_bytes(b"#!/bin/sh\necho evil\n")
    with pytest.raises(PackageMismatch, match="/opt/tiny/embedded/bin/tool: sha256"):
        tiny.build(tmp_path / "dist", package_format)
    assert list((tmp_path / "dist").iterdir()) == []


def test_every_difference_of_a_rewritten_deb_is_listed(tiny: Tiny, tmp_path: Path) -> None:
    """A mode, an owner, a missing, an extra and an altered path, a script, a field: all are named."""
    path = tiny.build(tmp_path, Format.DEB)[Format.DEB].path
    tree = tmp_path / "unpacked"
    subprocess.run(["dpkg-deb", "-R", str(path), str(tree)], check=True, timeout=60)
    (tree / "opt/tiny/embedded/bin/tool").chmod(0o700)
    (tree / "opt/tiny/embedded/empty").write_text("no more")
    (tree / "opt/tiny/trailing ").unlink()
    (tree / "opt/tiny/new").write_text("new")
    (tree / "DEBIAN/postinst").write_text("#!/bin/sh\nexit 0\n")
    control = tree / "DEBIAN/control"
    control.write_text(control.read_text().replace("libc6 (>= 2.31)", "libc6"))
    rewritten = tmp_path / "rewritten.deb"
    argv = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-b", str(tree), str(rewritten)]
    subprocess.run(argv, check=True, capture_output=True, timeout=60)
    with pytest.raises(PackageMismatch) as caught:
        verify_package(tiny.spec, Format.DEB, rewritten, Programs())
    for line in (
        "/opt/tiny/embedded/bin/tool: mode 0700, expected 0755",
        "/opt/tiny/embedded/empty: size 7, expected 0",
        "/opt/tiny/trailing : missing",
        "/opt/tiny/new: unexpected file",
        "/etc/tiny/tiny.conf: group 'root', expected 'mail'",
        "opt/tiny/embedded/empty: md5sums says",
        "script postinstall: differs",
        "field Depends: 'libc6', expected 'libc6 (>= 2.31)'",
    ):
        assert line in caught.value.message


def test_a_damaged_rpm_is_noticed(tiny: Tiny, tmp_path: Path) -> None:
    """One flipped byte of the payload breaks rpm's own digest of it."""
    path = tiny.build(tmp_path, Format.RPM)[Format.RPM].path
    data = bytearray(path.read_bytes())
    data[-20] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(PackageMismatch, match="rpm"):
        verify_package(tiny.spec, Format.RPM, path, Programs())


@pytest.mark.parametrize("compression", ["none", "gzip", "xz", "zstd"])
def test_a_deb_of_any_compression_is_read_back(tiny: Tiny, tmp_path: Path, compression: str) -> None:
    """Whichever of nfpm's the specification names; a damaged one is told as such."""
    spec = replace(tiny.spec, compression=tiny.spec.compression | {Format.DEB: compression})
    path = replace(tiny, spec=spec).build(tmp_path, Format.DEB)[Format.DEB].path
    data = bytearray(path.read_bytes())
    half = data.index(b"data.tar") + (len(data) - data.index(b"data.tar")) // 2
    data[half : half + 16] = bytes(byte ^ 0xFF for byte in data[half : half + 16])
    path.write_bytes(data)
    with pytest.raises((PackagingFailed, PackageMismatch), match=path.name):
        verify_package(spec, Format.DEB, path, Programs())


def without_control_files(deb: bytes) -> bytes:
    """Return a deb in whose place of control files is something that is no tar archive."""
    begin, end = deb.index(b"control.tar.gz"), deb.index(b"data.tar.gz")
    garbage = gzip.compress(b"no archive" * 1000)
    padded = garbage + b"\n" * (len(garbage) % 2)
    size = f"{len(garbage):<10}".encode()
    return deb[: begin + 48] + size + deb[begin + 58 : begin + 60] + padded + deb[end:]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "no archive": lambda deb: b"!<arsh>" + deb[7:],
    "truncated": lambda deb: deb[:-200],
    "truncated before the data": lambda deb: deb[: deb.index(b"data.tar.gz")],
    "another name of the data": lambda deb: deb.replace(b"data.tar.gz ", b"data.tar.xy "),
    "no size": lambda deb: deb[: deb.index(b"data.tar.gz") + 48] + b"many      `\n" + b"\0" * 400,
    "no control files": without_control_files,
    "a flipped bit": lambda deb: deb[:-40] + bytes([deb[-40] ^ 1]) + deb[-39:],
    "a flipped bit of gzip's checksum": lambda deb: deb[:-8] + bytes([deb[-8] ^ 1]) + deb[-7:],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_deb_is_noticed(tiny: Tiny, tmp_path: Path, damage: str) -> None:
    """Whatever is wrong with the archive, dpkg-deb's complaint or ours is an error that names it, not a traceback."""
    path = tiny.build(tmp_path, Format.DEB)[Format.DEB].path
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    with pytest.raises(PackagingFailed, match=re.escape(str(path))):
        verify_package(tiny.spec, Format.DEB, path, Programs())


def test_nfpm_reports_a_file_that_vanished(tiny: Tiny, tmp_path: Path) -> None:
    """The error holds nfpm's own words and the path."""
    (tiny.folder / "read-only").unlink()
    with pytest.raises(PackagingFailed, match="read-only"):
        tiny.build(tmp_path / "dist", Format.DEB)


def test_the_configuration_matches_nfpms_own_schema(tiny: Tiny) -> None:
    """Each key that is written is one that this nfpm knows."""
    done = subprocess.run([str(find_nfpm()), "jsonschema"], capture_output=True, check=True, timeout=60)
    definitions = json.loads(done.stdout)["$defs"]
    config = config_of(tiny.spec, Format.DEB)
    assert set(config) <= set(definitions["Config"]["properties"])
    assert set(config["contents"][0]) <= set(definitions["Content"]["properties"])
    assert set(config["contents"][0]["file_info"]) <= set(definitions["ContentFileInfo"]["properties"])


def test_a_name_with_a_dollar_is_refused_before_nfpm_runs(tiny: Tiny, tmp_path: Path) -> None:
    """Expansion would put this host's environment into the package."""
    spec = replace(tiny.spec, description="costs $HOME")
    with pytest.raises(InvalidInput, match="description"):
        replace(tiny, spec=spec).build(tmp_path / "dist")


@pytest.mark.skipif(shutil.which("lintian") is None, reason="lintian is not installed (apt-get install lintian)")
def test_lintian_finds_only_what_a_package_below_opt_cannot_avoid(tiny: Tiny, tmp_path: Path) -> None:
    """The control archive, md5sums, conffiles and scripts are as Debian's policy wants them."""
    path = tiny.build(tmp_path, Format.DEB)[Format.DEB].path
    argv = ["lintian", "--allow-root", "--tag-display-limit", "0", str(path)]
    shown = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300).stdout
    tags = {line.split()[2] for line in shown.splitlines() if line.startswith(("E: ", "W: "))}
    assert "dir-or-file-in-opt" in tags
    assert tags <= EXPECTED_TAGS


# The tree is odd on purpose, has no documents, and its scripts only write a log.
EXPECTED_TAGS = {
    "dir-or-file-in-opt",
    "file-name-contains-wildcard-character",
    "file-name-ends-in-whitespace",
    "no-changelog",
    "no-copyright-file",
    "no-manual-page",
    "non-standard-dir-perm",
    "non-standard-file-perm",
    "non-standard-setuid-executable-perm",
    "elevated-privileges",
}
