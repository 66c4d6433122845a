"""Small projects written from Python: recipes, a line-up, and builds of them for real."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from omnibuild import events
from omnibuild.commands.session import Session
from omnibuild.pipeline.build import BuildOptions, BuildOutcome, ComponentBuild
from omnibuild.store.local import LocalStore
from omnibuild.store.tree import Tree

CLI = (sys.executable, "-m", "omnibuild")
LIBHELLO = """
gcc $CFLAGS -shared -o libhello.so -Wl,-soname,libhello.so hello.c $LDFLAGS
mkdir -p "$DESTDIR$PREFIX/lib" "$DESTDIR$PREFIX/include"
cp libhello.so "$DESTDIR$PREFIX/lib/"
echo 'const char *hello(void);' >"$DESTDIR$PREFIX/include/hello.h"
"""
HELLO = """
mkdir -p "$DESTDIR$PREFIX/bin"
gcc $CFLAGS $CPPFLAGS main.c $LDFLAGS -lhello -o "$DESTDIR$PREFIX/bin/hello"
"""


@dataclass
class Ran:
    """One run in this process: what it gave and every event it told."""

    outcome: BuildOutcome
    events: list[events.Event]

    @property
    def built(self) -> list[str]:
        """The components that were built now, sorted."""
        return sorted(self.outcome.built)

    def trees(self) -> dict[str, str]:
        """The digest of each component's payload."""
        return {name: result.tree for name, result in self.outcome.results.items()}


@dataclass
class Project:
    """A project's files below ``directory``; ``store`` and ``jobs`` are used by every build."""

    directory: Path
    root: str = "/opt/tiny"
    jobs: int = 2
    environment: dict[str, str] = field(default_factory=dict)
    components: dict[str, str] = field(default_factory=dict)

    @property
    def store_dir(self) -> Path:
        """Where the builds of this project go."""
        return self.directory / "store"

    @property
    def store(self) -> LocalStore:
        """The store of this project."""
        return LocalStore(self.store_dir)

    def recipe(
        self, name: str, script: str, *, sources: Mapping[str, str] | None = None, version: str = "1.0", **fields: Any
    ) -> Path:
        """Write a recipe of kind script with a source folder of its own; return its file."""
        folder, source = self.directory / "recipes" / name, self.directory / "src" / name
        folder.mkdir(parents=True, exist_ok=True)
        source.mkdir(parents=True, exist_ok=True)
        (source / "LICENSE").write_text("MIT\n")
        for path, text in (sources or {}).items():
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            (source / path).write_text(text)
        (folder / "build.sh").write_text(f'mkdir -p "$DESTDIR$PREFIX"\n{script}')
        document = {
            "schema": 1,
            "name": name,
            "version": version,
            "description": f"The {name} of a test",
            "license": "MIT",
            "license_files": ["LICENSE"],
            "sources": [{"locations": [{"path": f"../../src/{name}"}]}],
            "build": {"kind": "script"},
        }
        file = folder / "recipe.yml"
        file.write_text(yaml.safe_dump(document | fields, sort_keys=False))
        self.components[name] = version
        self.write_lineup()
        return file

    def write_lineup(self, **fields: Any) -> Path:
        """Write the line-up of all recipes so far; return its file."""
        document = {
            "schema": 1,
            "name": "tiny",
            "version": "1.0",
            "root": self.root,
            "prefix": f"{self.root}/embedded",
            "source_date_epoch": 1700000000,
            "components": self.components,
            "shipped": list(self.components),
            "environment": {
                "CFLAGS": "-O2 -fPIC",
                "CPPFLAGS": "-I{prefix}/include",
                "LDFLAGS": "-L{prefix}/lib -Wl,-rpath,{prefix}/lib",
            }
            | self.environment,
            "policy": {"glibc_max": "2.36", "system_libraries": ["libc.so.6"], "licenses": ["MIT"]},
            "package": {
                "maintainer": "Tiny <tiny@example.com>",
                "vendor": "Tiny",
                "homepage": "https://example.com",
                "summary": "tiny",
                "description": "tiny",
                "license": "MIT",
            },
        }
        file = self.directory / "manifests" / "tiny.yml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(yaml.safe_dump(document | fields, sort_keys=False))
        return file

    def session(self, **options: Any) -> Session:
        """Return the objects of one invocation of the command."""
        folder = self.directory
        given = {"store_dir": self.store_dir, "rootfs": None, "jobs": self.jobs} | options
        return Session(folder / "manifests/tiny.yml", folder / "recipes", **given)

    def build(self, *names: str, keep_going: bool = False, **options: Any) -> Ran:
        """Build in this process; raises what the build raises."""
        session = self.session(**options)
        told: list[events.Event] = []
        builder = ComponentBuild(
            session.planner, session.store, session.host, session.sources, session.running, told.append
        )
        outcome = builder.run(names or session.project.order, BuildOptions(session.jobs, keep_going, session.at_once))
        return Ran(outcome, told)

    def argv(self, command: str, *arguments: str) -> list[str]:
        """Return the command line that runs a command on this project."""
        lineup, recipes = self.directory / "manifests/tiny.yml", self.directory / "recipes"
        options = ["--lineup", str(lineup), "--recipes", str(recipes), "--store", str(self.store_dir)]
        jobs = ["--jobs", str(self.jobs)] if command in {"build", "package"} else []
        return [*CLI, command, *options, *jobs, *arguments]

    def cli(self, command: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run the real command to its end."""
        given = {"capture_output": True, "text": True, "timeout": 120, "check": False} | options
        return subprocess.run(self.argv(command, *arguments), stdin=subprocess.DEVNULL, **given)  # noqa: PLW1510 - it is in given

    def tree(self, ran: Ran, name: str) -> Tree:
        """Return a component's payload."""
        return self.store.tree(ran.outcome.results[name].tree)

    def content(self, ran: Ran, name: str, path: str) -> bytes:
        """Return the bytes of one file of a component's payload."""
        entry = next(entry for entry in self.tree(ran, name).entries if entry.path == path)
        return self.store.object_path(entry).read_bytes()

    def log(self, name: str) -> str:
        """Return all logs in which the component's steps appear, newest last."""
        logs = sorted((self.store_dir / "logs").iterdir(), key=lambda path: path.stat().st_mtime_ns)
        return "\n".join(path.read_text(errors="replace") for path in logs if name in path.read_text(errors="replace"))


def hello_project(directory: Path, **options: Any) -> Project:
    """Return a library, a program that links it, and a leaf that depends on nothing."""
    project = Project(directory, **options)
    project.recipe("libhello", LIBHELLO, sources={"hello.c": 'const char *hello(void) { return "hello"; }\n'})
    main = "#include <hello.h>\n#include <stdio.h>\nint main(void) { puts(hello()); return 0; }\n"
    tests = [{"run": ["{prefix}/bin/hello"], "expect": "hello"}]
    project.recipe("hello", HELLO, sources={"main.c": main}, depends={"link": ["libhello"]}, tests=tests)
    project.recipe("leaf", install_text("share/leaf", "leaf"))
    return project


def install_text(path: str, text: str) -> str:
    """Return a script that installs one text file below the prefix."""
    return f'mkdir -p "$(dirname "$DESTDIR$PREFIX/{path}")"\necho \'{text}\' >"$DESTDIR$PREFIX/{path}"\n'
