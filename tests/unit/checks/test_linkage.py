"""The loader's rules, compared with ldd on programs compiled for each of them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omnibuild.checks import linkage
from omnibuild.checks.elf import read_elf
from omnibuild.checks.filetree import FileTree
from omnibuild.checks.linking import Linker
from omnibuild.store.tree import Entry, EntryKind

if TYPE_CHECKING:
    from conftest import Compile, Planted

_MISSING = re.compile(r"^\s*(\S+) => not found$", re.MULTILINE)
_FOUND = re.compile(r"^\s*(\S+) => (/\S+) ", re.MULTILINE)
LIB = "embedded/lib"


def _ldd(path: Path) -> tuple[set[str], dict[str, str]]:
    """Return what ldd says: the names not found, and where the others are."""
    done = subprocess.run(["ldd", str(path)], capture_output=True, text=True, check=False, timeout=30)
    return set(_MISSING.findall(done.stdout)), dict(_FOUND.findall(done.stdout))


def _library(planted: Planted, compiled: Compile, name: str, *options: str, folder: str = LIB) -> Path:
    elf = compiled(f"int {name}(void){{return 1;}}", "-shared", "-fPIC", f"-Wl,-soname,lib{name}.so.1", *options)
    return planted.elf("alpha", f"{folder}/lib{name}.so.1", elf)


def _program(planted: Planted, compiled: Compile, library: Path, *options: str, path: str = "embedded/bin/app") -> Path:
    allow = "-Wl,--allow-shlib-undefined,--no-as-needed,--unresolved-symbols=ignore-all"
    elf = compiled("int main(void){return 0;}", allow, str(library), *options)
    return planted.elf("alpha", path, elf)


def _both(planted: Planted) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return the missing names of every file, by this check and by ldd."""
    subject = planted.subject()
    ours = {path: {item.library for item in closure.unresolved} for path, closure in subject.closures.items()}
    theirs = {path: _ldd(planted.root / path)[0] for path in ours}
    return ours, theirs


_RPATHS = {
    "rpath": "-Wl,--disable-new-dtags,-rpath,{root}/embedded/lib",
    "runpath": "-Wl,--enable-new-dtags,-rpath,{root}/embedded/lib",
    "rpath by origin": "-Wl,--disable-new-dtags,-rpath,$ORIGIN/../lib",
    "runpath by origin": "-Wl,--enable-new-dtags,-rpath,$ORIGIN/../lib",
    "braces": "-Wl,-rpath,${{ORIGIN}}/../lib",
    "second element": "-Wl,-rpath,/nowhere:{root}/embedded/lib",
    "elsewhere": "-Wl,-rpath,{root}/embedded/other",
    "out and back in": "-Wl,-rpath,$ORIGIN/../../../root/embedded/lib",
    "none": "-O1",
}


@pytest.mark.parametrize("case", _RPATHS)
@pytest.mark.parametrize("inner", ["rpath", "runpath", "none"])
def test_each_search_path_resolves_as_ldd_resolves_it(
    planted: Planted, compiled: Compile, case: str, inner: str
) -> None:
    """A program needs libone, which needs libtwo: for each pair of search paths, ldd and the check agree."""
    root = str(planted.root)
    two = _library(planted, compiled, "two")
    one = _library(planted, compiled, "one", "-Wl,--no-as-needed", str(two), _RPATHS[inner].format(root=root))
    _program(planted, compiled, one, _RPATHS[case].format(root=root))
    ours, theirs = _both(planted)
    assert ours == theirs


def test_a_program_passes_its_rpath_but_not_its_runpath_on(planted: Planted, compiled: Compile) -> None:
    """Libone has no search path: it finds libtwo by the program's DT_RPATH only."""
    two = _library(planted, compiled, "two")
    one = _library(planted, compiled, "one", "-Wl,--no-as-needed", str(two))
    rpath = f"-rpath,{planted.root}/{LIB}"
    _program(planted, compiled, one, f"-Wl,--disable-new-dtags,{rpath}", path="embedded/bin/inherits")
    _program(planted, compiled, one, f"-Wl,--enable-new-dtags,{rpath}", path="embedded/bin/keeps")
    closures = planted.subject().closures
    assert not closures["embedded/bin/inherits"].unresolved
    assert [item.library for item in closures["embedded/bin/keeps"].unresolved] == ["libtwo.so.1"]
    ours, theirs = _both(planted)
    assert ours == theirs


def test_origin_is_where_a_library_was_found_not_where_its_link_leads(planted: Planted, compiled: Compile) -> None:
    """A library found through a link looks for its own needs beside the link, as the loader does."""
    two = _library(planted, compiled, "two", folder="embedded/private")
    options = ("-Wl,--no-as-needed", str(two), "-Wl,-rpath,$ORIGIN")
    one = _library(planted, compiled, "one", *options, folder="embedded/private")
    planted.link("alpha", f"{LIB}/libone.so.1", "../private/libone.so.1")
    _program(planted, compiled, one, f"-Wl,-rpath,{planted.root}/{LIB}")
    ours, theirs = _both(planted)
    assert ours == theirs
    assert ours["embedded/bin/app"] == {"libtwo.so.1"}
    assert not ours["embedded/private/libone.so.1"]


def test_a_linked_folder_is_followed(planted: Planted, compiled: Compile) -> None:
    """A search path through a linked folder, and '..' behind it, mean what the kernel says."""
    one = _library(planted, compiled, "one", folder="embedded/real/deep")
    planted.link("alpha", "embedded/lib64", "real/deep")
    _program(planted, compiled, one, f"-Wl,-rpath,{planted.root}/embedded/lib64/../deep")
    ours, theirs = _both(planted)
    assert ours == theirs == {"embedded/real/deep/libone.so.1": set(), "embedded/bin/app": set()}


