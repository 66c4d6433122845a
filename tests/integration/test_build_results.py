"""What a build leaves in the store, and when it does nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from omnibuild import events
from omnibuild.cachekey import changes
from omnibuild.errors import BuildFailed
from projects import Project, hello_project, install_text


def test_a_library_and_a_program_are_built_and_run(hello: Project) -> None:
    """Each component is built once, tested in a clean root, and found again by the next run."""
    first = hello.build()
    assert first.built == ["hello", "leaf", "libhello"]
    paths = {entry.path for entry in hello.tree(first, "hello").entries}
    assert paths == {"LICENSES", "LICENSES/hello-LICENSE", "embedded", "embedded/bin", "embedded/bin/hello"}
    second = hello.build()
    assert second.built == []
    assert second.trees() == first.trees()


def test_touching_a_leaf_rebuilds_that_leaf(hello: Project) -> None:
    """Nothing but the changed component is built."""
    before = hello.build()
    hello.recipe("leaf", install_text("share/leaf", "another leaf"))
    after = hello.build()
    assert after.built == ["leaf"]
    assert hello.content(after, "leaf", "embedded/share/leaf") == b"another leaf\n"
    (difference,) = changes(before.outcome.results["leaf"].inputs, after.outcome.results["leaf"].inputs)
    assert difference.input == "file build.sh"


def test_a_changed_library_rebuilds_its_users(hello: Project) -> None:
    """Other bytes of a dependency are an input of whoever links it, named in the reason."""
    before = hello.build()
    hello.recipe("libhello", _script(hello, "libhello"), sources={"hello.c": _LOUD})
    after = hello.build()
    assert after.built == ["hello", "libhello"]
    inputs = before.outcome.results["hello"].inputs, after.outcome.results["hello"].inputs
    assert [change.input for change in changes(*inputs)] == ["dependency libhello"]


def test_the_same_bytes_cut_the_rebuild_off(hello: Project) -> None:
    """A dependency that is rebuilt with identical bytes rebuilds nothing that uses it."""
    before = hello.build()
    hello.recipe("libhello", "# only a comment\n" + _script(hello, "libhello"))
    after = hello.build()
    assert after.built == ["libhello"]
    assert after.trees() == before.trees()
    assert "the same bytes as an earlier build" in after.outcome.results["libhello"].notes
    finished = {event.name: event.reused for event in after.events if isinstance(event, events.Finished)}
    assert finished == {"libhello": False, "hello": True}


def test_used_dependencies_are_recorded(hello: Project) -> None:
    """A dependency whose files the build opened is told apart from one it never looked at."""
    hello.recipe("user", 'cat "$PREFIX/share/leaf" >"$PREFIX/used"', depends={"link": ["leaf", "libhello"]})
    ran = hello.build("user")
    assert ran.outcome.results["user"].opened == ("leaf",)
    assert ran.outcome.results["leaf"].opened == ()


def test_only_what_is_asked_for_is_built(hello: Project) -> None:
    """One component brings its dependencies along, and nothing else."""
    assert hello.build("hello").built == ["hello", "libhello"]


def test_a_component_sees_its_declared_dependencies_only(hello: Project) -> None:
    """Another component's files are not there, however long ago it was built."""
    hello.build()
    hello.recipe("nosy", 'test ! -e "$PREFIX/share/leaf"\necho ok >"$PREFIX/nosy"')
    assert hello.build("nosy").built == ["nosy"]


def test_a_test_that_needs_more_than_is_declared_fails(hello: Project) -> None:
    """What is only a build dependency is not in the root that a component's tests run in."""
    script = 'mkdir -p "$PREFIX/bin"\nprintf "#!/bin/sh\\ncat $PREFIX/share/leaf" >"$PREFIX/bin/show"\n'
    script += 'chmod 755 "$PREFIX/bin/show"\n"$PREFIX/bin/show"'
    tests = [{"run": ["{prefix}/bin/show"], "expect": "leaf"}]
    hello.recipe("show", script, depends={"build": ["leaf"]}, tests=tests)
    with pytest.raises(
        BuildFailed, match=r"recipe\.yml:17: tests\.0: /opt/tiny/embedded/bin/show: exit code"
    ) as caught:
        hello.build("show")
    assert "No such file" in caught.value.message
    assert "is one undeclared?" in caught.value.hint
    hello.recipe("show", script, depends={"runtime": ["leaf"], "build": ["leaf"]}, tests=tests)
    assert hello.build("show").built == ["show"]


