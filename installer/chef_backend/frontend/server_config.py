"""chef-server.rb for a frontend: where the backend's nodes are, and how to log in to its database. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chef_backend.base.secret import Secret
from chef_backend.roles.node import Node

# What a frontend takes without being told, and so is written only where it differs here.
_KNOWN_PORTS: Final = (("leaderl_healthcheck_port", "leaderl.http_port", 7331), ("etcd_port", "etcd.client_port", 2379))
_REST: Final = """\
# Search is done by the backend's Elasticsearch; in batches, which need no message queue.
opscode_solr4['external'] = true
opscode_solr4['external_url'] = 'http://127.0.0.1:9200'
opscode_erchef['search_provider'] = 'elasticsearch'
opscode_erchef['search_queue_mode'] = 'batch'

# Cookbooks are kept in the database, where every frontend finds them.
bookshelf['storage_type'] = :sql

# Nothing is queued, so nothing of the queue runs.
rabbitmq['enable'] = false
rabbitmq['management_enabled'] = false
rabbitmq['queue_length_monitor_enabled'] = false

# Nothing is left to do for what reads the queue.
opscode_expander['enable'] = false
dark_launch['actions'] = false

# Links to cookbooks stay the same for half of their time, so that they can be cached.
opscode_erchef['nginx_bookshelf_caching'] = :on
opscode_erchef['s3_url_expiry_window_size'] = '50%'
"""


def server_config(fqdn: str, node: Node, members: Iterable[str]) -> Secret:
    """Return the file for the frontend of that name; it holds the superuser's password."""
    settings = node.settings
    listed = ", ".join(f'"{address}"' for address in members)
    text = f"""\
fqdn "{fqdn}"

# The nodes of the backend; a frontend asks them for all others.
use_chef_backend true
chef_backend_members [{listed}]

# HAProxy on this frontend leads to the node that is the leader now.
haproxy['remote_postgresql_port'] = {settings.integer("postgresql.port")}
haproxy['remote_elasticsearch_port'] = {settings.integer("elasticsearch.port")}
{_other_ports(node)}
# PostgreSQL is reached through HAProxy, and none is made here.
postgresql['external'] = true
postgresql['vip'] = '127.0.0.1'
postgresql['db_superuser'] = {_quoted(settings.text("postgresql.db_superuser"))}
postgresql['db_superuser_password'] = {_quoted(node.secrets.db_superuser_password.reveal())}

{_REST}"""
    return Secret(text)


def _other_ports(node: Node) -> str:
    lines = [
        f"haproxy['{name}'] = {node.settings.integer(setting)}\n"
        for name, setting, known in _KNOWN_PORTS
        if node.settings.integer(setting) != known
    ]
    return "".join(lines)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
