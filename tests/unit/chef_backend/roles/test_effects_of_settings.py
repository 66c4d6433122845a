"""What the table says of a changed setting is what a reconfigure does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from nodes import GUID, node

from chef_backend.base.errors import ChefBackendError
from chef_backend.config.kinds.amounts import Amount
from chef_backend.config.kinds.base import Kind
from chef_backend.config.kinds.files import Environment, Options, Paths
from chef_backend.config.kinds.files import Path as PathKind
from chef_backend.config.kinds.simple import Choice, Flag, Fraction, Integer
from chef_backend.config.table import TABLE
from chef_backend.config.values import Value, as_ruby
from chef_backend.postgresql.versions import version
from chef_backend.reconfigure.identity import identity
from chef_backend.resources.apply import apply, read_receipt
from chef_backend.resources.desired import Desired, settle
from chef_backend.resources.effects import Effect, merged
from chef_backend.resources.fake import FakeHost
from chef_backend.resources.host import Kind as HostKind
from chef_backend.resources.host import Observed
from chef_backend.resources.plan import Plan, make_plan
from chef_backend.resources.view import look
from chef_backend.roles.desired import desired

RECEIPT = Path("/receipt.json")
PAIR = "ssl.certificate '/root/tls/one.crt'\nssl.certificate_key '/root/tls/one.key'\n"
# What a value must be for the others to fit it, or to be another one at all.
OTHERS = {
    "fqdn": "fqdn 'be2.example.com'\n",
    "ip_version": "ip_version 'ipv6'\n",
    "publish_address": "publish_address '10.0.2.16'\n",
    "etcd.client_port": "etcd.client_port 2479\n",
    "etcd.heartbeat_interval": "etcd.heartbeat_interval 400\n",
    "postgresql.archive_command": "postgresql.archive_command 'true'\n",
    "postgresql.md5_auth_cidr_addresses": "postgresql.md5_auth_cidr_addresses ['all']\n",
    "leaderl.http_address": "leaderl.http_address '10.0.2.15'\n",
    "leaderl.health_check.interval_seconds": "leaderl.health_check.interval_seconds 4\n",
    "leaderl.etcd_pool.ibrowse_options": "leaderl.etcd_pool.ibrowse_options 'none'\n",
    "leaderl.etcd_pool.init_count": "leaderl.etcd_pool.init_count 9\n",
    "ssl.certificate": PAIR,
    "ssl.certificate_key": PAIR,
    "ssl.ciphers": "ssl.ciphers 'ECDHE+AESGCM'\n",
    "ssl.company_name": "ssl.company_name 'Other'\n",
    "ssl.country_name": "ssl.country_name 'DE'\n",
    "ssl.organizational_unit_name": "ssl.organizational_unit_name 'Other'\n",
}
ONE_VALUE = {"postgresql.hot_standby": "'off'", "postgresql.wal_log_hints": "'off'"}
CHANGEABLE = sorted(name for name, row in TABLE.items() if not row.fixed and name not in ONE_VALUE)


def another(kind: Kind, value: Value) -> Value:
    """Return another legal value of a kind."""
    match kind, value:
        case Integer(), int():
            return value + 1 if kind.high is None or value < kind.high else value - 1
        case Flag(), bool():
            return not value
        case Fraction(), float():
            return value / 2
        case Choice(), _:
            return next(each for each in reversed(kind.values) if each != value)
        case Amount(), _:
            return kind.smallest(value) // kind.base + 1
        case PathKind(), str():
            return f"{value.rstrip('/')}/other"
        case ((Paths() | Options()), _):
            return ("/var/tmp",)
        case Environment(), _:
            return {"OTHER": "1"}
        case _:
            raise NotImplementedError(kind)


def wanted(text: str, major: str) -> Desired:
    found = node(text, major=major, is_member=True)
    return settle(desired(replace(found, identity=identity(GUID, found.settings, bytes))))


def plan(host: FakeHost, state: Desired) -> Plan:
    receipt = read_receipt(host, RECEIPT)
    return make_plan(state, look(host, state, receipt), receipt)


@pytest.fixture(scope="module", params=["9.5", "15"])
def configured(request: pytest.FixtureRequest) -> tuple[FakeHost, str]:
    """A node with the defaults, to which no service owes anything, and its PostgreSQL's version."""
    host, state = FakeHost(), wanted("", request.param)
    for path in state.places:
        if path.parent not in state.places:
            host.add(path.parent, Observed(HostKind.FOLDER, mode=0o755))
    apply(plan(host, state), host, receipt=RECEIPT, now=lambda: 1.0, on_step=lambda _step: None)
    return host, request.param


@pytest.mark.parametrize("name", CHANGEABLE)
def test_a_changed_setting_asks_of_services_what_the_table_says(name: str, configured: tuple[FakeHost, str]) -> None:
    """No more, and no less."""
    host, major = configured
    value = node(major=major).settings.value(name)
    text = OTHERS.get(name) or f"{name} {as_ruby(another(TABLE[name].kind, value))}\n"
    effects: Mapping[str, Effect] = {}
    for change in plan(host, wanted(text, major)).changes:
        effects = merged(effects, change.effects)
    said = TABLE[name].effects_on(version(major))
    assert {each: effect.value for each, effect in effects.items()} == {each: said[each].value for each in said}


@pytest.mark.parametrize("name", ONE_VALUE)
def test_a_setting_with_one_value_cannot_be_changed(name: str) -> None:
    """So nothing is said of its change."""
    with pytest.raises(ChefBackendError, match=name):
        node(f"{name} {ONE_VALUE[name]}")
    assert not TABLE[name].effects


def test_nothing_is_said_of_the_change_of_a_fixed_setting() -> None:
    """It is refused."""
    assert not [name for name, row in TABLE.items() if row.fixed and row.effects]
