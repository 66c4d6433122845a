from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chef_backend.base.errors import ChefBackendError
from chef_backend.base.secret import MASK
from chef_backend.config.facts import HostFacts
from chef_backend.config.file import load_file
from chef_backend.config.load import examine, load
from chef_backend.config.model import From
from chef_backend.config.problems import NOWHERE, ConfigInvalid
from chef_backend.config.render import gen_sample
from chef_backend.config.table import TABLE

TEN_MISTAKES = """\
publish_adress '10.0.2.15'
fqdn 'BE1.example.com'
postgresql.port '5432'
postgresql.md5_auth_cidr_addresses ["samehost", "10.0.0.300/24"]
leaderl.leader_ttl_seconds 10
etcd.peer_port 9200
postgresql.shared_buffers '10gb'
ssl.certificate '/etc/pki/node.pem'
elasticsearch.heap_size = File.read('/heap')
publish_address '10.9.9.9'
"""


def test_ten_mistakes_are_ten_messages(facts: HostFacts) -> None:
    """Every mistake is told in one go, each with its line and what to write."""
    with pytest.raises(ConfigInvalid) as caught:
        load(TEN_MISTAKES, facts, "/etc/chef-backend/chef-backend.rb")
    assert [problem.place.line for problem in caught.value.problems] == list(range(1, 11))
    text = caught.value.message
    assert text.startswith("10 problems in /etc/chef-backend/chef-backend.rb; nothing was changed\n")
    for line in range(1, 11):
        assert f"\n/etc/chef-backend/chef-backend.rb:{line}:" in text
    for part in (
        "did you mean publish_address?",
        "write 'be1.example.com'",
        "write 5432 without quotes",
        "10.0.0.300/24",
        "at least 5 times",
        "elasticsearch.port is 9200, which is taken by etcd.peer_port",
        "did you mean '10GB'?",
        "ssl.certificate is set without ssl.certificate_key",
        "File.read would have to be executed",
        "this node's addresses are 10.0.2.15",
    ):
        assert part in text
    assert caught.value.exit_code == 3


def test_all_entries_of_a_list_are_checked(facts: HostFacts) -> None:
    """Two bad entries of one list are two problems, each at its entry."""
    problems = examine("postgresql.md5_auth_cidr_addresses ['samenett', 'all', '10.1.2.3']", facts, "x").problems
    assert [problem.place.column for problem in problems] == [37, 56]
    assert [problem.hint for problem in problems] == [
        "did you mean 'samenet'?",
        "a single host is written '10.1.2.3/32'",
    ]


def test_the_documented_file(facts: HostFacts) -> None:
    """The two lines that every operator writes are enough."""
    text = "publish_address '10.0.2.15' # External ip address of this backend box\n"
    text += 'postgresql.md5_auth_cidr_addresses = ["samehost", "samenet", "192.168.1.3/24"]\n'
    settings = load(text, facts, "f.rb")
    assert settings.text("publish_address") == "10.0.2.15"
    assert settings.texts("postgresql.md5_auth_cidr_addresses") == ("samehost", "samenet", "192.168.1.3/24")
    assert settings.warnings == ()


def test_every_setting_has_a_value_and_an_origin(facts: HostFacts) -> None:
    """Settings hold the whole table, and know where each value comes from."""
    settings = load("\netcd.client_port 2479\n", facts, "f.rb")
    assert settings.names == tuple(TABLE)
    assert str(settings.origin("etcd.client_port")) == "f.rb:2"
    assert settings.origin("etcd.peer_port").source is From.DEFAULT
    assert str(settings.origin("postgresql.shared_buffers")) == "computed"


def test_defaults_of_the_versions(facts: HostFacts, current_facts: HostFacts) -> None:
    """Folders carry PostgreSQL's major version."""
    assert load("", facts, "f").text("postgresql.data_dir") == "/var/opt/chef-backend/postgresql/9.5/data"
    current = load("", current_facts, "f")
    assert current.text("postgresql.data_dir") == "/var/opt/chef-backend/postgresql/15/data"
    assert current.text("postgresql.log_directory") == "/var/log/chef-backend/postgresql/15"


