"""One fault a test: each is planted into a sound prefix, and its check alone says so."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omnibuild.checks.base import Severity
from omnibuild.checks.run import run_checks

if TYPE_CHECKING:
    from conftest import Compile, Planted

BIN = "embedded/bin"
LIB = "embedded/lib"
Note = Callable[[str, str], Path]


@pytest.fixture
def sound(planted: Planted, compiled: Compile, note_for: Note) -> Planted:
    """Return a prefix that no check has anything to say about."""
    note = str(note_for("alpha", "1.0"))
    source = "int answer(void){return 42;}"
    library = compiled(source, "-shared", "-fPIC", note, "-Wl,-soname,liba.so.1", name="liba.so.1")
    use = "int answer(void); int main(void){return answer();}"
    planted.elf("alpha", f"{LIB}/liba.so.1", library)
    planted.link("alpha", f"{LIB}/liba.so", "liba.so.1")
    planted.elf("alpha", f"{BIN}/app", compiled(use, str(library), note, f"-Wl,-rpath,{planted.root}/{LIB}"))
    planted.file("alpha", f"{BIN}/script", f"#!{planted.root}/{BIN}/app -x\n".encode(), 0o755)
    planted.file("alpha", f"{BIN}/tool", b"#!/bin/sh\nexit 0\n", 0o755)
    return planted


def _said(planted: Planted, **policy: object) -> list[tuple[str, str, str]]:
    report = run_checks(planted.subject(**policy))
    return [(item.problem.check, item.problem.path, item.problem.message) for item in report.findings]


def _only(planted: Planted, **policy: object) -> tuple[str, str, str]:
    said = _said(planted, **policy)
    assert len(said) == 1, said
    return said[0]


def test_a_sound_prefix_has_no_problem(sound: Planted) -> None:
    """The other tests' starting point is clean, so that what they find is what they planted."""
    assert _said(sound) == []


def test_a_library_from_outside(sound: Planted) -> None:
    """Libc is outside the root too: taken off the list of system libraries, it is an error of each user."""
    said = _said(sound, system_libraries=("libm.so.6",))
    assert {(check, path) for check, path, _ in said} == {("linkage", f"{BIN}/app")}


def test_a_missing_licence_file(planted: Planted) -> None:
    """The recipe names COPYING, but it is not in LICENSES/."""
    planted.component("bare", licensed=False)
    check, path, message = _only(planted)
    assert (check, path) == ("licences", "LICENSES/bare-COPYING")
    assert "COPYING" in message


def test_a_licence_that_is_not_allowed(planted: Planted) -> None:
    """A valid expression whose licence is not on the policy's list."""
    planted.component("viral", license="AGPL-3.0-only")
    check, _, message = _only(planted)
    assert (check, "AGPL-3.0-only is not in policy.licenses" in message) == ("licences", True)


def test_a_leaked_build_path(sound: Planted) -> None:
    """The offset and the text around it are shown."""
    sound.file("alpha", f"{LIB}/config.txt", b"CC=gcc -I/build/src/include -O2\nsrcdir=/build/src\n")
    check, path, message = _only(sound)
    assert (check, path) == ("build_paths", f"{LIB}/config.txt")
    assert "offset 9: …CC=gcc -I/build/src/include" in message
    assert "and 1 more" in message


@pytest.mark.parametrize(
    ("mode", "word"),
    [
        (0o666, "writable by everybody"),
        (0o664, "writable by its group"),
        (0o4755, "setuid"),
        (0o2755, "setgid"),
        (0o600, "not readable by everybody"),
        (0o744, "not executable by everybody"),
    ],
)
def test_a_bad_mode(sound: Planted, mode: int, word: str) -> None:
    """Each mode that lets others in, or keeps services out, is named."""
    sound.file("alpha", f"{LIB}/data", b"x", mode)
    check, path, message = _only(sound)
    assert (check, path, word in message) == ("permissions", f"{LIB}/data", True)


def test_a_bad_mode_of_a_folder(sound: Planted) -> None:
    """Folders are looked at as files are."""
    sound.folder("alpha", f"{LIB}/open", 0o1777)
    sound.file("alpha", f"{LIB}/open/x", b"x")
    assert _only(sound)[:2] == ("permissions", f"{LIB}/open")


def test_a_wrong_architecture(sound: Planted, program: Path) -> None:
    """An ELF file of another machine; ldd itself could not even look at it."""
    foreign = bytearray(program.read_bytes())
    foreign[18:20] = (183).to_bytes(2, "little")
    sound.file("alpha", f"{LIB}/foreign", bytes(foreign), 0o755)
    said = _said(sound)
    message = next(message for check, path, message in said if (check, path) == ("architecture", f"{LIB}/foreign"))
    assert "AArch64 64-bit little-endian" in message


def test_a_damaged_elf_file(sound: Planted, program: Path) -> None:
    """A truncated file is said to be damaged, and nothing else trips over it."""
    sound.file("alpha", f"{LIB}/half", program.read_bytes()[:4000], 0o755)
    check, path, message = _only(sound)
    assert (check, path, "damaged" in message) == ("architecture", f"{LIB}/half", True)


