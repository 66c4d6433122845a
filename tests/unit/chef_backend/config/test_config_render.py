from __future__ import annotations

import json

import pytest

from chef_backend.base.secret import MASK, Secret
from chef_backend.config.facts import HostFacts
from chef_backend.config.kinds.base import Nilable
from chef_backend.config.load import examine, load, recorded
from chef_backend.config.model import Settings
from chef_backend.config.reference import tables
from chef_backend.config.render import SecretTree, document, gen_sample, show_config
from chef_backend.config.setting import Rule
from chef_backend.config.table import ALIASES, OBSOLETE, TABLE
from chef_backend.config.values import as_ruby

# In the order and form of Chef's documentation of gen-sample-backend-config, with the values of
# version 1.2 and later; settings that came later stand at their places among them.
SAMPLE = """\
fqdn = 'be1'
hide_sensitive = true
ip_version = 'ipv4'
publish_address = '10.0.2.15'
etcd.client_port = 2379
etcd.election_timeout = 5000
etcd.enable = true
etcd.heartbeat_interval = 500
etcd.log_directory = '/var/log/chef-backend/etcd'
etcd.peer_port = 2380
etcd.snapshot_count = 5000
etcd.log_rotation.file_maxbytes = 104857600
etcd.log_rotation.num_to_keep = 10
etcd.ionice.class = 2
etcd.ionice.level = 0
postgresql.archive_command = ''
postgresql.archive_mode = 'off'
postgresql.archive_timeout = 0
postgresql.checkpoint_completion_target = 0.5
postgresql.checkpoint_timeout = '5min'
postgresql.checkpoint_warning = '30s'
postgresql.data_dir = '/var/opt/chef-backend/postgresql/9.5/data'
postgresql.db_superuser = 'chef_pgsql'
postgresql.effective_cache_size = '496MB'
postgresql.enable = true
postgresql.hot_standby = 'on'
postgresql.keepalives_count = 2
postgresql.keepalives_idle = 60
postgresql.keepalives_interval = 15
postgresql.log_checkpoints = true
postgresql.log_directory = '/var/log/chef-backend/postgresql/9.5'
postgresql.log_min_duration_statement = -1
postgresql.max_connections = 350
postgresql.max_replication_slots = 12
postgresql.max_wal_senders = 12
postgresql.max_wal_size = 64
postgresql.md5_auth_cidr_addresses = '["samehost", "samenet"]'
postgresql.min_wal_size = 5
postgresql.port = 5432
postgresql.replication_user = 'replicator'
postgresql.shared_buffers = '248MB'
postgresql.username = 'chef_pgsql'
postgresql.wal_keep_segments = 32
postgresql.wal_level = 'hot_standby'
postgresql.wal_log_hints = 'on'
postgresql.work_mem = '8MB'
postgresql.log_rotation.file_maxbytes = 104857600
postgresql.log_rotation.num_to_keep = 10
elasticsearch.data_dir = '/var/opt/chef-backend/elasticsearch/data'
elasticsearch.enable = true
elasticsearch.heap_size = 330
elasticsearch.jvm_opts = ''
elasticsearch.log_directory = '/var/log/chef-backend/elasticsearch'
elasticsearch.new_size = 41
elasticsearch.plugins_directory = '/var/opt/chef-backend/elasticsearch/plugins'
elasticsearch.port = 9200
elasticsearch.scripts_directory = '/var/opt/chef-backend/elasticsearch/scripts'
elasticsearch.temp_directory = '/var/opt/chef-backend/elasticsearch/tmp'
elasticsearch.log_rotation.file_maxbytes = 104857600
elasticsearch.log_rotation.num_to_keep = 10
leaderl.control_worker_timeout_seconds = 30
leaderl.db_timeout = 2000
leaderl.enable = true
leaderl.http_acceptors = 10
leaderl.http_address = '0.0.0.0'
leaderl.http_port = 7331
leaderl.leader_ttl_seconds = 30
leaderl.log_directory = '/var/log/chef-backend/leaderl'
leaderl.required_active_followers = 0
leaderl.runsv_group = 'chef_pgsql'
leaderl.start_down = true
leaderl.status_internal_update_interval_seconds = 5
leaderl.status_post_update_interval_seconds = 10
leaderl.username = 'chef_pgsql'
leaderl.log_rotation.file_maxbytes = 104857600
leaderl.log_rotation.max_messages_per_second = 1000
leaderl.log_rotation.num_to_keep = 10
leaderl.etcd_pool.cull_interval_seconds = 60
leaderl.etcd_pool.http_timeout_ms = 5000
leaderl.etcd_pool.ibrowse_options = '{inactivity_timeout, infinity}'
leaderl.etcd_pool.init_count = 10
leaderl.etcd_pool.max_age_seconds = 60
leaderl.etcd_pool.max_connection_duration_seconds = 300
leaderl.etcd_pool.max_count = 10
leaderl.epmd_monitor.check_interval = 60000
leaderl.health_check.disk_min_space_mb = 250
leaderl.health_check.disk_paths = '["/var/log/chef-backend", "/var/opt/chef-backend"]'
leaderl.health_check.fatal_system_checks = false
leaderl.health_check.interval_seconds = 5
leaderl.health_check.max_bytes_behind_leader = 52428800
leaderl.health_check.max_elasticsearch_failures = 5
leaderl.health_check.max_etcd_failures = 5
leaderl.health_check.max_pgsql_failures = 5
ssl.certificate = nil
ssl.certificate_key = nil
ssl.ciphers = 'ECDHE+AESGCM:DHE+AESGCM:ECDHE+AES:!aNULL:!eNULL:!3DES:!MD5:!RC4'
ssl.company_name = 'YouCorp'
ssl.country_name = 'US'
ssl.data_dir = '/var/opt/chef-backend/ssl/'
ssl.duration = 3650
ssl.key_length = 2048
ssl.organizational_unit_name = 'Operations'
"""
SECRETS: SecretTree = {
    "postgresql": {"db_superuser_password": Secret("hunter2"), "replication_password": Secret("hunter3")},
    "elasticsearch": {"cluster_name": "ChefBackend-422d20f3"},
}


