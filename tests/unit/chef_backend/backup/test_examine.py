"""A backup that does not fit this node is refused, and one that does becomes a cluster of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from archives import CONTENT, DOCUMENT, ORIGIN, manifest
from hypothesis import given, settings
from hypothesis import strategies as st

from chef_backend.backup.address import states_address, with_address
from chef_backend.backup.archive import Head
from chef_backend.backup.examine import new_config, new_secrets
from chef_backend.backup.manifest import CONFIG, SECRETS
from chef_backend.backup.words import announced, done
from chef_backend.base.errors import Conflict, InvalidBackup, InvalidSecrets
from chef_backend.config.facts import HostFacts
from chef_backend.config.load import load
from chef_backend.config.parse import parse

HERE = HostFacts(2**30, 2, "be1", ("10.0.2.15", "127.0.0.1"), "15")
ELSEWHERE = HostFacts(2**30, 2, "be2", ("10.0.2.16", "127.0.0.1"), "15")


def head(config: str) -> Head:
    return Head(manifest({**CONTENT, CONFIG: config.encode()}), config.encode(), CONTENT[SECRETS])


def counting(size: int) -> bytes:
    return bytes(range(size))


WRITTEN = {
    "nothing": ("", "publish_address 'A'\n"),
    "a line": ("fqdn 'be1'\npublish_address '10.0.2.15' # eth0\n", "fqdn 'be1'\npublish_address 'A' # eth0\n"),
    "assigned": ('publish_address = "10.0.2.15"\n', "publish_address = 'A'\n"),
    "with brackets": (
        "publish_address(\n  '10.0.2.15'\n)\netcd.client_port 2379",
        "publish_address(\n  'A'\n)\netcd.client_port 2379",
    ),
    "twice": ("publish_address '1.1.1.1'; publish_address '2.2.2.2'", "publish_address 'A'; publish_address 'A'"),
    "in a comment": ("# publish_address 'x'\n", "publish_address 'A'\n# publish_address 'x'\n"),
    "in a text": ("fqdn 'publish_address'\n", "publish_address 'A'\nfqdn 'publish_address'\n"),
    "after a mark": ("\ufeffpublish_address 'x'\n", "publish_address 'A'\n"),
}


@pytest.mark.parametrize(("before", "after"), WRITTEN.values(), ids=WRITTEN)
def test_only_the_address_changes(before: str, after: str) -> None:
    """Comments, order and everything else of the operator's file stay."""
    assert with_address(before, "A") == after
    assert states_address(after)


@settings(deadline=None)  # the first example builds the grammar
@given(
    st.lists(
        st.sampled_from(
            [
                "fqdn 'a'\n",
                "publish_address '10.9.9.9'\n",
                "publish_address = '10.9.9.9';",
                "\n",
                ";",
                "# publish_address\n",
                "=begin\n",
                "é ",
            ]
        )
    )
)
def test_the_address_is_read_back_whatever_is_around_it(pieces: list[str]) -> None:
    """By the same grammar that reads the file."""
    text = with_address("".join(pieces), "10.0.2.15")
    found = [each for each in parse(text, "f").assignments if each.name == "publish_address"]
    assert all("10.0.2.15" in str(each.value) for each in found)
    assert found


def test_the_configuration_of_this_node_stays_as_it_is() -> None:
    text = "publish_address '10.0.2.15'\n"
    assert new_config(head(text), HERE, "") == text.encode()
    assert new_config(head("fqdn 'x'\n"), ELSEWHERE, "") == b"fqdn 'x'\n"


def test_another_nodes_address_is_asked_for() -> None:
    """The message says what to add; with it, the configuration is this node's."""
    text = "publish_address '10.0.2.15'\n"
    with pytest.raises(Conflict, match=r"be1 at 10\.0\.2\.15, which is no address of this node") as caught:
        new_config(head(text), ELSEWHERE, "")
    assert caught.value.hint == "add --publish-address 10.0.2.16"
    config = new_config(head(text), ELSEWHERE, "10.0.2.16").decode()
    assert load(config, ELSEWHERE, "f").text("publish_address") == "10.0.2.16"


def test_the_passwords_stay_and_the_clusters_name_and_token_do_not() -> None:
    """Frontends know the passwords; nodes of the old cluster that still run must not take the new one for theirs."""
    secrets = new_secrets(json.dumps({**DOCUMENT, "ours": {"a": "b"}}).encode(), "s", counting)
    assert secrets.db_superuser_password.reveal() == "super-pass"
    assert secrets.replication_password.reveal() == "repl-pass"
    assert secrets.initial_cluster_token.reveal() == counting(50).hex()
    assert secrets.cluster_name == "ChefBackend-00010203"
    assert '"ours"' in secrets.document.reveal()


def test_secrets_that_are_no_more_are_never_made_anew() -> None:
    """The database of the backup has the old passwords."""
    with pytest.raises(InvalidBackup, match=r"lacks postgresql\.replication_password"):
        new_secrets(b'{"postgresql": {"db_superuser_password": "x"}}', "the backup's secrets", counting)
    with pytest.raises(InvalidSecrets):
        new_secrets(b"{", "the backup's secrets", counting)


def test_it_is_said_what_a_restore_means_for_the_others() -> None:
    """A lone node has nobody to warn; where etcd does not tell, the warning is given all the same."""
    assert "cluster" not in announced(ORIGIN, ())
    assert "be1 (10.0.2.15) at 2026-09-06 11:01:49 UTC" in announced(ORIGIN, ())
    assert "with 10.0.2.16, 10.0.2.17" in announced(ORIGIN, ("10.0.2.16", "10.0.2.17"))
    for others in (("10.0.2.16",), None):
        assert "frontends may then find two leaders" in announced(ORIGIN, others)


def test_what_is_said_after_a_restore_holds_for_a_cluster_of_one() -> None:
    """It has no other nodes that anything could be said of."""
    said = done(ORIGIN, Path("/etc/secrets.json"), None)
    assert "A node that is to join it needs a copy of /etc/secrets.json first." in said
    assert "ther nodes" not in said