def test_a_test_that_expects_something_else_fails(hello: Project) -> None:
    """The expected text and the found one are told."""
    hello.recipe("odd", install_text("x", "x"), tests=[{"run": ["echo", "found"], "expect": "wanted {version}"}])
    with pytest.raises(
        BuildFailed,
        match=r"odd/recipe\.yml:14: tests\.0: echo found: expected 'wanted 1\.0' in its output, found: 'found'",
    ) as caught:
        hello.build("odd")
    assert "omnibuild shell odd" in caught.value.hint


def test_a_test_that_hangs_is_told_as_such(hello: Project) -> None:
    """A timeout is no crash: the message names the limit."""
    hello.recipe("slow", install_text("x", "x"), tests=[{"run": ["sleep", "60"], "timeout_s": 1}])
    with pytest.raises(BuildFailed, match="sleep 60: not done after 1 s") as caught:
        hello.build("slow")
    assert "timeout_s" in caught.value.hint


def test_a_test_cannot_change_what_is_stored(hello: Project) -> None:
    """Writing to the prefix in a test reaches neither the payload nor the store's objects."""
    spoil = 'echo spoilt >"$1/x"; rm "$2/LICENSES/spoiler-LICENSE"'
    tests = [{"run": ["/bin/sh", "-c", spoil, "sh", "{prefix}", "{root}"]}]
    hello.recipe("spoiler", install_text("x", "right"), tests=tests)
    ran = hello.build("spoiler")
    assert hello.content(ran, "spoiler", "embedded/x") == b"right\n"
    assert hello.store.verify(hello.tree(ran, "spoiler").entries) == []


NOTES = """
gcc $CFLAGS -c a.c && ar rcs liba.a a.o && ld -r a.o -o joined.o
mkdir -p "$PREFIX/bin" "$PREFIX/lib"
gcc main.c a.o -o "$PREFIX/bin/dynamic"
gcc -static main.c a.o -o "$PREFIX/bin/static"
gcc -static-pie main.c a.o -o "$PREFIX/bin/static-pie"
gcc -shared a.o -o "$PREFIX/lib/liba.so"
g++ -x c++ main.c a.c -o "$PREFIX/bin/plusplus"
gcc main.c joined.o -o "$PREFIX/bin/joined"
cp liba.a "$PREFIX/lib/"
"""


def test_every_linked_file_carries_the_package_note(project: Project) -> None:
    """Executables of every kind and shared libraries say once which component they came from."""
    sources = {"a.c": "int a(void) { return 0; }\n", "main.c": "int a(void);\nint main(void) { return a(); }\n"}
    project.recipe("noted", NOTES, sources=sources, version="2.5", cpe="cpe:2.3:a:x:noted:2.5:*:*:*:*:*:*:*")
    ran = project.build()
    files = [entry for entry in project.tree(ran, "noted").entries if entry.path.rpartition("/")[0] != "LICENSES"]
    programs = [entry for entry in files if entry.sha256 and not entry.path.endswith(".a")]
    assert len(programs) == 6
    for entry in programs:
        argv = ["readelf", "--notes", "--wide", str(project.store.object_path(entry))]
        text = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
        data = project.store.object_path(entry).read_bytes()
        assert ".note.package" in text, entry.path
        assert data.count(b'"name":"noted","version":"2.5"') == 1, entry.path
        assert b'"appCpe":"cpe:2.3:a:x:noted' in data


def test_files_alike_in_a_dependency_are_not_owned_twice(hello: Project) -> None:
    """Installing a dependency's file again, byte for byte, adds nothing to the payload."""
    script = 'cp -p "$PREFIX/share/leaf" "$PREFIX/share/x" && cat x >/dev/null 2>&1 || true\n'
    script += 'cp "$PREFIX/share/leaf" /tmp/l && rm -f "$PREFIX/share/x" && cat /tmp/l >"$PREFIX/share/leaf"\n'
    hello.recipe("copier", script + 'echo own >"$PREFIX/own"', depends={"link": ["leaf"]})
    ran = hello.build("copier")
    paths = {entry.path for entry in hello.tree(ran, "copier").entries if entry.sha256}
    assert paths == {"LICENSES/copier-LICENSE", "embedded/own"}


