"""`omnibuild lock` and `omnibuild fetch` on sources that need no network."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from commandline import Omnibuild, edit

LOCK = Path("manifests/current.lock.json")


def test_lock_names_every_component_and_is_the_same_twice(tiny: Path, omnibuild: Omnibuild) -> None:
    ran = omnibuild("lock")
    first = LOCK.read_bytes()
    assert ran.code == 0
    assert sorted(json.loads(first)["components"]) == ["greet", "hello", "libhello", "mkgreeting"]
    again = omnibuild("lock")
    assert again.out == f"{LOCK}: 4 components, unchanged\n"
    assert LOCK.read_bytes() == first


def test_check_writes_nothing_and_fails_without_a_lock(tiny: Path, omnibuild: Omnibuild) -> None:
    ran = omnibuild("lock", "--check")
    assert ran.code == 12
    assert "there is no lock" in ran.err
    assert not LOCK.exists()


def test_changed_recipe_makes_the_lock_stale_until_it_is_written_again(tiny: Path, omnibuild: Omnibuild) -> None:
    omnibuild("lock")
    edit(tiny / "recipes/hello/build.sh", "mkdir", "# why not\nmkdir")
    stale = omnibuild("lock", "--check")
    assert stale.code == 12
    assert "hello: its recipe changed" in stale.err
    assert omnibuild("build", "--locked").code == 12
    assert omnibuild("lock", "--json").json["changed"] == ["hello: its recipe changed"]
    assert omnibuild("lock", "--check").code == 0


def test_another_product_version_makes_the_lock_stale(tiny: Path, omnibuild: Omnibuild) -> None:
    omnibuild("lock")
    edit(tiny / "manifests/current.yml", 'name: tiny\nversion: "1.0"', 'name: tiny\nversion: "1.1"')
    assert omnibuild("lock", "--check").code == 12


def test_unreadable_lock_is_replaced(tiny: Path, omnibuild: Omnibuild) -> None:
    """Its own message says `run omnibuild lock`, so that must help."""
    LOCK.write_text("<<<<<<< HEAD")
    assert "run `omnibuild lock`" in omnibuild("build").err
    assert omnibuild("lock").code == 0
    assert omnibuild("lock", "--check").code == 0


def test_fetch_lists_every_source_with_its_checksum(tiny: Path, omnibuild: Omnibuild) -> None:
    rows = omnibuild("fetch", "--json").json
    assert [row["component"] for row in rows] == ["mkgreeting", "libhello", "hello", "greet"]
    for row in rows:
        assert hashlib.sha256(Path(row["file"]).read_bytes()).hexdigest() == row["sha256"]


def test_mirror_serves_another_host_that_has_no_network(tiny: Path, omnibuild: Omnibuild, tmp_path: Path) -> None:
    """What --to-mirror writes is all that --offline --mirror-dir needs."""
    text = b"MIT\n"
    digest = hashlib.sha256(text).hexdigest()
    by_hand, mirror = tmp_path / "by-hand", tmp_path / "mirror"
    by_hand.mkdir()
    (by_hand / digest).write_bytes(text)
    source = f"sources:\n  - sha256: {digest}\n    unpack: false\n    locations: [{{url: https://example.com/LICENSE}}]"
    edit(tiny / "recipes/hello/recipe.yml", "sources:\n  - locations: [{path: ../../src/hello}]", source)
    assert omnibuild("fetch", "--offline").code == 3
    fetched = omnibuild("fetch", "--offline", "--mirror-dir", by_hand, "--to-mirror", mirror)
    assert fetched.code == 0
    assert fetched.err.endswith(f"next: omnibuild package --mirror-dir {mirror} --offline (1 source)\n")
    assert [str(path.relative_to(mirror)) for path in mirror.rglob("*") if path.is_file()] == [f"{digest}/LICENSE"]
    again = omnibuild("fetch", "hello", "--offline", "--mirror-dir", mirror, "--store", tmp_path / "other", "--json")
    assert again.json[0]["location"].startswith("mirror ")


def test_mirror_that_cannot_be_written_is_told(tiny: Path, omnibuild: Omnibuild, tmp_path: Path) -> None:
    edit(tiny / "recipes/hello/recipe.yml", "path: ../../src/hello", "url: http://127.0.0.1:9/LICENSE")
    digest = hashlib.sha256(b"MIT\n").hexdigest()
    edit(tiny / "recipes/hello/recipe.yml", "sources:\n  -", f"sources:\n  - sha256: {digest}\n   ")
    (tmp_path / digest).write_bytes(b"MIT\n")
    ran = omnibuild("fetch", "hello", "--mirror-dir", tmp_path, "--to-mirror", tiny / "manifests/current.yml/mirror")
    assert ran.code == 10, ran.err
    assert "/LICENSE: cannot be written: Not a directory" in ran.err


def test_fetch_of_an_unknown_component_suggests_the_known_one(tiny: Path, omnibuild: Omnibuild) -> None:
    ran = omnibuild("fetch", "helo")
    assert ran.code == 2
    assert "did you mean hello?" in ran.err
