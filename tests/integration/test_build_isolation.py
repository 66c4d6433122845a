"""The same bytes for every user, on every host, however builds are isolated."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from nobody import as_nobody, give

import omnibuild
from projects import CLI, Project, hello_project

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="changes the user or mounts: needs root")
SITE = Path(omnibuild.__file__).parent.parent


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that an ordinary user may reach and owns."""
    folder = Path("/var/tmp") / f"omnibuild-place-{os.getpid()}"
    folder.mkdir()
    yield folder
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def arguments(project: Project, *argv: str) -> list[str]:
    """Return what follows the name of omnibuild on the command line."""
    return project.argv(*argv)[len(CLI) :]


@needs_root
def test_an_ordinary_user_builds_the_same(place: Path, tmp_path: Path) -> None:
    """Without root everything works in a user namespace, and gives root's bytes."""
    expected = hello_project(tmp_path).build().trees()
    project = hello_project(place)
    give(place)
    done = as_nobody(place, arguments(project, "build", "--json"))
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert {name: item["tree"] for name, item in report.items()} == expected
    assert {item["isolation"] for item in report.values()} == {"user"}
    again = as_nobody(place, arguments(project, "build", "--json"))
    assert not any(item["built"] for item in json.loads(again.stdout).values())
    assert not list((project.store_dir / "scratch").glob("work-*"))


@needs_root
def test_a_recipes_file_that_may_not_be_read_is_told(place: Path) -> None:
    """Its content is a part of the key, so nothing can be said about the component."""
    project = hello_project(place)
    script = place / "recipes/hello/build.sh"
    give(place)
    script.chmod(0)
    done = as_nobody(place, arguments(project, "build"))
    assert done.returncode == 2, done.stderr
    assert "recipes/hello/build.sh beside it cannot be read: check its owner and mode" in done.stderr


@needs_root
def test_a_recipes_folder_that_may_not_be_entered_is_told(place: Path) -> None:
    """It is not taken for one without a recipe, and only what needs it stops."""
    project = hello_project(place)
    give(place)
    (place / "recipes/hello").chmod(0)
    for argv in (["build"], ["recipe", "validate"]):
        done = as_nobody(place, [*argv, *arguments(project, "build")[1:5]])
        assert done.returncode == 2, done.stderr
        assert f"{place}/recipes/hello/recipe.yml: cannot be read: Permission denied" in done.stderr
    assert as_nobody(place, arguments(project, "build", "leaf")).returncode == 0


@needs_root
def test_an_ordinary_users_odd_modes(place: Path) -> None:
    """Files and folders that their owner may not use are stored all the same, and cleaned up."""
    project = Project(place)
    script = 'mkdir -p "$PREFIX/ro/in"; echo x >"$PREFIX/ro/in/none"; chmod 000 "$PREFIX/ro/in/none"\n'
    script += 'chmod 555 "$PREFIX/ro/in" "$PREFIX/ro"; mkdir /build/src/closed; chmod 000 /build/src/closed'
    project.recipe("odd", script, tests=[{"run": ["cat", "{prefix}/ro/in/none"], "expect": "x"}])
    give(place)
    for built in (True, False):
        done = as_nobody(place, arguments(project, "build", "--json"))
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["odd"]["built"] is built
    assert not list((project.store_dir / "scratch").glob("work-*"))


WORLDS: dict[str, list[str]] = {
    "umask": ["sh", "-c", 'umask 077; exec "$@"', "sh"],
    "no umask": ["sh", "-c", 'umask 000; exec "$@"', "sh"],
    "time zone and locale": ["env", "TZ=Asia/Kathmandu", "LANG=tr_TR.UTF-8", "LC_ALL=C", "HOME=/nonexistent"],
    "variables": ["env", "CFLAGS=-O0 -g", "SOURCE_DATE_EPOCH=1", "CC=false", "MAKEFLAGS=-k", "PYTHONHASHSEED=7"],
    "host name": ["unshare", "--uts", "sh", "-c", 'hostname elsewhere; exec "$@"', "sh"],
    "clock": ["faketime", "2031-05-06 07:08:09"],
    "one processor": ["taskset", "--cpu-list", "0"],
}


