"""The store keeps exactly the bytes it was given, or says that it does not."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibuild.component import capture
from omnibuild.errors import HostLacks, StoreBusy, StoreDamaged
from omnibuild.files import sha256_of
from omnibuild.store.local import LocalStore
from omnibuild.store.result import BuildResult
from omnibuild.store.tree import Entry, EntryKind, Tree

RESULT = BuildResult(
    key="k" * 64, name="zlib", version="1.0", tree="", size=1, seconds=1.5, peak_rss=3, isolation="root",
    opened=("a", "b"), inputs={"x": "1"}, notes=("n",),
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


@pytest.fixture
def payload(store: LocalStore) -> Path:
    """A folder on the store's file system with one of everything."""
    folder = store.scratch("payload")
    (folder / "bin").mkdir()
    (folder / "bin/tool").write_text("tool\n")
    (folder / "bin/tool").chmod(0o755)
    (folder / "bin/copy").write_text("tool\n")
    (folder / "bin/copy").chmod(0o755)
    os.link(folder / "bin/tool", folder / "bin/hard")
    (folder / "lib").mkdir()
    (folder / "lib/setuid").write_text("tool\n")
    (folder / "lib/setuid").chmod(0o4711)
    (folder / "lib/link").symlink_to("../bin/tool")
    (folder / "lib/empty").write_text("")
    Path(os.fsdecode(os.fsencode(folder) + b"/lib/new\nline-\xff")).write_text("odd")
    return folder


def keep(store: LocalStore, folder: Path) -> Tree:
    tree = capture.scan(folder, lower={})
    store.ingest(folder, tree)
    return tree


def test_what_goes_in_comes_out(store: LocalStore, payload: Path, tmp_path: Path) -> None:
    """Names, bytes, modes and link targets survive; hard links and equal files share one object."""
    tree = keep(store, payload)
    again = store.tree(tree.digest)
    assert again == tree
    assert store.verify(tree.entries) == []
    assert store.touched(tree.entries) == []
    store.materialise(tree, tmp_path / "out")
    seen = capture.scan(tmp_path / "out", lower={})
    # The setuid bit belongs to the entry, never to a file that lies around in the store.
    plain = [e if e.path != "lib/setuid" else Entry(e.path, e.kind, 0o711, e.sha256, e.size) for e in tree.entries]
    assert seen.entries == tuple(plain)
    objects = [path for path in (store.directory / "objects").rglob("*") if path.is_file()]
    assert len(objects) == 4


def test_objects_have_one_fixed_time(store: LocalStore, payload: Path) -> None:
    """A build that sees a dependency's file learns nothing of when it was made."""
    tree = keep(store, payload)
    files = [entry for entry in tree.entries if entry.kind is EntryKind.FILE]
    assert {store.object_path(entry).stat().st_mtime for entry in files} == {1.0}


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o000])
def test_folders_have_the_modes_of_the_tree(store: LocalStore, payload: Path, tmp_path: Path, umask: int) -> None:
    """The caller's umask does not show in what a dependant's build sees."""
    (payload / "bin").chmod(0o750)
    tree = keep(store, payload)
    before = os.umask(umask)
    try:
        store.materialise(tree, tmp_path / "laid-out")
    finally:
        os.umask(before)
    assert (tmp_path / "laid-out/bin").stat().st_mode & 0o7777 == 0o750


def damaged(path: Path, how: str) -> None:
    status = path.stat()
    match how:
        case "removed":
            path.unlink()
        case "truncated":
            path.write_bytes(b"")
        case "longer":
            path.write_bytes(path.read_bytes() + b"x")
        case "one byte":
            path.write_bytes(b"x" + path.read_bytes()[1:])
        case "one byte, same time":
            path.write_bytes(b"x" + path.read_bytes()[1:])
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("how", ["removed", "truncated", "longer", "one byte", "one byte, same time"])
def test_a_damaged_object_is_found_and_stored_anew(store: LocalStore, payload: Path, how: str) -> None:
    """Every damage is seen by reading, nearly every one by looking; the next build heals it."""
    tree = keep(store, payload)
    entry = next(entry for entry in tree.entries if entry.path == "bin/tool")
    damaged(store.object_path(entry), how)
    names = {"bin/tool", "bin/copy", "bin/hard"}
    assert {bad.path for bad in store.verify(tree.entries)} == names
    assert {bad.path for bad in store.touched(tree.entries)} == (set() if "same time" in how else names)
    folder = store.scratch("again")
    (folder / "tool").write_text("tool\n")
    (folder / "tool").chmod(0o755)
    store.ingest(folder, capture.scan(folder, lower={}))
    assert store.verify(tree.entries) == []


def test_an_object_that_vanishes_while_it_is_laid_out_is_told(store: LocalStore, payload: Path, tmp_path: Path) -> None:
    tree = keep(store, payload)
    gone = next(entry for entry in tree.entries if entry.kind is EntryKind.FILE)
    store.object_path(gone).unlink()
    with pytest.raises(StoreDamaged, match=f"{gone.sha256}.*missing") as caught:
        store.materialise(tree, tmp_path / "out")
    assert "again" in caught.value.hint


def test_a_sound_object_is_not_called_damaged_for_the_hosts_trouble(store: LocalStore, payload: Path) -> None:
    """Else it would be dropped, and another build would miss it: here no more files may be open."""
    tree = keep(store, payload)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        with pytest.raises(HostLacks, match="open files"):
            store.verify(tree.entries)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"7", b'{"format": 1}', b'{"format": 2}', b"\xff\xfe"])
