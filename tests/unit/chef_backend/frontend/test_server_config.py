"""chef-server.rb is what frontends of the original read, and nothing in it breaks out of its quotation marks."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from chef_backend.base.errors import NotPermitted
from chef_backend.base.paths import Paths
from chef_backend.cluster.members import addresses
from chef_backend.config.facts import HostFacts
from chef_backend.config.load import load
from chef_backend.config.parse import parse
from chef_backend.ctl import cli
from chef_backend.ctl.session import Session
from chef_backend.etcd.model import Member
from chef_backend.frontend.server_config import server_config
from chef_backend.roles.node import Identity, Node
from chef_backend.secrets.model import Secrets

PASSWORD = "0123456789abcdef"
# Every statement of a file that a frontend of the original was given, in its order.
EXPECTED = """\
fqdn "fe1.example.com"
use_chef_backend true
chef_backend_members ["10.0.1.4", "10.0.1.5", "10.0.1.6"]
haproxy['remote_postgresql_port'] = 5432
haproxy['remote_elasticsearch_port'] = 9200
postgresql['external'] = true
postgresql['vip'] = '127.0.0.1'
postgresql['db_superuser'] = 'chef_pgsql'
postgresql['db_superuser_password'] = '0123456789abcdef'
opscode_solr4['external'] = true
opscode_solr4['external_url'] = 'http://127.0.0.1:9200'
opscode_erchef['search_provider'] = 'elasticsearch'
opscode_erchef['search_queue_mode'] = 'batch'
bookshelf['storage_type'] = :sql
rabbitmq['enable'] = false
rabbitmq['management_enabled'] = false
rabbitmq['queue_length_monitor_enabled'] = false
opscode_expander['enable'] = false
dark_launch['actions'] = false
opscode_erchef['nginx_bookshelf_caching'] = :on
opscode_erchef['s3_url_expiry_window_size'] = '50%'
"""


def node(text: str = "", *, password: str = PASSWORD) -> Node:
    facts = HostFacts(8 * 2**30, 2, "be1", ("10.0.1.5", "127.0.0.1"), "15")
    secrets = Secrets.of(
        {
            "postgresql": {"db_superuser_password": password, "replication_password": "repl-pass"},
            "etcd": {"initial_cluster_token": "token"},
            "elasticsearch": {"cluster_name": "ChefBackend-00112233"},
        }
    )
    return Node(load(text, facts, "f"), secrets, facts, Paths(), Identity("0" * 32, "be1"), "3.2.0")


def member(name: str, address: str) -> Member:
    return Member(1, name, (f"http://{address}:2380",), (f"http://{address}:2379",))


def statements(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_statements_are_those_of_the_original_in_its_order() -> None:
    """Nothing but comments is added, each group has one, and the name of the frontend is on one line only."""
    text = server_config("fe1.example.com", node(), ("10.0.1.4", "10.0.1.5", "10.0.1.6")).reveal()
    assert statements(text) == EXPECTED.splitlines()
    assert [line for line in text.splitlines() if "fqdn" in line] == ['fqdn "fe1.example.com"']
    groups = text.strip().split("\n\n")
    assert all(group.startswith("# ") for group in groups[1:])


def test_other_ports_of_the_backend_are_told() -> None:
    """A frontend would knock at the usual ones else."""
    changed = "postgresql.port 5433\nelasticsearch.port 9201\nleaderl.http_port 7332\netcd.client_port 2399\n"
    lines = statements(server_config("fe1", node(changed), ()).reveal())
    assert lines[3:7] == [
        "haproxy['remote_postgresql_port'] = 5433",
        "haproxy['remote_elasticsearch_port'] = 9201",
        "haproxy['leaderl_healthcheck_port'] = 7332",
        "haproxy['etcd_port'] = 2399",
    ]


def test_a_password_is_read_back_as_it_is() -> None:
    """Ruby knows two escapes within single quotes, and a password chosen by a person may hold both characters."""
    password = "it's #{a} back\\slash\\"
    text = server_config("fe1", node(password=password), ()).reveal()
    read = parse(text, "chef-server.rb")
    found = {each.name: each.value for each in read.assignments}
    assert json.dumps(password) in json.dumps(getattr(found["postgresql.db_superuser_password"], "value", None))


def test_the_members_are_those_that_run_and_this_node() -> None:
    """In the order of their addresses, so that every node gives the same file; one that never started is left out."""
    found = [member("b" * 32, "10.0.1.10"), member("a" * 32, "10.0.1.4"), member("", "10.0.1.3")]
    assert addresses(found, "10.0.1.5") == ("10.0.1.4", "10.0.1.5", "10.0.1.10")
    assert addresses([], "10.0.1.5") == ("10.0.1.5",)
    assert addresses([member("a" * 32, "[2001:db8::4]")], "2001:db8::5") == ("2001:db8::4", "2001:db8::5")


@pytest.mark.parametrize("name", ["", "a b", 'a"; exit', "a\nb", "#{1}", "-x", "a\\", "ä"])
def test_what_is_no_host_name_is_refused(name: str) -> None:
    """The file is Ruby, and a frontend executes it as root."""
    done = CliRunner().invoke(cli.command, ["gen-server-config", "--", name], obj=Session(user_id=lambda: 0))
    assert done.exit_code == 2
    assert "a host name such as" in done.stderr


def test_it_needs_a_name_and_root() -> None:
    """A password is in it."""
    without = CliRunner().invoke(cli.command, ["gen-server-config"], obj=Session(user_id=lambda: 0))
    assert (without.exit_code, "FQDN" in without.stderr) == (2, True)
    error = CliRunner().invoke(cli.command, ["gen-server-config", "fe1"], obj=Session(user_id=lambda: 1000)).exception
    assert isinstance(error, NotPermitted)
