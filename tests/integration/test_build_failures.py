"""What each failure of a build says, and that nothing half-made is used afterwards."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml

from omnibuild.errors import BuildFailed, InvalidInput, OmnibuildError
from omnibuild.files import sha256_of
from projects import Project, hello_project, install_text

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts a file system: needs root")


def _device(name: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = tarfile.CHRTYPE
    return member


def failure(project: Project, *names: str) -> OmnibuildError:
    """Build, which must fail; return the error."""
    with pytest.raises(OmnibuildError) as caught:
        project.build(*names)
    return caught.value


def test_a_compile_error(project: Project) -> None:
    """The command, where it ran, the log's end with the compiler's words, and the next step are told."""
    script = 'gcc $CFLAGS main.c -o "$PREFIX/hello"'
    project.recipe("hello", script, sources={"main.c": "int main(void) { return oops; }\n"})
    error = failure(project)
    assert isinstance(error, BuildFailed)
    assert error.exit_code == 6
    start = "hello: exit code 1 from: /bin/sh -eu /build/recipe/build.sh\n  in /build/src; the last lines of"
    assert error.message.startswith(start)
    assert "undeclared" in error.message
    assert error.hint == "enter its tree with: omnibuild shell hello"
    project.recipe("hello", script, sources={"main.c": "int main(void) { return 0; }\n"})
    assert project.build().built == ["hello"]


def test_a_patch_that_does_not_apply(project: Project) -> None:
    """The recipe, the patch and what patch(1) said are told."""
    project.recipe("patched", "true", sources={"text": "one\n"}, patches=["0001-why.patch"])
    patch = "--- a/text\n+++ b/text\n@@ -1 +1 @@\n-other\n+two\n"
    (project.directory / "recipes/patched/0001-why.patch").write_text(patch)
    error = failure(project)
    assert "recipes/patched/recipe.yml:13: patches: 0001-why.patch does not apply" in error.message
    assert "Hunk #1 FAILED" in error.message
    assert error.hint.startswith("refresh the patch against patched 1.0; enter its tree")


EVIL = {
    "leads out": (tarfile.TarInfo("a/../../evil"), "member 'a/../../evil' leaves the folder"),
    "absolute": (tarfile.TarInfo("/tmp/omnibuild-evil"), "member '/tmp/omnibuild-evil' has an absolute path"),
    "a device": (_device("dev/evil"), "member 'dev/evil' is a device, pipe or socket"),
}


@pytest.mark.parametrize("case", EVIL)
def test_an_archive_that_must_not_be_unpacked(project: Project, case: str) -> None:
    """The recipe, which of its sources, and the member are told; nothing of it is unpacked, built or stored."""
    member, expected = EVIL[case]
    archive = project.directory / "evil.tar"
    with tarfile.open(archive, "w") as tar:
        tar.addfile(member)
    remote(project, "evil", archive)
    done = project.cli("build")
    assert done.returncode == 5
    assert f"error: {project.directory}/recipes/evil/recipe.yml:10: sources.0: " in done.stderr
    assert expected in done.stderr
    assert "hint: nothing was unpacked" in done.stderr
    assert not list(project.store.results())
    assert not Path("/tmp/omnibuild-evil").exists()


def remote(project: Project, name: str, file: Path) -> None:
    """Write a recipe whose source is a file, by its address and sha256."""
    recipe = project.recipe(name, "true")
    source = {"sha256": sha256_of(file), "locations": [{"url": file.as_uri()}]}
    recipe.write_text(yaml.safe_dump(yaml.safe_load(recipe.read_text()) | {"sources": [source]}))


@pytest.mark.parametrize("place", ["/usr/lib/omnibuild-test", "/etc/omnibuild-test", "/opt/other/x", "/var/lib/x"])
def test_writing_outside_the_prefix(project: Project, place: str) -> None:
    """The build fails where it writes, and the hint says where it may."""
    project.recipe("stray", f'mkdir -p "$(dirname {place})"\necho x >{place}\necho x >"$PREFIX/x"')
    error = failure(project)
    assert "Read-only file system" in error.message
    assert "a build may write below the prefix, /build and /tmp only" in error.hint
    assert not Path(place).exists()


REMOVALS = {
    "a file": 'rm "$PREFIX/lib/libhello.so"',
    "a folder": 'rm -r "$PREFIX/lib"',
    "a folder made anew": 'rm -r "$PREFIX/lib"; mkdir "$PREFIX/lib"; echo x >"$PREFIX/lib/x"',
    "a folder replaced by a link": 'rm -r "$PREFIX/lib"; ln -s bin "$PREFIX/lib"',
    "a file moved": 'mv "$PREFIX/lib/libhello.so" "$PREFIX/lib/libhello.so.1"',
    "a folder moved": 'mv "$PREFIX/include" "$PREFIX/inc"',
}


@pytest.mark.parametrize("case", REMOVALS)
def test_taking_a_dependencys_files_away(hello: Project, case: str) -> None:
    """However it is done, a component may not remove what another one installed."""
    hello.recipe("thief", f'{REMOVALS[case]}\necho x >"$PREFIX/x"', depends={"link": ["libhello"]})
    error = failure(hello, "thief")
    assert isinstance(error, BuildFailed)
    assert "the build removed" in error.message
    assert error.hint == "a component adds files only"
    assert hello.store.verify(hello.tree(hello.build("libhello"), "libhello").entries) == []


SOCKET = """python3 -c 'import os, socket; socket.socket(socket.AF_UNIX).bind(os.environ["PREFIX"] + "/pipe")'"""


@pytest.mark.parametrize("what", ["mkfifo $PREFIX/pipe", SOCKET])
def test_leaving_a_pipe_or_socket(project: Project, what: str) -> None:
    """What a package cannot hold is told by its path, with the way to leave it out."""
    project.recipe("pipe", what)
    error = failure(project)
    assert "embedded/pipe: the build left a device, pipe or socket" in error.message
    assert "payload.remove" in error.hint
    project.recipe("pipe", f"{what}\necho x >$PREFIX/x", payload={"remove": ["pipe"]})
    assert project.build().built == ["pipe"]


@needs_root
def test_leaving_a_device(project: Project) -> None:
    """A device node is refused as well."""
    project.recipe("device", "mknod $PREFIX/null c 1 3")
    assert "embedded/null: the build left a device" in failure(project).message


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"remove": ["share/*.txt"]}, "payload.remove: 'share/*.txt' matches nothing"),
        ({"must_contain": ["bin/x", "bin/y"]}, "payload.must_contain: not installed: bin/x, bin/y"),
        ({"remove": ["x"]}, "the build installed nothing into the prefix"),  # its licence does not count
    ],
)
def test_a_payload_that_is_not_as_stated(project: Project, payload: dict[str, list[str]], expected: str) -> None:
    """The recipe's file and what is wrong are told."""
    project.recipe("short", 'echo x >"$PREFIX/x"', payload=payload)
    text = failure(project).message
    assert expected in text
    assert "recipes/short/recipe.yml: " in text