@pytest.mark.parametrize(
    "line", ["#!/usr/bin/env python3", "#!/usr/bin/perl -w", "#! /bin/bash", "#!/bin/sh\r", "#!", "#!python"]
)
def test_a_script_with_a_foreign_interpreter(sound: Planted, line: str) -> None:
    """The system's interpreters, env, and a carriage return that the kernel takes for part of the name."""
    sound.file("alpha", f"{BIN}/run", f"{line}\n".encode(), 0o755)
    check, path, message = _only(sound)
    assert (check, path, "foreign" in message) == ("interpreters", f"{BIN}/run", True)


def test_a_script_whose_interpreter_is_not_shipped(sound: Planted) -> None:
    """A path inside the prefix is not enough: it must be there, and executable."""
    sound.file("alpha", f"{BIN}/run", f"#!{sound.root}/{BIN}/python\n".encode(), 0o755)
    sound.file("alpha", f"{BIN}/data", b"x")
    sound.file("alpha", f"{BIN}/odd", f"#!{sound.root}/{BIN}/data\n".encode(), 0o755)
    assert [(check, path) for check, path, _ in _said(sound)] == [
        ("interpreters", f"{BIN}/odd"),
        ("interpreters", f"{BIN}/run"),
    ]


def test_a_text_with_a_first_line_for_people_is_no_script(sound: Planted) -> None:
    """Python's own library is full of #! lines in files that nobody executes."""
    sound.file("alpha", f"{LIB}/cgi.py", b"#! /usr/local/bin/python\n")
    assert _said(sound) == []


def test_two_components_with_one_path(sound: Planted) -> None:
    """Different bytes at one path; the same bytes would be fine."""
    sound.component("beta")
    sound.file("beta", f"{LIB}/same", b"1")
    sound.file("beta", f"{LIB}/other", b"2")
    sound.file("alpha", f"{LIB}/same", b"1")
    sound.file("alpha", f"{LIB}/other", b"2")
    assert _said(sound) == []
    sound.entries["alpha"].pop()
    sound.file("alpha", f"{LIB}/other", b"3")
    check, path, message = next(item for item in _said(sound) if item[0] == "collisions")
    assert (check, path) == ("collisions", f"{LIB}/other")
    assert "in alpha" in message


@pytest.mark.parametrize("algorithm", [("genrsa", "2048"), ("genpkey", "-algorithm", "ed25519")])
def test_a_private_key(sound: Planted, algorithm: tuple[str, ...]) -> None:
    """A real key is found, and its text is not shown."""
    key = subprocess.run(["openssl", *algorithm], capture_output=True, check=True, timeout=60).stdout
    sound.file("alpha", f"{LIB}/server.key", b"# ours\n" + key)
    check, path, message = _only(sound)
    assert (check, path, message) == ("secrets", f"{LIB}/server.key", "PEM private key at offset 7") or (
        "RSA" in message and "offset 7" in message
    )


def test_a_glibc_that_is_too_new(sound: Planted) -> None:
    """The message names the version, the library, a symbol and the limit."""
    said = _said(sound, glibc_max="2.3")
    message = next(message for check, path, message in said if check == "glibc_floor" and path == f"{BIN}/app")
    assert "__libc_start_main" in message
    assert "of libc.so.6" in message
    assert message.endswith("the limit is 2.3")


def test_a_dependency_that_is_not_declared(sound: Planted, compiled: Compile, note_for: Note) -> None:
    """Beta's program needs alpha's library, its script alpha's interpreter, and its link alpha's file."""
    sound.component("beta", depends={"build": ["alpha"]})
    note = str(note_for("beta", "1.0"))
    use = "int answer(void); int main(void){return answer();}"
    library = str(sound.root / LIB / "liba.so.1")
    sound.elf("beta", f"{BIN}/beta", compiled(use, library, note, "-Wl,-rpath,$ORIGIN/../lib", name="beta"))
    sound.file("beta", f"{BIN}/beta-script", f"#!{sound.root}/{BIN}/tool\n".encode(), 0o755)
    sound.link("beta", f"{BIN}/beta-link", "app")
    said = _said(sound)
    assert {path for check, path, _ in said if check == "undeclared_dependencies"} == {
        f"{BIN}/beta",
        f"{BIN}/beta-script",
        f"{BIN}/beta-link",
    }
    assert all("of alpha, declared for building only" in message for _, _, message in said)
    sound.recipes["beta"] = sound.recipes["beta"].model_copy(
        update={"depends": sound.recipes["beta"].depends.model_copy(update={"link": ("alpha",), "build": ()})}
    )
    assert _said(sound) == []


def test_a_dependency_that_is_not_used(sound: Planted) -> None:
    """Declared, never opened, not needed: a warning. Where nothing could be observed: silence."""
    sound.component("beta", depends={"link": ["alpha"], "build": ["gone"]}, opened=["gone"])
    report = run_checks(sound.subject())
    assert [(item.problem.check, item.severity) for item in report.findings] == [
        ("unused_dependencies", Severity.WARNING)
    ]
    assert "depends.link names alpha" in report.findings[0].problem.message
    sound.opened["beta"] = None
    assert _said(sound) == []