def test_a_payload_has_what_was_installed_and_no_more(project: Project) -> None:
    """Odd names, links, modes and empty folders survive; what payload.remove names is gone."""
    script = r"""
mkdir -p "$PREFIX/lib/empty" "$PREFIX/share/doc/deep" "$PREFIX/ro"
echo x >"$PREFIX/lib/with space"; printf y >"$PREFIX/lib/new
line"; printf z >"$PREFIX/lib/$(printf '\377')"
ln -s ../lib "$PREFIX/share/link"; ln "$PREFIX/lib/with space" "$PREFIX/lib/hard"
echo doc >"$PREFIX/share/doc/deep/a.txt"; echo a >"$PREFIX/lib/x.a"; echo b >"$PREFIX/lib/y.a"
echo secret >"$PREFIX/ro/none"; chmod 000 "$PREFIX/ro/none"; chmod 555 "$PREFIX/ro"
echo s >"$PREFIX/suid"; chmod 4755 "$PREFIX/suid"
"""
    project.recipe("odd", script, payload={"remove": ["share/doc/**", "**/*.a"], "must_contain": ["lib/hard"]})
    ran = project.build()
    entries = {entry.path.removeprefix("embedded/"): entry for entry in project.tree(ran, "odd").entries}
    assert {"lib/empty", "lib/with space", "lib/new\nline", "lib/\udcff", "share/link", "lib/hard"} <= entries.keys()
    assert not [path for path in entries if path.startswith("share/doc") or path.endswith(".a")]
    assert entries["share/link"].target == "../lib"
    assert entries["suid"].mode == 0o4755
    assert (entries["ro"].mode, entries["ro/none"].mode) == (0o755, 0o400)
    assert project.store.verify(entries.values()) == []
    assert project.build().built == []


def test_the_environment_is_the_stated_one(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of the caller is invisible; the line-up's and the recipe's are there, the recipe's last."""
    for name in ("SECRET_OF_THE_CALLER", "CFLAGS", "LD_LIBRARY_PATH", "MAKEFLAGS", "TZ"):
        monkeypatch.setenv(name, "leaked")
    project.environment = {"ONE": "line-up {name}", "TWO": "line-up"}
    project.recipe("env", 'env | sort >"$PREFIX/env"; umask >>"$PREFIX/env"', environment={"TWO": "recipe {version}"})
    text = project.content(project.build(), "env", "embedded/env").decode()
    assert "leaked" not in text
    lines = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    assert (lines["ONE"], lines["TWO"], lines["TZ"]) == ("line-up env", "recipe 1.0", "UTC")
    assert (lines["NAME"], lines["VERSION"], lines["PREFIX"]) == ("env", "1.0", "/opt/tiny/embedded")
    assert lines["SOURCE_DATE_EPOCH"] == "1700000000"
    assert text.endswith("0022\n")


def test_patches_are_applied_in_order(project: Project) -> None:
    """A patch changes the unpacked source, and nothing outside of the build."""
    project.recipe("patched", 'cp text "$PREFIX/text"', sources={"text": "one\n"}, patches=["1.patch", "2.patch"])
    for number, (old, new) in enumerate([("one", "two"), ("two", "three")], 1):
        patch = f"--- a/text\n+++ b/text\n@@ -1 +1 @@\n-{old}\n+{new}\n"
        (project.directory / f"recipes/patched/{number}.patch").write_text(patch)
    assert project.content(project.build(), "patched", "embedded/text") == b"three\n"
    assert (project.directory / "src/patched/text").read_text() == "one\n"


def test_two_projects_share_one_store(tmp_path: Path) -> None:
    """The same component of another project is found, not built again."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = hello_project(tmp_path / "one"), hello_project(tmp_path / "two")
    assert one.build().built
    assert two.build(store_dir=one.store_dir).built == []


_LOUD = 'const char *hello(void) { return "hello, hello"; }\n'


def _script(project: Project, name: str) -> str:
    return (project.directory / f"recipes/{name}/build.sh").read_text()