def test_a_library_of_another_machine_is_passed_over(planted: Planted, compiled: Compile) -> None:
    """The loader skips a file that does not fit and goes on searching; so does the check."""
    one = _library(planted, compiled, "one")
    foreign = bytearray(one.read_bytes())
    foreign[18:20] = (183).to_bytes(2, "little")
    planted.file("alpha", "embedded/first/libone.so.1", bytes(foreign), 0o755)
    app = _program(planted, compiled, one, f"-Wl,-rpath,{planted.root}/embedded/first:{planted.root}/{LIB}")
    edges = planted.subject().closures["embedded/bin/app"].edges
    assert [edge.provider for edge in edges] == [f"{LIB}/libone.so.1"]
    assert _ldd(app)[1]["libone.so.1"] == str(one)


def test_a_missing_symbol_version_is_found_though_the_library_is_there(planted: Planted, compiled: Compile) -> None:
    """A library that lost the version a program was linked with fails, as ldd says."""
    old = planted.root.parent / "old.map"
    new = planted.root.parent / "new.map"
    old.write_text("ONE_1.0 { one; };")
    new.write_text("ONE_2.0 { one; };")
    soname = "-Wl,-soname,libone.so.1"
    source = "int one(void){return 1;}"
    linked = compiled(source, "-shared", "-fPIC", soname, f"-Wl,--version-script={old}", name="libone.so.1")
    shipped = compiled(source, "-shared", "-fPIC", soname, f"-Wl,--version-script={new}", name="libone.so.1")
    use = "int one(void); int main(void){return one();}"
    app = planted.elf("alpha", "embedded/bin/app", compiled(use, str(linked), "-Wl,-rpath,$ORIGIN/../lib"))
    planted.elf("alpha", f"{LIB}/libone.so.1", shipped)
    messages = [problem.message for problem in linkage.find(planted.subject())]
    assert messages == [f"needs ONE_1.0 of libone.so.1, but {LIB}/libone.so.1 does not define it"]
    said = subprocess.run(["ldd", str(app)], capture_output=True, text=True, check=False, timeout=30)
    assert "ONE_1.0' not found" in said.stdout + said.stderr


def test_a_library_from_outside_is_an_error_and_one_nearby_is_pointed_out(planted: Planted, compiled: Compile) -> None:
    """Neither a system library that is not allowed nor one in an unsearched folder will do."""
    one = _library(planted, compiled, "one")
    _program(planted, compiled, one, "-lz" if Path("/usr/include/zlib.h").exists() else "-lm")
    problems = list(linkage.find(planted.subject(system_libraries=("libc.so.6",))))
    assert {problem.path for problem in problems} == {"embedded/bin/app"}
    assert any(f"{LIB}/libone.so.1 has that name" in problem.message for problem in problems)
    assert len(problems) == 2


def test_a_failure_is_reported_once_at_the_file_that_has_it(planted: Planted, compiled: Compile) -> None:
    """The program loads a library with a missing need: the library is named, the program is not."""
    gone = compiled("int gone(void){return 1;}", "-shared", "-fPIC", "-Wl,-soname,libgone.so.1")
    one = _library(planted, compiled, "one", "-Wl,--no-as-needed", str(gone))
    _program(planted, compiled, one, "-Wl,-rpath,$ORIGIN/../lib")
    assert [problem.path for problem in linkage.find(planted.subject())] == [f"{LIB}/libone.so.1"]


def test_a_foreign_program_interpreter_is_found(planted: Planted, compiled: Compile) -> None:
    """A program that asks for musl's loader does not start on a glibc node."""
    planted.elf("alpha", "embedded/bin/app", compiled("int main(void){return 0;}", "-Wl,-I,/lib/ld-musl-x86_64.so.1"))
    assert "ld-musl" in next(iter(linkage.find(planted.subject()))).message


def _host_cases() -> list[Path]:
    files = [path for path in sorted(Path("/usr/bin").iterdir()) if path.is_file() and not path.is_symlink()]
    return [path for path in files[::12] if path.open("rb").read(4) == b"\x7fELF"][:40]


@pytest.mark.parametrize("path", _host_cases(), ids=str)
def test_nothing_that_ldd_misses_is_overlooked_on_this_host(path: Path) -> None:
    """With all that ldd finds allowed, the check misses exactly what ldd misses; without, all it found."""
    missing, found = _ldd(path)
    name = str(path).removeprefix("/")
    elf = read_elf(path.read_bytes())
    assert elf
    tree = FileTree("/", {"host": [Entry(name, EntryKind.FILE, 0o755, size=1)]})
    direct = set(elf.needed)

    def unresolved(system: frozenset[str]) -> set[str]:
        linker = Linker(tree, {name: elf}.get, system)
        return {item.library for item in linker.closure(name).unresolved}

    allowed = frozenset(found) | {"ld-linux-x86-64.so.2"}
    assert unresolved(allowed) == missing & direct
    assert unresolved(frozenset()) == direct


def test_a_static_program_loads_nothing(planted: Planted, compiled: Compile) -> None:
    """A static program has no closure at all, so nothing of it can be missing."""
    planted.elf("alpha", "embedded/bin/app", compiled("int main(void){return 0;}", "-static"))
    assert planted.subject().closures == {}
    assert not list(linkage.find(planted.subject()))
