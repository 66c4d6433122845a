"""The making of a data directory, with an initdb that the test controls."""

from __future__ import annotations

from pathlib import Path

import pytest

from chef_backend.base.errors import CommandFailed, Conflict
from chef_backend.base.secret import Secret
from chef_backend.postgresql.initdb import STAGING, Found, initialise, judge

PASSWORD = Secret("pa55-word")
KEEP = frozenset({"postgresql.conf", "pg_hba.conf"})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with what reconfigure wrote before."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "postgresql.conf").write_text("ours")
    return folder


def initdb(tmp_path: Path, end: str = "") -> Path:
    """A program that makes what initdb makes, and keeps its arguments and its input."""
    program = tmp_path / "initdb"
    program.write_text(f"""#!/bin/sh
set -e
folder=${{1#--pgdata=}}
[ -z "$(ls -A "$folder")" ]
echo "$@" > {tmp_path}/arguments
cat > {tmp_path}/password
mkdir "$folder/base" "$folder/pg_wal"
echo theirs > "$folder/postgresql.conf"; echo theirs > "$folder/pg_hba.conf"
{end}
echo 15 > "$folder/PG_VERSION"
""")
    program.chmod(0o755)
    return program


def made(data: Path, program: Path) -> bool:
    return initialise(data, program, "15", "chef_pgsql", PASSWORD, KEEP)


def test_made_once_beside_what_is_there(data: Path, tmp_path: Path) -> None:
    assert made(data, initdb(tmp_path))
    assert not made(data, initdb(tmp_path))
    assert sorted(path.name for path in data.iterdir()) == [
        "PG_VERSION",
        "base",
        "pg_hba.conf",
        "pg_wal",
        "postgresql.conf",
    ]
    assert (data / "postgresql.conf").read_text() == "ours"
    assert (tmp_path / "password").read_text() == "pa55-word"
    arguments = (tmp_path / "arguments").read_text()
    assert "--data-checksums" in arguments
    assert "--locale=C" in arguments
    assert "pa55-word" not in arguments


def test_an_interrupted_run_is_made_anew(data: Path, tmp_path: Path) -> None:
    """Wherever it was interrupted: within initdb, or while its results moved up."""
    with pytest.raises(CommandFailed):
        made(data, initdb(tmp_path, end="exit 1"))
    assert (data / STAGING).is_dir()
    (data / STAGING / "pg_wal").rename(data / "pg_wal")
    assert made(data, initdb(tmp_path))
    assert (data / "PG_VERSION").read_text() == "15\n"
    assert not (data / STAGING).exists()


def test_an_interruption_after_the_last_move(data: Path, tmp_path: Path) -> None:
    made(data, initdb(tmp_path))
    (data / STAGING).mkdir()
    assert not made(data, initdb(tmp_path))
    assert not (data / STAGING).exists()


def test_what_others_put_there_is_never_removed(data: Path, tmp_path: Path) -> None:
    (data / "precious").touch()
    with pytest.raises(Conflict, match="not empty: it holds precious"):
        made(data, initdb(tmp_path))
    (data / STAGING).mkdir()
    with pytest.raises(Conflict, match="precious"):
        made(data, initdb(tmp_path))
    assert (data / "precious").exists()


def test_data_of_another_version(data: Path, tmp_path: Path) -> None:
    (data / "PG_VERSION").write_text("9.5\n")
    with pytest.raises(Conflict, match=r"holds data of PostgreSQL 9\.5, and PostgreSQL 15 is installed"):
        made(data, initdb(tmp_path))


@pytest.mark.parametrize(
    ("names", "found", "expected"),
    [
        (set(), "", Found.EMPTY),
        ({"lost+found", "postgresql.conf"}, "", Found.EMPTY),
        ({STAGING, "base"}, "", Found.HALF),
        ({"base", "anything"}, "15", Found.COMPLETE),
    ],
)
def test_what_a_directory_is(names: set[str], found: str, expected: Found) -> None:
    assert judge(Path("/data"), names, found, "15", KEEP) is expected


def test_a_data_directory_without_its_version_is_not_ours_to_remove() -> None:
    """Somebody's databases may be in it, whatever happened to PG_VERSION."""
    with pytest.raises(Conflict):
        judge(Path("/data"), {"base", "pg_wal"}, "", "15", KEEP)
