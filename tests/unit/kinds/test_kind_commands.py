"""The commands that each build kind makes of its options: pure, and pinned here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from omnibuild import kinds
from omnibuild.kinds.base import Context
from omnibuild.kinds.registry import KINDS, commands_for, validate
from omnibuild.recipe.variables import expand


def context(destdir: str = "") -> Context:
    values = {"name": "zlib", "version": "1.3", "prefix": "/opt/p", "root": "/opt", "jobs": "4"}
    return Context("zlib", "1.3", "/opt", "/opt/p", 4, destdir, lambda text: expand(text, values, where="test"))


def lines(build: dict[str, Any], destdir: str = "") -> list[str]:
    """Return each command as ``directory$ argv``, with extra variables in front."""
    assert list(validate(build)) == []
    return [
        f"{command.cwd}$ {' '.join([*(f'{k}={v}' for k, v in command.env.items()), *command.argv])}"
        for command in commands_for(build, context(destdir))
    ]


AUTOTOOLS = {"kind": "autotools", "configure": ["--x={version}"], "make": ["V={name}"], "targets": ["all"]}
CMAKE = {"kind": "cmake", "directory": "sub", "configure": ["-DX={prefix}"]}
GO = {"kind": "golang", "programs": {"bin/x": "./cmd/x"}, "tags": ["a", "b"], "ldflags": ["-X main.v={version}"]}
WHEEL = {"kind": "python_wheel", "packages": ["x==1"], "wheels": ["dist"], "build": ["src"]}
PREBUILT = {"kind": "prebuilt", "copy": {".": "java", "bin/x": "bin/x"}}
SCRIPT = {"kind": "script", "before": [["echo", "{version}"]], "after": [["true"]]}


def test_autotools() -> None:
    """configure, make, make install; variables only where they are allowed."""
    assert lines(AUTOTOOLS) == [
        "/build/src$ ./configure --prefix=/opt/p --x=1.3",
        "/build/src$ make V=zlib all",
        "/build/src$ make V=zlib install",
    ]
    assert lines(AUTOTOOLS, "/d")[2] == "/build/src$ make V=zlib DESTDIR=/d install"


def test_cmake() -> None:
    """Out of tree, by make, into the prefix."""
    configure, build, install = lines(CMAKE)
    assert configure.startswith("/build/src$ cmake -S /build/src/sub -B /build/src/omnibuild-cmake -G Unix Makefiles")
    assert configure.endswith("-DX=/opt/p")
    assert (build, install) == (
        "/build/src/omnibuild-cmake$ make",
        "/build/src/omnibuild-cmake$ make install",
    )
    assert lines(CMAKE, "/d")[2] == "/build/src/omnibuild-cmake$ DESTDIR=/d make install"


def test_golang() -> None:
    """One go build a program, from vendored sources, without traces of the place."""
    (command,) = lines(GO)
    assert command == (
        "/build/src$ go build -mod=vendor -trimpath -buildvcs=false -p=4 -tags=a,b -ldflags=-X main.v=1.3 "
        "-o /opt/p/bin/x ./cmd/x"
    )
    assert "-o /d/opt/p/bin/x" in lines(GO, "/d")[0]


def test_python_wheel() -> None:
    """Wheels are built first and installed by name, never from an index."""
    made, built, installed = lines(WHEEL)
    assert made.endswith("mkdir -p /build/wheels")
    assert "pip --disable-pip-version-check --no-cache-dir wheel --no-index" in built
    assert built.endswith("./src")
    assert "--no-index" in installed
    assert "--root=/d" in lines(WHEEL, "/d")[2]
    assert installed.endswith("x==1")


def test_prebuilt() -> None:
    """Folders are merged into their targets."""
    assert lines(PREBUILT, "/d") == [
        "/build/src$ mkdir -p /d/opt/p",
        "/build/src$ cp -aT /build/src/. /d/opt/p/java",
        "/build/src$ mkdir -p /d/opt/p/bin",
        "/build/src$ cp -aT /build/src/bin/x /d/opt/p/bin/x",
    ]


def test_script() -> None:
    """Values reach the script as environment; commands before and after are argv lists."""
    assert lines(SCRIPT) == [
        "/build/src$ echo 1.3",
        "/build/src$ /bin/sh -eu /build/recipe/build.sh",
        "/build/src$ true",
    ]


@pytest.mark.parametrize(
    ("build", "where", "message"),
    [
        ({"kind": "autotool"}, "build.kind", "unknown kind 'autotool'; did you mean autotools?"),
        ({"kind": "bazel"}, "build.kind", "known: autotools, cmake, golang"),
        ({"kind": "script", "scrpt": "x"}, "build.scrpt", "unknown key; did you mean script?"),
        ({"kind": "script", "script": "../x"}, "build.script", "must be a relative path"),
        ({"kind": "golang"}, "build.programs", "is missing"),
        ({"kind": "golang", "programs": {}}, "build.programs", "at least 1"),
        ({"kind": "autotools", "configure": [1]}, "build.configure.0", "must be a quoted string"),
        ({"kind": "prebuilt", "copy": {"/etc": "x"}}, "build.copy./etc", "must be a relative path"),
    ],
)
def test_problems_are_told(build: dict[str, Any], where: str, message: str) -> None:
    """Each problem of a build section has its path, and says what was expected."""
    ((found, text),) = validate(build)
    assert found == where
    assert message in text


def test_the_folder_is_the_list_of_kinds() -> None:
    """Every module of kinds/ that is a kind is registered."""
    modules = {path.stem for path in Path(kinds.__path__[0]).glob("*.py")} - {"__init__", "base", "registry"}
    assert set(KINDS) == modules
