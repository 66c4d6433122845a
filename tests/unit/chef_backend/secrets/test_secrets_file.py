"""The secrets file: made once, respected when given, refused when it cannot be trusted."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from chef_backend.base.errors import InvalidSecrets
from chef_backend.base.paths import Paths
from chef_backend.base.secret import Redactor, Secret
from chef_backend.secrets.generate import complete
from chef_backend.secrets.modes import protected_files
from chef_backend.secrets.parse import parse
from chef_backend.secrets.shown import values
from chef_backend.secrets.store import load

HUMAN = {
    "postgresql": {"db_superuser_password": "summer", "replication_password": "wint'r \u00fc"},
    "etcd": {"initial_cluster_token": "tok"},
    "elasticsearch": {"cluster_name": "search"},
}


def counting(size: int) -> bytes:
    return bytes(range(size))


def put(folder: Path, content: str | bytes, mode: int = 0o640) -> Path:
    path = folder / "chef-backend-secrets.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


def test_new_secrets_have_the_contracts_form(tmp_path: Path) -> None:
    """Three texts of 100 lower-case hex digits, a cluster's name with eight, and no two alike."""
    loaded = load(tmp_path / "none", configured=False)
    document = json.loads(loaded.secrets.document.reveal())
    values = [document["postgresql"]["db_superuser_password"], document["postgresql"]["replication_password"]]
    values.append(document["etcd"]["initial_cluster_token"])
    assert all(re.fullmatch("[0-9a-f]{100}", value) for value in values)
    assert len(set(values)) == 3
    assert re.fullmatch("ChefBackend-[0-9a-f]{8}", document["elasticsearch"]["cluster_name"])
    assert len(loaded.made) == 4
    assert list(document) == ["postgresql", "etcd", "elasticsearch"]
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_the_same_bytes_when_read_again(tmp_path: Path) -> None:
    """What was made and written is read without anything to make, and would be written as it is."""
    made, _ = complete({}, counting)
    path = put(tmp_path, made.document.reveal())
    loaded = load(path, configured=True)
    assert loaded.made == ()
    assert loaded.secrets == made
    assert loaded.secrets.document == made.document


def test_a_file_made_by_a_person_is_respected(tmp_path: Path) -> None:
    """Short passwords, quotes and letters of any language are taken; unknown keys stay where they are."""
    given = {"vault": {"path": "kv/x", "ttl": 3}, **HUMAN, "notes": ["a", None]}
    loaded = load(put(tmp_path, "\ufeff" + json.dumps(given)), configured=False)
    assert loaded.secrets.db_superuser_password.reveal() == "summer"
    assert loaded.secrets.replication_password.reveal() == "wint'r \u00fc"
    assert json.loads(loaded.secrets.document.reveal()) == given
    assert list(json.loads(loaded.secrets.document.reveal())) == list(given)
    assert loaded.made == ()


def test_only_missing_keys_are_made(tmp_path: Path) -> None:
    """What is there is kept, what is not is made, and the names of what was made are told."""
    given = {"postgresql": {"db_superuser_password": "summer", "extra": 1}}
    loaded = load(put(tmp_path, json.dumps(given)), configured=True)
    document = json.loads(loaded.secrets.document.reveal())
    assert document["postgresql"]["db_superuser_password"] == "summer"
    assert document["postgresql"]["extra"] == 1
    assert loaded.made == (
        "postgresql.replication_password",
        "etcd.initial_cluster_token",
        "elasticsearch.cluster_name",
    )