def test_a_missing_licence_file(project: Project) -> None:
    """The files that are there are listed."""
    project.recipe("bare", install_text("x", "x"), sources={"README": "x"}, license_files=["COPYING"])
    error = failure(project)
    assert isinstance(error, InvalidInput)
    assert "bare/recipe.yml:7: license_files.0: there is no file COPYING in the source" in error.message
    assert "README" in error.hint


def test_a_link_never_leads_out_of_the_payload(project: Project, tmp_path: Path) -> None:
    """What a build left is no path: payload.remove and licences do not follow its links onto the host."""
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "precious").write_text("precious")
    script = f'ln -s {victim} "$PREFIX/share"\nln -s {victim} /build/src/doc'
    project.recipe("evil", script, payload={"remove": ["share/*"]})
    assert "matches nothing" in failure(project).message
    project.recipe("evil", script, payload={"remove": ["share/**"]}, license_files=["doc/precious"])
    assert "there is no file doc/precious" in failure(project).message
    project.recipe("evil", f'{script}\nln -s {victim} "$ROOT/LICENSES"')
    assert "LICENSES: the build made this something else than a folder" in failure(project).message
    project.recipe("evil", f'{script}\nmkdir "$ROOT/LICENSES"; ln -s {victim}/precious "$ROOT/LICENSES/evil-LICENSE"')
    project.build()
    project.recipe("evil", f'rmdir "$PREFIX"; ln -s {victim} "$PREFIX"', payload={"remove": ["*"]})
    assert "matches nothing" in failure(project).message
    assert (victim / "precious").read_text() == "precious"
    assert [path.name for path in victim.iterdir()] == ["precious"]