def test_a_missing_or_foreign_package_note(sound: Planted, program: Path, compiled: Compile, note_for: Note) -> None:
    """No note at all, and the note of another version; prebuilt files are exempt."""
    sound.elf("alpha", f"{BIN}/bare", program)
    other = compiled("int main(void){return 1;}", str(note_for("alpha", "0.9")))
    sound.elf("alpha", f"{BIN}/stale", other)
    sound.component("published", kind="prebuilt")
    sound.elf("published", f"{BIN}/published", program)
    said = _said(sound)
    assert [(check, path) for check, path, _ in said] == [
        ("package_note", f"{BIN}/bare"),
        ("package_note", f"{BIN}/stale"),
    ]
    assert "'version': '0.9'" in said[1][2]


@pytest.mark.parametrize(
    ("element", "word"),
    [
        ("/usr/lib/private", "is outside"),
        ("", "is empty"),
        ("lib", "is relative"),
        ("$ORIGIN/../../../elsewhere", "is outside"),
        ("$LIB", "depends on the distribution"),
        ("$ORIGIN/../open", "writable by everybody"),
    ],
)
def test_a_bad_rpath(sound: Planted, compiled: Compile, note_for: Note, element: str, word: str) -> None:
    """Each element that leads out, or where others may write, is named with the reason."""
    options = (str(note_for("alpha", "1.0")), f"-Wl,-rpath,$ORIGIN:{element}:$ORIGIN/../lib")
    sound.elf("alpha", f"{BIN}/strays", compiled("int main(void){return 2;}", *options))
    if "open" in element:
        sound.folder("alpha", "embedded/open", 0o777)
        sound.file("alpha", "embedded/open/x", b"x")
    said = [message for check, _, message in _said(sound) if check == "rpath"]
    assert len(said) == 1
    assert word in said[0]


@pytest.mark.parametrize(
    ("target", "word"),
    [
        ("nowhere", "dangles"),
        ("/etc/passwd", "leaves the root"),
        ("../../../etc/passwd", "leaves the root"),
        ("bad", "goes round in circles"),
    ],
)
def test_a_bad_link(sound: Planted, target: str, word: str) -> None:
    """A link that dangles, leaves the root or leads to itself."""
    sound.link("alpha", f"{BIN}/bad", target)
    check, path, message = _only(sound)
    assert (check, path, word in message) == ("symlinks", f"{BIN}/bad", True)


def test_an_absolute_link_inside_the_root_is_fine(sound: Planted) -> None:
    """Absolute links are judged by where they lead once installed."""
    sound.link("alpha", f"{BIN}/good", f"{sound.root}/{BIN}/../bin/./app")
    assert _said(sound) == []


@pytest.mark.parametrize("name", ["new\nline", "tab\t", "back\\slash", " lead", "trail ", "esc\x1b[0m", "raw\udcff"])
def test_an_odd_name(sound: Planted, name: str) -> None:
    """Names that tools cut in two, or that play with the terminal; shown escaped."""
    sound.file("alpha", f"{LIB}/{name}", b"x")
    check, path, message = _only(sound)
    assert (check, path, message.isprintable()) == ("names", f"{LIB}/{name}", True)


def test_an_ordinary_foreign_name_is_fine(sound: Planted) -> None:
    """Letters of any script, and a space inside a name, are no problem."""
    sound.file("alpha", f"{LIB}/Zürich 日本", b"x")
    assert _said(sound) == []


def test_an_empty_folder(sound: Planted) -> None:
    """A folder without anything in it is a warning."""
    sound.folder("alpha", f"{LIB}/void")
    assert _only(sound)[:2] == ("empty_directories", f"{LIB}/void")


def test_an_executable_stack(sound: Planted, compiled: Compile, note_for: Note) -> None:
    """All the protections that a file lacks stand in one warning."""
    soft = ("-no-pie", "-Wl,-z,norelro,-z,execstack", str(note_for("alpha", "1.0")))
    sound.elf("alpha", f"{BIN}/soft", compiled("int main(void){return 3;}", *soft))
    check, _, message = _only(sound)
    assert check == "hardening"
    assert message.count(";") == 2


def test_a_file_that_is_gone_or_cut(sound: Planted) -> None:
    """What cannot be read is a problem of its own, and stops no check."""
    sound.file("alpha", f"{LIB}/gone", b"gone").unlink()
    sound.file("alpha", f"{LIB}/cut", b"whole").write_bytes(b"ho")
    assert [(check, path) for check, path, _ in _said(sound)] == [("intact", f"{LIB}/cut"), ("intact", f"{LIB}/gone")]


def test_many_faults_at_once_are_all_reported(sound: Planted, program: Path) -> None:
    """Nothing stops at the first problem."""
    sound.elf("alpha", f"{BIN}/bare", program)
    sound.link("alpha", f"{BIN}/bad", "nowhere")
    sound.file("alpha", f"{LIB}/leak", b"/build/tmp/x", 0o666)
    said = {check for check, _, _ in _said(sound)}
    assert said == {
        "package_note",
        "symlinks",
        "build_paths",
        "permissions",
    }