def test_computed_defaults_follow_what_is_written(facts: HostFacts) -> None:
    """The new generation is an eighth of the heap that was asked for, and addresses are of the version asked for."""
    assert load("elasticsearch.heap_size 512", facts, "f").integer("elasticsearch.new_size") == 64
    six = load("ip_version 'ipv6'", facts, "f")
    assert six.text("publish_address") == "2001:db8::15"
    assert six.text("leaderl.http_address") == "::"


def test_old_names(facts: HostFacts) -> None:
    """Settings of former versions are taken under their new name, with a warning."""
    settings = load("leaderl.health_check_interval_seconds 2\nelasticsearch.java_opts '-Xss1m -Da=b'", facts, "f")
    assert settings.integer("leaderl.health_check.interval_seconds") == 2
    assert settings.texts("elasticsearch.jvm_opts") == ("-Xss1m", "-Da=b")
    assert [warning.hint for warning in settings.warnings] == [
        "write leaderl.health_check.interval_seconds",
        "write elasticsearch.jvm_opts",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "vip '10.0.2.15'",
        "vip_interface 'eth0'",
        "postgresql.shmmax 17179869184",
        "postgresql.shmall 4194304",
        "leaderl.epmd_monitor.check_interval 5",
        "leaderl.epmd_monitor.retries 5",
        "leaderl.etcd_pool.ibrowse_options '[]'",
    ],
)
def test_settings_without_effect(line: str, facts: HostFacts) -> None:
    """What nothing uses any more is accepted, and reported."""
    (warning,) = load(line, facts, "f").warnings
    assert "is without effect" in warning.message
    assert warning.place.line == 1


def test_a_setting_twice(facts: HostFacts) -> None:
    """As in Ruby the last line counts; the operator hears of it."""
    settings = load("etcd.peer_port 1000\n\netcd.peer_port 1001", facts, "f")
    assert settings.integer("etcd.peer_port") == 1001
    (warning,) = settings.warnings
    assert warning.place.line == 3
    assert "set before, in line 1" in warning.message


def test_a_hash_for_a_section(facts: HostFacts) -> None:
    """A section may be written as one hash; each of its keys is a setting with its own place."""
    settings = load("etcd = { client_port: 1,\n  'log_rotation' => { num_to_keep: 3 } }", facts, "f")
    assert settings.integer("etcd.client_port") == 1
    assert settings.integer("etcd.log_rotation.num_to_keep") == 3
    assert str(settings.origin("etcd.log_rotation.num_to_keep")) == "f:2"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("heap_size", "did you mean elasticsearch.heap_size?"),
        ("elasticsearch.heapsize", "did you mean elasticsearch.heap_size?"),
        ("postgres.max_connections", "did you mean postgresql.max_connections?"),
        ("leaderl.interval_seconds", "did you mean leaderl.health_check.interval_seconds?"),
        ("elasticsearch.java_opt", "did you mean elasticsearch.jvm_opts?"),
        ("etcd.zzz.qqq", "etcd has etcd.client_port"),
        ("zzz", "gen-sample-backend-config"),
        ("leaderl.health_check", "it has leaderl.health_check.disk_min_space_mb"),
        ("etcd.client_port.x", "write etcd.client_port 'value'"),
        ("postgresql.replication_password", "chef-backend-secrets.json"),
    ],
)
def test_unknown_names(name: str, hint: str, facts: HostFacts) -> None:
    """An unknown name is a mistake that says what was probably meant."""
    (problem,) = examine(f"{name} 1", facts, "f").problems
    assert hint in problem.hint


def test_a_wrong_value_starts_no_second_complaint(facts: HostFacts) -> None:
    """Where a setting is wrong by itself, what it would mean with others is not guessed."""
    problems = examine("leaderl.leader_ttl_seconds 'x'\nleaderl.health_check.interval_seconds 100", facts, "f").problems
    assert [problem.place.line for problem in problems] == [1]


def test_secrets_never_show(facts: HostFacts) -> None:
    """A password in the wrong file is refused without being repeated."""
    text = "postgresql.db_superuser_password 'hunter2'\netcd.environment { 'AWS_SECRET_KEY' => \"hun\\nter3\" }"
    problems = examine(text, facts, "f").problems
    assert len(problems) == 2
    shown = "\n".join(map(str, problems))
    assert "hun" not in shown
    assert MASK in shown