def test_keep_going_builds_what_does_not_depend_on_the_failure(hello: Project) -> None:
    """Independent components are built; those that need the failed one are not tried."""
    hello.recipe("libhello", "exit 3")
    hello.jobs = 1
    with pytest.raises(BuildFailed, match="libhello: exit code 3"):
        hello.build(keep_going=True)
    assert {result.name for result in hello.store.results()} == {"leaf"}


def test_all_failures_are_told_with_keep_going(hello: Project) -> None:
    """Two failures come in one message of their kind."""
    hello.recipe("libhello", "exit 3")
    hello.recipe("leaf", "exit 4")
    with pytest.raises(BuildFailed) as caught:
        hello.build(keep_going=True)
    assert "leaf: exit code 4" in caught.value.message
    assert "libhello: exit code 3" in caught.value.message


def test_two_dependencies_with_one_path(hello: Project) -> None:
    """The path and both components are named before anything runs."""
    hello.recipe("twin", install_text("share/leaf", "other"))
    hello.recipe("both", install_text("x", "x"), depends={"link": ["leaf", "twin"]})
    error = failure(hello, "both")
    assert "embedded/share/leaf: comes from both leaf and twin" in error.message


def test_no_network(project: Project) -> None:
    """A build that downloads fails, though the host has what it asks for."""
    import socket  # noqa: PLC0415 - this test's own

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        probe = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)"
        project.recipe("online", f'python3 -c "{probe}"\necho x >"$PREFIX/x"')
        assert "Connection refused" in failure(project).message


def test_the_command_reports_one_clear_message(project: Project) -> None:
    """On the command line: the message on standard error, the hint, the exit code, no traceback."""
    project.recipe("broken", "echo reason; exit 3")
    done = project.cli("build")
    assert done.returncode == 6
    assert "error: broken: exit code 3 from:" in done.stderr
    assert "| reason" in done.stderr
    assert "hint: enter its tree with: omnibuild shell broken" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


FULL = {
    "the build": 'head -c 64M /dev/zero >"$PREFIX/zero"',
    "its folder": "head -c 64M /dev/zero >/build/src/zero",
    "a quiet tool": 'head -c 64M /dev/zero >"$PREFIX/zero" 2>/dev/null || exit 1',
}


@needs_root
@pytest.mark.parametrize("case", FULL)
def test_a_full_disk_under_a_build(project: Project, case: str) -> None:
    """The lack of space is told as such, whoever met it, and nothing half-written stays in use."""
    project.recipe("big", FULL[case])
    done = _on_small_disk(project, "24m")
    assert done.returncode == 10, done.stderr
    assert "disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert "/store/results/" not in done.stdout


@needs_root
def test_a_disk_of_any_size(hello: Project) -> None:
    """Wherever space runs out, unpacking, building, storing, the command says so or succeeds."""
    hello.recipe("leaf", "head -c 3M /dev/urandom >$PREFIX/data", sources={"data": "x" * 3_000_000})
    codes = set()
    for size_kib in (64, 256, 700, 3300, 4000, 6000, 6600, 7000, 7600, 9600, 12800, 40000):
        done = _on_small_disk(hello, f"{size_kib}k")
        assert "Traceback" not in done.stderr, (size_kib, done.stderr)
        assert done.returncode in {0, 10}, (size_kib, done.stderr)
        codes.add(done.returncode)
    assert codes == {0, 10}