def values(settings: Settings) -> dict[str, str]:
    """Return every setting as a text."""
    return {name: as_ruby(settings.value(name)) for name in settings.names}


def test_sample(facts: HostFacts) -> None:
    """The sample is the same to the byte for the same node."""
    assert gen_sample(load("", facts, "f")) == SAMPLE


def test_sample_is_a_configuration(facts: HostFacts) -> None:
    """A node configured by its own sample is the node it was, without a warning."""
    before = load("", facts, "f")
    after = load(SAMPLE, facts, "f")
    assert after.warnings == ()
    assert values(before) == values(after)


def test_sample_of_the_first_versions(facts: HostFacts) -> None:
    """What differed in the published sample of version 1.0 is accepted; what has no effect is reported."""
    text = """\
vip = '10.0.2.15'
vip_interface = 'eth0'
postgresql.shmall = 4194304
postgresql.shmmax = 17179869184
elasticsearch.heap_size = 248
elasticsearch.new_size = 32
elasticsearch.temp_directory = '/var/opt/chef-backend/elasticsearch/'
leaderl.health_check_interval_seconds = 2
leaderl.leader_ttl_seconds = 10
"""
    loaded = examine(SAMPLE + text, facts, "f")
    assert loaded.problems == ()
    assert len([each for each in loaded.settings.warnings if "without effect" in each.message]) == 4


def test_show_config_hides_secrets(facts: HostFacts) -> None:
    """Passwords and variables that look like one are hidden unless asked for; the rest is in the open."""
    settings = load("etcd.environment { 'API_KEY' => 'hunter4', 'GOGC' => '80' }", facts, "f")
    text = show_config(settings, SECRETS)
    assert "hunter" not in text
    tree = json.loads(text)["chef-backend"]
    assert tree["postgresql"]["db_superuser_password"] == MASK
    assert tree["postgresql"]["port"] == 5432
    assert tree["etcd"]["environment"] == {"API_KEY": MASK, "GOGC": "80"}
    assert tree["elasticsearch"]["cluster_name"] == "ChefBackend-422d20f3"
    assert tree["leaderl"]["health_check"]["interval_seconds"] == 5
    assert tree["ssl"]["certificate"] is None
    assert tree["publish_address"] == "10.0.2.15"
    asked = json.loads(show_config(settings, SECRETS, show_secrets=True))["chef-backend"]
    assert asked["postgresql"]["replication_password"] == "hunter3"
    assert asked["etcd"]["environment"]["API_KEY"] == "hunter4"


@pytest.mark.parametrize(
    "line",
    [
        "postgresql.archive_command 'PGPASSWORD=hunter2 push %p'",
        "postgresql.archive_command 'push %p https://me:hunter2@store.example.com/'",
        "postgresql.archive_command 'curl -T %p -u me:hunter2 https://store.example.com/'",
        "postgresql.archive_command 'curl --user=\"me:hunter2\" -T %p store.example.com'",
        "elasticsearch.jvm_opts ['-Djavax.net.ssl.keyStorePassword=hunter2']",
    ],
)
def test_secrets_inside_values(line: str, facts: HostFacts) -> None:
    """Passwords that an operator wrote into a command or an option are in no output either."""
    settings = load(line, facts, "f")
    shown = show_config(settings, {}) + gen_sample(settings)
    assert "hunter2" not in shown
    assert "hunter2" in show_config(settings, {}, show_secrets=True)


def test_recorded_settings_come_back(facts: HostFacts) -> None:
    """What a run recorded is, read again, what it was; what later versions add is missing."""
    text = "etcd.environment { 'A' => 'b' }\npostgresql.md5_auth_cidr_addresses ['all']"
    settings = load(text, facts, "f")
    tree = json.loads(json.dumps(document(settings, SECRETS, show_secrets=True)))["chef-backend"]
    assert values(recorded(tree)) == values(settings)
    del tree["etcd"]["snapshot_count"]
    assert values(settings).items() - values(recorded(tree)).items() == {("etcd.snapshot_count", "5000")}


@pytest.mark.parametrize("name", TABLE)
def test_rows(name: str, facts: HostFacts) -> None:
    """Every default is a value of its own type, and every row says what it means."""
    row = TABLE[name]
    default = load("", facts, "f").value(name)
    assert row.meaning.endswith(".")
    assert row.kind.words()
    assert (default is None) == (isinstance(row.kind, Nilable) and not isinstance(row.default, Rule))
    if row.in_sample:
        line = next(line for line in SAMPLE.splitlines() if line.startswith(f"{name} = "))
        assert load(line, facts, "f").value(name) == default


def test_names_do_not_collide() -> None:
    """An old name is never a setting's."""
    assert not {*ALIASES, *OBSOLETE} & set(TABLE)
    assert set(ALIASES.values()) <= set(TABLE)


def test_reference_page() -> None:
    """The page holds each setting once, and the same text each time."""
    page = tables()
    assert page == tables()
    for name in TABLE:
        assert page.count(f"\n| `{name}` |") == 1