def test_a_file_of_nonsense(facts: HostFacts) -> None:
    """Of hundreds of mistakes the first fifty are shown, long lines cut."""
    with pytest.raises(ConfigInvalid) as caught:
        load(f"x {'?' * 1000}\n" * 200, facts, "f")
    assert len(caught.value.problems) == 200
    assert caught.value.message.endswith("\n… and 150 more")
    assert max(map(len, caught.value.message.splitlines())) < 200


def test_a_node_without_address(facts: HostFacts) -> None:
    """Without an address to take, publish_address must be written; the problem has no line to point at."""
    (problem,) = examine("", replace(facts, addresses=("127.0.0.1",)), "f").problems
    assert problem.place == NOWHERE
    assert str(problem).startswith("f: publish_address is not set")


def test_typed_getters_refuse_other_types(facts: HostFacts) -> None:
    """A wrong use in our own code is a TypeError, not a wrong value."""
    settings = load("", facts, "f")
    for get in (settings.text, settings.flag, settings.texts, settings.environment):
        with pytest.raises(TypeError):
            get("etcd.client_port")
    with pytest.raises(TypeError):
        settings.integer("etcd.enable")
    assert settings.text_or_none("ssl.certificate") is None
    assert settings.number("postgresql.checkpoint_completion_target") == 0.5
    assert settings.amount("postgresql.work_mem") == "8MB"
    assert settings.flag("etcd.enable") is True
    assert dict(settings.environment("etcd.environment")) == {}


VALUES = ["1", "0", "-1", "'x'", "'8MB'", "nil", "true", "[]", "['a']", "{}", "{ 'A' => 'b' }", "'/x'", "'10.0.2.15'"]
VALUES += ["'::1'", "'off'", "[['a']]", "[1]", "'[1, [2]]'", "1.5", "99999999999999999999", "{ a: { b: 1 } }", "''"]


@settings(deadline=None, max_examples=30)  # each reads four files
@given(st.lists(st.tuples(st.sampled_from(sorted(TABLE)), st.sampled_from(VALUES)), max_size=12))
def test_any_values_end_in_settings_or_problems(lines: list[tuple[str, str]]) -> None:
    """Whatever is written for whatever setting: complete settings, and problems at lines that exist."""
    facts = HostFacts(8 * 2**30, 2, "be1", ("10.0.2.15", "2001:db8::1"), "15")
    loaded = examine("\n".join(f"{name} {value}" for name, value in lines), facts, "f")
    assert loaded.settings.names == tuple(TABLE)
    assert all(problem.place.line <= len(lines) for problem in loaded.problems)
    if not loaded.problems:
        again = load(gen_sample(loaded.settings), facts, "f")
        changed = {name for name in TABLE if again.value(name) != loaded.settings.value(name)}
        assert not {name for name in changed if not name.endswith(".environment")}


class TestFile:
    def test_missing_file_means_the_defaults(self, tmp_path: Path, facts: HostFacts) -> None:
        assert load_file(tmp_path / "none.rb", facts).integer("etcd.client_port") == 2379

    def test_messages_name_the_file(self, tmp_path: Path, facts: HostFacts) -> None:
        path = tmp_path / "chef-backend.rb"
        path.write_text("x 1\n")
        with pytest.raises(ConfigInvalid, match=f"{path}:1:1: x is no setting"):
            load_file(path, facts)

    def test_bytes_that_are_no_text(self, tmp_path: Path, facts: HostFacts) -> None:
        path = tmp_path / "chef-backend.rb"
        path.write_bytes(b"a 1\nb '\xff'\n")
        with pytest.raises(ConfigInvalid, match="is not UTF-8 in line 2"):
            load_file(path, facts)

    def test_a_file_of_another_kind(self, tmp_path: Path, facts: HostFacts) -> None:
        path = tmp_path / "chef-backend.rb"
        path.write_bytes(b"\n" * (2**18 + 1))
        with pytest.raises(ConfigInvalid, match="is larger than"):
            load_file(path, facts)

    def test_a_folder_instead(self, tmp_path: Path, facts: HostFacts) -> None:
        with pytest.raises(ChefBackendError, match="cannot be read: Is a directory"):
            load_file(tmp_path, facts)
