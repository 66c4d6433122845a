"""What `reconfigure --dry-run` says."""

from __future__ import annotations

import json
from dataclasses import replace

from made import created

from chef_backend.reconfigure.database import certificate_due
from chef_backend.reconfigure.fake import FakeNode
from chef_backend.reconfigure.preview import preview_json, preview_text
from chef_backend.reconfigure.run import preview

CHANGED = """
postgresql.max_connections = 400
postgresql.work_mem = '9MB'
etcd.snapshot_count = 6000
etcd.environment = {'ETCD_X' => 'y'}
elasticsearch.enable = false
"""
SHOWN = """\
update    /etc/chef-backend/chef-backend-running.json (file)
          (content differs, hidden)
update    /opt/chef-backend/sv/etcd/env/ETCD_SNAPSHOT_COUNT (file, etcd: restart)
          --- is
          +++ will be
          @@ -1 +1 @@
          -5000
          +6000
create    /opt/chef-backend/sv/etcd/env/ETCD_X (file root:root 0640, etcd: restart)
update    /var/opt/chef-backend/postgresql/15/data/postgresql.conf (file, postgresql: restart)
          --- is
          +++ will be
          @@ -19,3 +19,3 @@
           logging_collector = off
          -max_connections = 350
          +max_connections = 400
           max_replication_slots = 12
          @@ -40,3 +40,3 @@
           wal_log_hints = 'on'
          -work_mem = '8MB'
          +work_mem = '9MB'
           include_dir = 'conf.d'
remove    /opt/chef-backend/service/elasticsearch (link)

services:
  etcd        restart
  postgresql  restart

settings of PostgreSQL:
  max_connections: 350 → 400 (restart)
  work_mem: '8MB' → '9MB' (reload)
elasticsearch: it would be stopped, and not start again
certificate for replication: it ends soon, it would be made
note: PostgreSQL is reloaded by this, and restarted only with --apply-restarts or by chef-backend-ctl restart postgresql
"""


def changed() -> FakeNode:
    node = created()
    node.text = CHANGED
    node.maker.ends_at = node.clock.now().timestamp() + 60
    return node


def shown(node: FakeNode, *, hide_sensitive: bool = True) -> str:
    situation, plan = preview(node.machine)
    return preview_text(
        plan, situation.node, certificate_due(node.machine, situation.node), hide_sensitive=hide_sensitive
    )


def test_it_reads_as_old_new_effect_by_service() -> None:
    assert shown(changed()) == SHOWN


def test_it_says_when_there_is_nothing_to_do() -> None:
    assert shown(created()) == "Nothing would be changed.\n"


def test_what_earlier_runs_left_to_do_is_part_of_it() -> None:
    node = created()
    receipt = node.host.tree[node.paths.receipt]
    text = receipt.content.replace(
        b'"pending": {}', b'"pending": {"etcd": {"effect": "restart", "since": 9e9, "because": []}}'
    )
    node.host.add(node.paths.receipt, replace(receipt, content=text))
    assert shown(node) == "\nservices:\n  etcd  restart\n"


def test_a_program_reads_the_same() -> None:
    node = changed()
    situation, plan = preview(node.machine)
    found = preview_json(plan, situation.node, certificate_due(node.machine, situation.node), hide_sensitive=True)
    assert found["effects"] == {"etcd": "restart", "postgresql": "restart"}
    assert found["settings"]["postgresql"] == [
        {"name": "max_connections", "old": "350", "new": "400", "effect": "restart"},
        {"name": "work_mem", "old": "'8MB'", "new": "'9MB'", "effect": "reload"},
    ]
    assert (found["stopped"], found["certificate"], found["empty"]) == (["elasticsearch"], "it ends soon", False)
    assert [change["subject"] for change in found["changes"]] == [
        line.split()[1] for line in SHOWN.splitlines() if line.startswith(("update", "create", "remove"))
    ]


def test_secrets_are_hidden_unless_the_settings_say_otherwise() -> None:
    """A new password in the secrets file changes three more: neither the old nor the new one is shown."""
    node = created()
    found = node.host.tree[node.paths.secrets]
    old = json.loads(found.content)["postgresql"]["replication_password"]
    node.host.add(node.paths.secrets, replace(found, content=found.content.replace(old.encode(), b"sesame-new")))
    situation, plan = preview(node.machine)
    document = json.dumps(preview_json(plan, situation.node, None, hide_sensitive=True))
    for secret in (old, "sesame-new"):
        assert secret not in shown(node) + document
        assert secret in shown(node, hide_sensitive=False)
    first = FakeNode()
    situation, plan = preview(first.machine)
    assert plan.changes
    assert (b"\x07" * 50).hex() not in shown(first) + json.dumps(
        preview_json(plan, situation.node, None, hide_sensitive=True)
    )
