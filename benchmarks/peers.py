"""What a release engineer would use instead: the steps of an Omnibus-like pipeline, and plain nfpm.

The commands are those that Omnibus runs (its git_cache.rb, health_check.rb, packagers/deb.rb
and packagers/rpm.rb): a git snapshot of the prefix, ``find | xargs file | grep ELF`` and ldd, a
staging copy, md5sums and dpkg-deb with gzip -9, rpmbuild with gzip -9.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from timing import Sample, measure

from omnibuild.packaging.nfpm import find_nfpm

_DEB = """
cd "$1" && find . -type f -not -path './DEBIAN/*' -print0 | xargs -0 md5sum >DEBIAN/md5sums &&
dpkg-deb -Zgzip -z"$3" --root-owner-group --build . "$2" >&2
"""
_HEALTH = """
find "$1" -type f -print0 | xargs -0 file | grep ELF | sed 's/:  *ELF .*//' >"$2.list"
tr '\\n' '\\0' <"$2.list" | xargs -0 ldd >"$2" 2>&1 || true
"""
_AT_PLACE = """
mount -t tmpfs none "/${1%%/*}" && mkdir -p "/$1" && mount --bind "$0/$1" "/$1" && shift && exec "$@"
"""
_SPEC = """
Name: bench
Version: 1.0
Release: 1
Summary: bench
License: MIT
AutoReqProv: no
%global _binary_payload {payload}
%global _build_id_links none
%global __os_install_post %{{nil}}
%global debug_package %{{nil}}
%description
bench
%install
cp -al {tree}/. %{{buildroot}}/
%files
/{root}
"""


@dataclass(frozen=True, slots=True)
class Peers:
    """The peers' tools on one prefix: ``tree`` holds it at its path ``root`` (without leading /)."""

    tree: Path
    root: str
    work: Path

    @property
    def prefix(self) -> Path:
        """The prefix's files."""
        return self.tree / self.root

    @property
    def _git(self) -> list[str]:
        identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "gc.auto=0")
        return ["git", f"--git-dir={self.work / 'cache.git'}", *identity]

    def snapshot(self) -> Sample:
        """Take the prefix into a git cache, as Omnibus does after each component."""
        shutil.rmtree(self.work / "cache.git", ignore_errors=True)
        measure([*self._git, "init", "-q"], cwd=self.work)
        add = measure([*self._git, f"--work-tree={self.prefix}", "add", "-A", "-f"])
        return total(add, measure([*self._git, f"--work-tree={self.prefix}", "commit", "-q", "-m", "component"]))

    def snapshot_again(self) -> Sample:
        """Take the prefix into the git cache after one file changed."""
        (self.prefix / "changed-leaf").write_text(os.urandom(8).hex())
        add = measure([*self._git, f"--work-tree={self.prefix}", "add", "-A", "-f"])
        return total(add, measure([*self._git, f"--work-tree={self.prefix}", "commit", "-q", "-m", "leaf"]))

    def restore(self) -> Sample:
        """Check the git cache out into an empty folder."""
        into = _empty(self.work / "checkout")
        sample = measure([*self._git, f"--work-tree={into}", "checkout", "-q", "-f", "HEAD", "--", "."])
        shutil.rmtree(into)
        return sample

    def stage(self) -> Sample:
        """Copy the prefix for the packager."""
        into = _empty(self.work / "stage")
        sample = measure(["cp", "-a", f"{self.prefix}/.", into])
        shutil.rmtree(into)
        return sample

    def health(self) -> Sample:
        """Find the ELF files with file(1) and run ldd on them; ``ldd_output`` has what it said."""
        shell = ("sh", "-c", _HEALTH, "sh", f"/{self.root}", self.ldd_output)
        return measure([*self._at_place, *shell], environment={"LC_ALL": "C"})

    @property
    def ldd_output(self) -> Path:
        """What ldd printed."""
        return self.work / "ldd.txt"

    @property
    def _at_place(self) -> list[str | Path]:
        """The command that shows the prefix at its real path, in a mount namespace of its own."""
        unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
        return [*unshare, "sh", "-c", _AT_PLACE, self.tree, self.root]

    def nfpm(self, package_format: str, compression: str = "") -> Sample:
        """Package with nfpm as its manual shows it: a tree, and (unless said) its default compression."""
        config = self.work / "nfpm.json"
        content = {"src": str(self.prefix), "dst": f"/{self.root}", "type": "tree"}
        document: dict[str, object] = {
            "name": "bench", "arch": "amd64", "version": "1.0", "maintainer": "Bench <bench@example.com>",
            "description": "bench", "license": "MIT", "contents": [content],
        }  # fmt: skip
        if compression:
            document[package_format] = {"compression": compression}
        config.write_text(json.dumps(document))
        target = self.work / f"nfpm.{package_format}"
        return _sized(measure([find_nfpm(), "package", "-f", config, "-p", package_format, "-t", target]), target)

    def dpkg_deb(self, level: int) -> Sample:
        """Write md5sums and a deb with dpkg-deb and gzip."""
        stage = _empty(self.work / "deb-stage")
        shutil.rmtree(stage)
        measure(["cp", "-al", self.tree, stage])
        (stage / "DEBIAN").mkdir()
        control = "Package: bench\nVersion: 1.0-1\nArchitecture: amd64\nMaintainer: Bench <bench@example.com>\n"
        (stage / "DEBIAN/control").write_text(f"{control}Description: bench\n")
        target = self.work / "dpkg.deb"
        sample = measure(["sh", "-c", _DEB, "sh", stage, target, str(level)])
        shutil.rmtree(stage)
        return _sized(sample, target)

    def rpmbuild(self, payload: str) -> Sample:
        """Write an rpm with rpmbuild; ``payload`` is its word for the compression."""
        top = _empty(self.work / "rpmbuild")
        spec = top / "bench.spec"
        spec.write_text(_SPEC.format(payload=payload, tree=self.tree, root=self.root))
        sample = measure(["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {top}", spec])
        sample = _sized(sample, next(top.glob("RPMS/*/*.rpm")))
        shutil.rmtree(top)
        return sample


def total(*samples: Sample) -> Sample:
    """Return steps that follow each other as one run."""
    return Sample(
        sum(sample.wall_s for sample in samples),
        sum(sample.cpu_s for sample in samples),
        max(sample.largest for sample in samples),
        max(sample.together for sample in samples),
        samples[0].load,
        sum(sample.written for sample in samples),
    )


def _sized(sample: Sample, package: Path) -> Sample:
    size = package.stat().st_size
    package.unlink()
    return replace(sample, written=size)


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
