"""A planted prefix: real files and real ELF files, into which each test puts one fault."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from omnibuild.checks.base import Built, Subject
from omnibuild.lineup.model import Policy
from omnibuild.recipe.model import Recipe
from omnibuild.store.tree import Entry, EntryKind

SYSTEM_LIBRARIES = ("libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2")


@dataclass
class Planted:
    """A prefix under construction; ``root`` is both the installed path and where the files lie."""

    root: Path
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    recipes: dict[str, Recipe] = field(default_factory=dict)
    opened: dict[str, frozenset[str] | None] = field(default_factory=dict)

    def component(  # noqa: PLR0913 - the parts of a recipe that checks look at
        self,
        name: str,
        *,
        license: str = "MIT",  # noqa: A002 - the recipe's own word
        kind: str = "script",
        depends: Mapping[str, Iterable[str]] | None = None,
        skip: Mapping[str, Mapping[str, str]] | None = None,
        opened: Iterable[str] | None = None,
        licensed: bool = True,
    ) -> None:
        """Add a component, with its licence file unless ``licensed`` is false."""
        text = {
            "schema": 1,
            "name": name,
            "version": "1.0",
            "description": name,
            "license": license,
            "license_files": ["COPYING"],
            "depends": {key: list(value) for key, value in (depends or {}).items()},
            "build": {"kind": kind},
            "checks": {"skip": skip or {}},
        }
        self.recipes[name] = Recipe.model_validate(text)
        self.opened[name] = None if opened is None else frozenset(opened)
        self.entries[name] = []
        if licensed:
            self.file(name, f"LICENSES/{name}-COPYING", b"do as you like\n")

    def file(self, component: str, path: str, data: bytes, mode: int = 0o644) -> Path:
        """Add a file with these bytes."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        target.chmod(mode)
        entry = Entry(path, EntryKind.FILE, mode, hashlib.sha256(data).hexdigest(), len(data))
        self.entries[component].append(entry)
        return target

    def elf(self, component: str, path: str, elf: Path) -> Path:
        """Add a compiled file."""
        return self.file(component, path, elf.read_bytes(), 0o755)

    def link(self, component: str, path: str, target: str) -> None:
        """Add a symbolic link."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)
        self.entries[component].append(Entry(path, EntryKind.SYMLINK, target=target))

    def folder(self, component: str, path: str, mode: int = 0o755) -> None:
        """Add a directory."""
        (self.root / path).mkdir(parents=True, exist_ok=True)
        self.entries[component].append(Entry(path, EntryKind.DIRECTORY, mode))

    def subject(self, **policy: Any) -> Subject:
        """Return what is there as a subject, under a policy with these fields."""
        fields = {"glibc_max": "2.99", "system_libraries": SYSTEM_LIBRARIES, "licenses": ("MIT",), **policy}
        components = {
            name: Built(self.recipes[name], tuple(sorted(entries)), self.opened[name])
            for name, entries in self.entries.items()
        }
        return Subject(
            str(self.root), f"{self.root}/embedded", self.root, "amd64", components, Policy.model_validate(fields)
        )


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    """Return a prefix with one sound component, ``alpha``."""
    prefix = Planted(tmp_path / "root")
    prefix.component("alpha")
    return prefix


Compile = Callable[..., Path]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compile:
    """Return a function that compiles C text with gcc and these options; equal calls compile once."""
    done: dict[tuple[str, ...], Path] = {}

    def compile_(source: str, *options: str, name: str = "a.out") -> Path:
        key = (source, *options, name)
        if key not in done:
            output = tmp_path_factory.mktemp("elf") / name
            argv = ["gcc", "-xc", "-", "-xnone", "-o", str(output), *options]
            subprocess.run(argv, input=source.encode(), check=True, timeout=60)
            done[key] = output
        return done[key]

    return compile_


@pytest.fixture(scope="session")
def program(compiled: Compile) -> Path:
    """Return a program that needs nothing but libc."""
    return compiled("int main(void) { return 0; }")


@pytest.fixture(scope="session")
def note_for(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """Return a function that makes an object file with a .note.package note for a name and version."""

    def make(name: str, version: str) -> Path:
        text = json.dumps({"type": "generic", "name": name, "version": version})
        escaped = text.replace('"', '\\"')
        source = (
            '.section .note.package, "a", @note\n.balign 4\n.long 4, 2f-1f, 0xcafe1a7e\n.asciz "FDO"\n'
            f'1: .asciz "{escaped}"\n2: .balign 4\n.section .note.GNU-stack, "", @progbits\n'
        )
        output = tmp_path_factory.mktemp("note") / "note.o"
        subprocess.run(
            ["gcc", "-c", "-xassembler", "-", "-o", str(output)], input=source.encode(), check=True, timeout=60
        )
        return output

    return make