@needs_root
def test_a_full_disk_under_the_packages(hello: Project) -> None:
    """Wherever space runs out in dist/, the command says so or succeeds; a package has its name when it is whole."""
    hello.recipe("leaf", 'head -c 300k /dev/urandom >"$PREFIX/data"')
    hello.build()
    codes = set()
    for size_kib in (4, 16, 64, 300, 500, 800, 1200, 20000):
        done = _on_small_disk(hello, f"{size_kib}k", "package", "--output", "dist", place="dist")
        assert "Traceback" not in done.stderr, (size_kib, done.stderr)
        assert done.returncode in {0, 10}, (size_kib, done.stderr)
        assert ("disk is full" in done.stderr) == bool(done.returncode), (size_kib, done.stderr)
        assert ("dist/SHA256SUMS\n" in done.stdout) != bool(done.returncode), (size_kib, done.stdout)
        codes.add(done.returncode)
    assert codes == {0, 10}


@needs_root
def test_a_full_disk_under_a_mirror(project: Project) -> None:
    """A source that could not be copied whole is not in the folder for other hosts."""
    big = project.directory / "big.bin"
    big.write_bytes(b"x" * 300_000)
    remote(project, "remote", big)
    done = _on_small_disk(project, "64k", "fetch", "--to-mirror", "mirror", place="mirror")
    assert done.returncode == 10, done.stderr
    assert "disk is full" in done.stderr
    assert "big.bin\n" not in done.stdout


def _on_small_disk(project: Project, size: str, *argv: str, place: str = "store") -> subprocess.CompletedProcess[str]:
    """Run a command (build) with one of the project's folders on a fresh tmpfs; list the folder afterwards."""
    folder = project.directory / place
    folder.mkdir(exist_ok=True)
    script = f'mount -t tmpfs -o size={size} none {folder}\n"$@"\ncode=$?\nfind {folder}\nexit $code\n'
    command = ["unshare", "--mount", "sh", "-c", script, "sh", *project.argv(*(argv or ("build",)))]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=project.directory)


def test_a_full_disk_is_not_left_in_use(tmp_path: Path) -> None:
    """A tree that could not be flushed has no name: the write of a file is whole or absent."""
    program = (
        "import resource, sys; from pathlib import Path; from omnibuild.files import write_atomic\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "write_atomic(Path(sys.argv[1]), b'x' * 5000)\n"
    )
    target = tmp_path / "file"
    target.write_text("old")
    argv = [sys.executable, "-c", program, str(target)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert "HostLacks" in done.stderr
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_any_root_below_a_shown_folder_is_refused(tmp_path: Path) -> None:
    """An install root that the sandbox shows read-only cannot be captured; that is said."""
    project = hello_project(tmp_path, root="/usr/local/tiny")
    error = failure(project, "leaf")
    assert "/usr/local/tiny" in error.message


def _script(project: Project, name: str) -> str:
    return (project.directory / f"recipes/{name}/build.sh").read_text()


def test_a_failure_as_json(project: Project) -> None:
    """Whoever reads --json reads there what failed, and where its log is; the text is on standard error as ever."""
    project.recipe("bad", "exit 3")
    project.recipe("worse", "exit 4")
    done = project.cli("build", "--json", "bad")
    error = json.loads(done.stdout)["error"]
    assert done.returncode == error["code"] == 6
    assert error["message"].startswith("bad: exit code 3 from: ")
    assert error["hint"] == "enter its tree with: omnibuild shell bad"
    assert error["message"].splitlines()[0] in done.stderr
    (failed,) = error["failed"]
    assert failed["component"] == "bad"
    assert Path(failed["log"]).is_file()
    every = json.loads(project.cli("package", "--keep-going", "--json").stdout)["error"]["failed"]
    assert {item["component"] for item in every} == {"bad", "worse"}


def test_a_failure_before_any_build_as_json(project: Project) -> None:
    """A component whose source is missing has no log."""
    project.recipe("bad", "true", sources={"x": "x"})
    shutil.rmtree(project.directory / "src/bad")
    error = json.loads(project.cli("build", "--json").stdout)["error"]
    assert error["code"] == 2
    assert "no such file or folder" in error["message"]
