"""Measures omnibuild beside what a release engineer would use instead, in one run.

    benchmarks/build.py                                    # a synthetic prefix: 30,000 files, 1 GiB
    benchmarks/build.py --store DIR --rootfs DIR           # and the real one, from a store that has it
    benchmarks/build.py --files 3000 --mib 100 --runs 1    # a quick look
    benchmarks/build.py --store DIR --rootfs DIR --no-synthetic --only cold

docs/performance.md explains the figures. Needs git, file, dpkg-deb, rpm, rpmbuild and unshare.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import machine
import synthetic
from cold import Cold
from comparison import Comparison, show
from peers import Peers
from rich.console import Console
from steps import SECTIONS, Steps
from subject import CLI, Subject, linked_store
from timing import Failed, Series, measure

FORMAT = 1
_WIDTH = 150
_REPOSITORY = Path(__file__).parent.parent
_COLD = "zlib,xz,bzip2,libffi,libossp-uuid,ncurses,libedit,sqlite"


def synthetic_subject(work: Path, shape: synthetic.Shape) -> Subject:
    """Write and build the synthetic project."""
    project = work / "project"
    lineup = synthetic.write_project(project, shape)
    name = f"synthetic prefix: {shape.files:,} files, {shape.mib} MiB, {shape.elves} ELF"
    recipes = project / "recipes"
    return Subject(name, lineup, recipes, work, None, synthetic.LEAF, lambda n: synthetic.touch_leaf(project, n))


def real_subject(work: Path, lineup: Path, recipes: Path, store: Path, rootfs: Path | None, leaf: str) -> Subject:
    """Return a project of this repository, with copies of what is changed while measuring."""
    copy = work / "repository"
    shutil.copytree(_REPOSITORY, copy, symlinks=True, ignore=shutil.ignore_patterns(".venv", "dist", ".*_cache"))
    linked_store(store, work / "store")
    lineup, recipes = (copy / path.resolve().relative_to(_REPOSITORY) for path in (lineup, recipes))
    script = recipes / leaf / "build.sh"
    original = script.read_text()

    def touch(number: int) -> None:
        install = f'mkdir -p "$DESTDIR$PREFIX/share"\necho {number} >"$DESTDIR$PREFIX/share/bench"\n'
        script.write_text(f"{original}\n{install}")

    return Subject(f"{lineup.stem} line-up", lineup, recipes, work, rootfs, leaf, touch)


def measurements(
    subject: Subject, only: frozenset[str], runs: int, slow_runs: int, components: tuple[str, ...]
) -> Iterator[Comparison]:
    """Yield the comparisons of one project as they are made."""
    if only - {"cold"}:
        subject.package()
        peers = Peers(subject.extract(), subject.root, subject.work)
        steps = Steps(subject, peers, runs, slow_runs)
        for name in SECTIONS:
            if name in only:
                yield from getattr(steps, name)()
    if "cold" in only and components:
        yield Cold(subject, components, subject.work).compare(slow_runs)


def help_time(runs: int) -> Comparison:
    """Measure how long the command needs to say anything."""
    series = Series("omnibuild")
    series.samples = [measure([*CLI, "--help"]) for _ in range(max(runs, 5))]
    return Comparison("the command", "omnibuild --help", [series], limit_s=0.3)


def _console(*, stderr: bool) -> Console:
    """Return a console that is wide enough for the tables, in a file too."""
    console = Console(stderr=stderr)
    return console if console.is_terminal else Console(stderr=stderr, width=_WIDTH)


def _document(comparisons: Iterable[Comparison], began: datetime) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "began": began.isoformat(timespec="seconds"),
        "machine": machine.describe(),
        "load_now": os.getloadavg()[0],
        "comparisons": [comparison.to_json() for comparison in comparisons],
    }


@click.command()
@click.option("--files", default=30_000, show_default=True, help="Files of the synthetic prefix.")
@click.option("--mib", default=1024, show_default=True, help="Its size.")
@click.option("--runs", default=3, show_default=True, help="Runs of what is quick; the median counts.")
@click.option("--slow-runs", default=1, show_default=True, help="Runs of what takes minutes.")
@click.option("--only", help=f"Only these sections, of: help,{','.join(SECTIONS)},cold.")
@click.option("--synthetic/--no-synthetic", "with_synthetic", default=True, help="Measure the synthetic prefix.")
@click.option("--store", type=click.Path(path_type=Path, exists=True), help="A store that has the line-up built.")
@click.option("--rootfs", type=click.Path(path_type=Path, exists=True), help="The build image it was built in.")
@click.option("--lineup", type=click.Path(path_type=Path), default=_REPOSITORY / "manifests/current.yml")
@click.option("--recipes", type=click.Path(path_type=Path), default=_REPOSITORY / "recipes")
@click.option("--leaf", default="runit", show_default=True, help="The line-up's component that is changed.")
@click.option("--components", default=_COLD, show_default=True, help="What the cold build builds.")
@click.option("--full", is_flag=True, help="Cold build of the whole line-up.")
@click.option("--work", type=click.Path(path_type=Path), help="Where to work (the store's disk, or TMPDIR).")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write every sample to this file.")
def main(**options: Any) -> None:  # noqa: ANN401 - click passes what the options say
    """Measure omnibuild beside its peers; a row a peer, ratios first."""
    began = datetime.now(UTC)
    only = frozenset(options["only"].split(",")) if options["only"] else frozenset({"help", *SECTIONS, "cold"})
    console = _console(stderr=False)
    comparisons: list[Comparison] = [help_time(options["runs"])] if "help" in only else []
    store: Path | None = options["store"]
    work = options["work"] or (store.resolve().parent if store else None)
    with tempfile.TemporaryDirectory(prefix="omnibuild-bench-", dir=work) as folder:
        for comparison in _all(options, only - {"help"}, Path(folder)):
            comparisons.append(comparison)
            show([comparison], _console(stderr=True))
            if options["json_file"]:
                options["json_file"].write_text(json.dumps(_document(comparisons, began), indent=1) + "\n")
    for name, value in machine.describe().items():
        console.print(f"{name}: {value}")
    show(comparisons, console)


def _all(options: dict[str, Any], only: frozenset[str], folder: Path) -> Iterator[Comparison]:
    counts = options["runs"], options["slow_runs"]
    try:
        if options["with_synthetic"]:
            (folder / "synthetic").mkdir()
            subject = synthetic_subject(folder / "synthetic", synthetic.Shape(options["files"], options["mib"]))
            yield from measurements(subject, only - {"cold"}, *counts, ())
        if options["store"]:
            (folder / "real").mkdir()
            rootfs = options["rootfs"].resolve() if options["rootfs"] else None
            given = options["lineup"], options["recipes"], options["store"].resolve(), rootfs, options["leaf"]
            names = () if options["full"] else tuple(options["components"].split(","))
            subject = real_subject(folder / "real", *given)
            yield from measurements(subject, only, *counts, names or subject.order)
    except Failed as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