def test_an_unreadable_result_is_removed_and_told(store: LocalStore, data: bytes) -> None:
    """A torn result is told once, and then there is none: its component is built."""
    path = store.directory / f"results/{RESULT.key}.json"
    path.write_bytes(data)
    with pytest.raises(StoreDamaged, match="unreadable result"):
        store.result(RESULT.key)
    assert store.result(RESULT.key) is None
    assert list(store.results()) == []


def test_a_result_without_its_tree_is_none(store: LocalStore) -> None:
    """A result whose tree was cleaned away does not count."""
    store.put_result(RESULT)
    assert store.result(RESULT.key) is None


def test_a_result_is_read_as_it_was_written() -> None:
    """Nothing of a result is lost on the disk."""
    assert BuildResult.load(RESULT.dump()) == RESULT


def test_a_damaged_tree_is_told(store: LocalStore, payload: Path) -> None:
    """A tree whose bytes are not those of its digest is refused, and can be dropped."""
    tree = keep(store, payload)
    path = store.directory / f"trees/{tree.digest[:2]}/{tree.digest}.json"
    path.write_bytes(path.read_bytes().replace(b"0755", b"0777"))
    with pytest.raises(StoreDamaged, match=tree.digest):
        store.tree(tree.digest)
    store.drop_tree(tree.digest)
    with pytest.raises(StoreDamaged, match="missing"):
        store.tree(tree.digest)


def test_a_store_that_cannot_be_made_is_the_hosts_trouble(tmp_path: Path) -> None:
    """A file in the way is told with the option that avoids it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(HostLacks, match="not usable as a store") as caught:
        LocalStore(tmp_path / "file/store")
    assert "--store" in caught.value.hint


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a read-only file system: needs root")
def test_a_store_on_a_read_only_disk_is_told(tmp_path: Path) -> None:
    """Nothing is written half when the disk takes nothing; the message says so."""
    LocalStore(tmp_path / "store")
    place = str(tmp_path / "store")
    program = f"from omnibuild.store.local import LocalStore, Path; LocalStore(Path({place!r}))"
    mount = f'mount --bind {tmp_path} {tmp_path} && mount -o remount,bind,ro {tmp_path} && exec "$@"'
    argv = ["unshare", "--mount", "sh", "-c", mount, "sh", sys.executable, "-c", program]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert "HostLacks" in done.stderr
    assert "cannot be written to" in done.stderr


def test_scratch_of_the_dead_is_cleared_and_of_the_living_kept(store: LocalStore) -> None:
    """Only what no process holds is removed; a kept tree of a failure is nobody's scratch."""
    mine = store.scratch("mine")
    (mine / "locked").mkdir(mode=0o000)
    kept = store.directory / "scratch/failed-zlib"
    kept.mkdir()
    program = (
        "import os, signal; from pathlib import Path; from omnibuild.store.local import LocalStore\n"
        f"folder = LocalStore(Path({str(store.directory)!r})).scratch('dead'); (folder / 'file').touch()\n"
        "(folder / 'locked').mkdir(mode=0); print(folder, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    dead = Path(done.stdout.strip())
    assert dead.is_dir()
    LocalStore(store.directory).clear_scratch()
    assert mine.is_dir()
    assert kept.is_dir()
    assert not dead.exists()


def test_a_lock_is_held_by_one_and_shared_by_many(store: LocalStore) -> None:
    """Whoever comes second is told who holds it; the lock goes with its holder."""
    with store.lock("name") as held, pytest.raises(StoreBusy, match=str(os.getpid())):
        store.lock("name").__enter__()
    assert held.try_acquire()
    held.release()
    readers = [store.lock("name"), store.lock("name")]
    assert all(reader.try_acquire(shared=True) for reader in readers)
    assert not store.lock("name").try_acquire()
    for reader in readers:
        reader.release()
    assert store.lock("name").try_acquire()


paths = st.text(st.characters(min_codepoint=1, max_codepoint=0x2FF, exclude_characters="/"), min_size=1, max_size=8)
entries = st.one_of(
    st.builds(Entry, paths, st.just(EntryKind.DIRECTORY), st.integers(0, 0o7777)),
    st.builds(lambda path, target: Entry(path, EntryKind.SYMLINK, target=target), paths, paths),
    st.builds(
        Entry, paths, st.just(EntryKind.FILE), st.integers(0, 0o7777), st.just("ab" * 32), st.integers(0, 1 << 40)
    ),
)


@given(st.lists(entries, unique_by=lambda entry: entry.path), st.randoms(use_true_random=False))
def test_a_tree_has_one_digest_whatever_the_order(listed: list[Entry], random: object) -> None:
    """Entries in any order give the same bytes, which read back as the same tree."""
    shuffled = list(listed)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    tree = Tree.of(listed)
    assert Tree.of(shuffled).dump() == tree.dump()
    assert Tree.load(tree.dump(), expect_digest=tree.digest) == tree


@given(st.lists(entries, min_size=1, unique_by=lambda entry: entry.path), st.data())
def test_every_difference_changes_the_digest(listed: list[Entry], data: st.DataObject) -> None:
    """Two trees that differ in an entry have different digests."""
    other = data.draw(entries.filter(lambda entry: entry not in listed))
    changed = [other, *(entry for entry in listed if entry.path != other.path)]
    assert Tree.of(changed).digest != Tree.of(listed).digest


def test_sha256_of_a_file(tmp_path: Path) -> None:
    """The digest is the one that sha256sum prints."""
    (tmp_path / "file").write_bytes(b"abc")
    assert sha256_of(tmp_path / "file") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