BAD: dict[str, tuple[str | bytes, str]] = {
    "empty": (" \n", "is empty"),
    "binary": (b"\xff\xfe{", "is not UTF-8 text"),
    "cut short": ('{"postgresql": {"db_superuser_password": "sesame-1', r":1:\d+: not JSON"),
    "single quotes": ("{'a': 'sesame-1'}", r":1:2: not JSON"),
    "a list": ('["sesame-1"]', "an object was expected, not a list"),
    "a section that is a text": ('{"etcd": "sesame-1"}', "etcd: an object was expected, not a text"),
    "a number": ('{"etcd": {"initial_cluster_token": 42}}', "a text was expected, not a number"),
    "null": ('{"etcd": {"initial_cluster_token": null}}', "a text was expected, not null"),
    "an empty value": ('{"etcd": {"initial_cluster_token": " "}}', "it is empty"),
    "a line break": ('{"etcd": {"initial_cluster_token": "sesame-1\\nx"}}', "control character"),
    "half a pair": ('{"etcd": {"initial_cluster_token": "\\ud800"}}', "control character"),
    "a key twice": ('{"etcd": {"initial_cluster_token": "sesame-1", "initial_cluster_token": "b"}}', "is there twice"),
    "half a pair elsewhere": ('{"note": ["\\udfff"]}', "half of a character"),
    "a colon": ('{"elasticsearch": {"cluster_name": "a:b"}}', "no colon"),
    "too deep": ("[" * 100_000, "nested too deeply"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_makes_no_sense_is_refused_without_showing_it(tmp_path: Path, case: str) -> None:
    """The message names the file and what is wrong, never a value, not in its chain of causes either."""
    content, expected = BAD[case]
    path = put(tmp_path, content)
    with pytest.raises(InvalidSecrets, match=expected) as raised:
        load(path, configured=False)
    assert str(path) in raised.value.message
    assert raised.value.hint
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    assert "sesame" not in f"{raised.value.message} {raised.value.hint}"


def test_all_problems_are_told_at_once() -> None:
    """Three mistakes, three lines."""
    document: Any = {"postgresql": [], "etcd": {"initial_cluster_token": 1}, "elasticsearch": {"cluster_name": ""}}
    with pytest.raises(InvalidSecrets) as raised:
        parse(json.dumps(document).encode(), "f")
    assert len(raised.value.message.splitlines()) == 3


@pytest.mark.parametrize("mode", [0o644, 0o664, 0o641, 0o660, 0o606, 0o777])
def test_a_file_open_to_others_is_refused_unless_it_is_ours(tmp_path: Path, mode: int) -> None:
    """What strangers may read or change is not trusted; what we wrote and somebody opened is closed again."""
    path = put(tmp_path, json.dumps(HUMAN), mode)
    with pytest.raises(InvalidSecrets, match=f"has mode {mode:04o}") as raised:
        load(path, configured=False)
    assert "chmod 0640" in raised.value.hint
    loaded = load(path, configured=False, is_ours=lambda content: b"summer" in content)
    assert f"{mode:04o}" in loaded.warning


@pytest.mark.parametrize("mode", [0o640, 0o600, 0o400])
def test_a_closed_file_is_taken_without_a_word(tmp_path: Path, mode: int) -> None:
    """Stricter modes than ours are as good; the next reconfigure sets ours."""
    assert load(put(tmp_path, json.dumps(HUMAN), mode), configured=False).warning == ""


def test_secrets_of_a_configured_node_are_never_made_anew(tmp_path: Path) -> None:
    """New passwords would lock the node out of its own databases: the loss is told instead."""
    with pytest.raises(InvalidSecrets, match="is gone") as raised:
        load(tmp_path / "none", configured=True)
    assert "another node" in raised.value.hint


def test_a_folder_or_link_in_its_place_is_an_expected_error(tmp_path: Path) -> None:
    """What is no file is told as such."""
    (tmp_path / "d").mkdir()
    (tmp_path / "l").symlink_to("d")
    for name in ("d", "l"):
        with pytest.raises(Exception, match=name) as raised:
            load(tmp_path / name, configured=False)
        assert hasattr(raised.value, "hint")


def test_nothing_about_them_shows_them() -> None:
    """repr masks all; the redactor finds each, and those under unknown keys too, but not the cluster's name."""
    secrets, _ = complete({**HUMAN, "mine": {"api": ["hunter22"]}}, counting)
    assert not any(word in repr(secrets) for word in ("summer", "wint", 'tok"', "hunter"))
    text = Redactor(secrets.every()).redact("summer hunter22 search")
    assert text == "******** ******** search"


def test_the_table_names_every_file_with_secrets() -> None:
    """Nobody but root and the database's account reads any of them."""
    files = protected_files(Paths(), Path("/s/recovery.conf"), (Path("/k/a.key"),))
    assert len(files) == 5
    assert not any(item.mode & 0o007 for item in files.values())
    assert {str(path): (item.owner, item.group, item.mode) for path, item in files.items()} == {
        "/etc/chef-backend/chef-backend-secrets.json": ("root", "chef_pgsql", 0o640),
        "/etc/chef-backend/chef-backend-running.json": ("chef_pgsql", "chef_pgsql", 0o640),
        "/var/opt/chef-backend/leaderl/data/sys.config": ("chef_pgsql", "chef_pgsql", 0o600),
        "/s/recovery.conf": ("chef_pgsql", "chef_pgsql", 0o600),
        "/k/a.key": ("chef_pgsql", "chef_pgsql", 0o600),
    }


def test_what_is_yet_to_be_made_is_not_shown(tmp_path: Path) -> None:
    """show-config would otherwise print passwords that nothing will ever have."""
    path = tmp_path / "secrets.json"
    assert values(load(path, configured=False)) == {}
    path.write_text('{"etcd": {"initial_cluster_token": "abc"}, "elasticsearch": {"cluster_name": "ChefBackend-1"}}')
    path.chmod(0o600)
    shown = values(load(path, configured=False))
    assert shown == {
        "etcd": {"initial_cluster_token": Secret("abc")},
        "elasticsearch": {"cluster_name": "ChefBackend-1"},
    }