@pytest.mark.parametrize("world", WORLDS)
def test_the_bytes_do_not_depend_on(world: str, tmp_path: Path, reference: dict[str, str]) -> None:
    """Neither the caller's settings nor the host's show in any tree."""
    wrapper = WORLDS[world]
    if shutil.which(wrapper[0]) is None:
        pytest.skip(f"{wrapper[0]} is not installed")
    if world == "host name" and os.geteuid() != 0:
        pytest.skip("changes the host name: needs root")
    project = stamped_project(tmp_path)
    done = subprocess.run(
        [*wrapper, *project.argv("build", "--json")], capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr
    assert {name: item["tree"] for name, item in json.loads(done.stdout).items()} == reference


def test_the_bytes_do_not_depend_on_place_and_file_times(tmp_path: Path, reference: dict[str, str]) -> None:
    """A checkout elsewhere, with other times and modes, gives the same trees."""
    folder = tmp_path / "another place, of a longer name: really"
    folder.mkdir()
    project = stamped_project(folder)
    for file in folder.rglob("*"):
        os.utime(file, (987654321, 987654321))
        file.chmod(0o700 if file.is_dir() else 0o600)
    assert project.build().trees() == reference


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The trees of a plain build."""
    return stamped_project(tmp_path_factory.mktemp("reference")).build().trees()


STAMPS = r"""
gcc -g $CFLAGS stamp.c -o "$PREFIX/stamped"
ar rc "$PREFIX/lib.a" /dev/null 2>/dev/null || true
mkdir -p "$PREFIX/share"
cp /build/recipe/data "$PREFIX/share/data"; cp stamp.c "$PREFIX/share/"; cp -a /build/src "$PREFIX/share/src"
echo "$HOME $TMPDIR $(hostname) $(id -un) $(umask) $(date -d @0) ${LANG-}" >"$PREFIX/share/world"
"""


def stamped_project(directory: Path) -> Project:
    """Return a project whose programs and files would show where and when they were made."""
    project = hello_project(directory)
    stamp = "const char *where = __FILE__, *when = __DATE__ __TIME__;\nint main(void) { return *where + *when; }\n"
    project.recipe("stamp", STAMPS, sources={"stamp.c": stamp}, depends={"link": ["leaf"]})
    (directory / "recipes/stamp/data").write_text("data\n")
    return project


MAKEFILE = """
all: %(targets)s
job-%%:
\t@python3 /build/recipe/job.py $(NAME) $@
"""
JOB = """
import sys, time
print("begin", sys.argv[2], time.monotonic_ns(), flush=True)
time.sleep(0.3)
print("end", sys.argv[2], time.monotonic_ns(), flush=True)
"""


@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_two_makes_share_one_jobserver(tmp_path: Path, jobs: int) -> None:
    """All builds together run at most the components plus the pool's jobs, and do use the pool."""
    project = Project(tmp_path, jobs=jobs)
    targets = " ".join(f"job-{number}" for number in range(8))
    for name in ("one", "two"):
        project.recipe(name, 'make >"$PREFIX/times"', sources={"Makefile": MAKEFILE % {"targets": targets}})
        (tmp_path / f"recipes/{name}/job.py").write_text(JOB)
    ran = project.build()
    moments: list[tuple[int, int]] = []
    for name in ("one", "two"):
        for line in project.content(ran, name, "embedded/times").decode().splitlines():
            kind, _, moment = line.split()
            moments.append((int(moment), 1 if kind == "begin" else -1))
    assert len(moments) == 32
    running = most = 0
    for _, change in sorted(moments):
        running += change
        most = max(most, running)
    at_once = min(jobs, 2)
    assert most <= at_once + jobs - 1
    assert most > 1 or jobs == 1


@needs_root
def test_without_namespaces_builds_use_the_real_prefix_and_destdir(tmp_path: Path) -> None:
    """The fallback gives the same files, says that it is one, and leaves nothing at the real places."""
    root = f"/opt/tiny-none-{os.getpid()}"
    for name in ("isolated", "plain"):
        (tmp_path / name).mkdir()
    trees = hello_project(tmp_path / "isolated", root=root).build().trees()
    project = hello_project(tmp_path / "plain", root=root)
    argv = [sys.executable, "-c", PROGRAM, str(tmp_path / "plain"), root]
    script = 'mount -t tmpfs none /opt; exec "$@"'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-euc", script, "sh", *argv],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        env=os.environ | {"PYTHONPATH": f"{SITE}:{Path(__file__).parent}"},
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["trees"] == trees
    assert set(report["isolation"]) == {"none"}
    assert all("built without isolation" in " ".join(notes) for notes in report["notes"])
    assert report["opened"] == [None, None, None]
    assert report["left"] == []
    assert not Path("/build").exists()
    assert project.store.verify(project.store.tree(trees["hello"]).entries) == []


PROGRAM = """
import json, os, sys
from dataclasses import replace
from pathlib import Path
from omnibuild.sandbox.spec import Isolation
from projects import Project, hello_project
project = hello_project(Path(sys.argv[1]), root=sys.argv[2])
session = project.session()
session.host = replace(session.host, isolation=Isolation.NONE)
from omnibuild.pipeline.build import BuildOptions
outcome = session.component_build().run(session.project.order, BuildOptions(2))
results = outcome.results
print(json.dumps({
    "trees": {name: result.tree for name, result in results.items()},
    "isolation": [result.isolation for result in results.values()],
    "notes": [result.notes for result in results.values()],
    "opened": [result.opened for result in results.values()],
    "left": [path for path in (sys.argv[2], "/build") if os.path.lexists(path)],
}))
"""


@needs_root
def test_packages_are_identical_whoever_makes_them(place: Path, tmp_path: Path) -> None:
    """Root today, and an ordinary user years later with another umask and time zone, write one deb and one rpm."""
    first, folder = hello_project(tmp_path), place / "another place"
    folder.mkdir()
    second = hello_project(folder)
    done = first.cli("package", "--output", str(tmp_path / "dist"))
    assert done.returncode == 0, done.stderr
    give(place)
    argv = arguments(second, "package", "--output", str(folder / "dist"))
    clock = 'faketime "2033-01-02 03:04:05"' if shutil.which("faketime") else ""
    other = as_nobody(place, argv, around=["sh", "-c", f'umask 077; TZ=Asia/Tokyo exec {clock} "$@"', "sh"])
    assert other.returncode == 0, other.stderr
    assert packages(folder / "dist") == packages(tmp_path / "dist")


def packages(folder: Path) -> dict[str, bytes]:
    """Return the packages in a folder."""
    found = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in {".deb", ".rpm"}}
    assert len(found) == 2
    return found
