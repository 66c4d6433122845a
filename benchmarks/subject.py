"""The project under measurement, and omnibuild's commands on it."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from timing import Sample, measure

from omnibuild.lineup.load import load_project

CLI = (sys.executable, "-m", "omnibuild")
_PARTS = ("objects", "trees", "results", "latest", "sources")
_RESTORE = Path(__file__).with_name("restore.py")


@dataclass(frozen=True)
class Subject:
    """One project with a store of its own; ``leaf`` changes one component, differently for each number."""

    name: str
    lineup: Path
    recipes: Path
    work: Path
    rootfs: Path | None
    leaf_name: str
    leaf: Callable[[int], None]

    @property
    def store(self) -> Path:
        """Its store, which is written to."""
        return self.work / "store"

    @property
    def dist(self) -> Path:
        """Where its packages are, up to date."""
        return self.work / "dist"

    @property
    def root(self) -> str:
        """The install root, without the leading slash."""
        return load_project(self.lineup, self.recipes).lineup.root.lstrip("/")

    @property
    def order(self) -> tuple[str, ...]:
        """Its components, those that others need first."""
        return tuple(load_project(self.lineup, self.recipes).order)

    def argv(self, command: str, *arguments: str | Path, store: Path | None = None) -> list[str | Path]:
        """Return the command line that runs a command on this project."""
        rootfs = ("--rootfs", self.rootfs) if self.rootfs else ()
        place = ("--lineup", self.lineup, "--recipes", self.recipes, "--store", store or self.store)
        return [*CLI, command, *place, *rootfs, *arguments]

    def package(self, *formats: str, into: Path | None = None) -> Sample:
        """Package in these formats (both by default); everything but the leaf's compilation counts."""
        output = into or self.dist
        options = [word for item in formats for word in ("--format", item)]
        sample = measure(self.argv("package", "--output", output, *options))
        return replace(sample, written=sum(package["size_bytes"] for package in self.report(output)["packages"]))

    def package_anew(self, *formats: str) -> Sample:
        """Package although nothing changed, into an empty folder."""
        output = self.work / "anew"
        shutil.rmtree(output, ignore_errors=True)
        return self.package(*formats, into=output)

    def report(self, output: Path | None = None) -> dict[str, Any]:
        """Return the last build report."""
        document: dict[str, Any] = json.loads(((output or self.dist) / "build-report.json").read_bytes())
        return document

    def check_report(self) -> dict[str, Any]:
        """Return what the checks of the last packaging said."""
        document: dict[str, Any] = json.loads((self.dist / "check-report.json").read_bytes())
        return document

    def checks(self) -> Sample:
        """Package anew as an rpm, and return only what the checks took: reading all files, and judging."""
        whole = self.package_anew("rpm")
        timings = json.loads((self.work / "anew/check-report.json").read_bytes())["timings_s"]
        return replace(whole, wall_s=sum(timings.values()), cpu_s=0.0, largest=0, together=0, written=0)

    def restore(self) -> Sample:
        """Lay the prefix out from the store."""
        into = self.work / "restored"
        shutil.rmtree(into, ignore_errors=True)
        trees = [component["tree"] for component in self.report()["components"] if component["shipped"]]
        sample = measure([sys.executable, _RESTORE, self.store, into, *trees])
        shutil.rmtree(into)
        return sample

    def extract(self) -> Path:
        """Return a folder that holds the prefix at its path, and nothing else, as the deb installs it."""
        whole, tree = self.work / "extracted", self.work / "tree"
        measure(["dpkg-deb", "-x", next(self.dist.glob("*.deb")), whole])
        (tree / self.root).parent.mkdir(parents=True)
        (whole / self.root).rename(tree / self.root)
        shutil.rmtree(whole)
        return tree


def linked_store(source: Path, target: Path, parts: tuple[str, ...] = _PARTS) -> None:
    """Make a store of hard links to another one's files, which stay as they are."""
    target.mkdir(parents=True)
    for name in parts:
        if (source / name).is_dir():
            same_disk = source.stat().st_dev == target.stat().st_dev
            measure(["cp", "-al" if same_disk else "-a", source / name, target / name])
