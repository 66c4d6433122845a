"""The files of /etc/chef-backend that hold secrets: the cluster's, and the merged settings of this run."""

from __future__ import annotations

import json
from typing import Any

from chef_backend.base.secret import Secret
from chef_backend.resources.model import File, Resource
from chef_backend.roles.node import Node
from chef_backend.roles.supervision import SERVICES
from chef_backend.secrets.modes import RUNNING_FILE, SECRETS_FILE


def secret_files(node: Node) -> list[Resource]:
    """Return the secrets file and chef-backend-running.json."""
    group = node.settings.text("leaderl.runsv_group")
    return [
        File(
            path=node.paths.secrets,
            content=node.secrets.document,
            owner=SECRETS_FILE.owner,
            group=group,
            mode=SECRETS_FILE.mode,
        ),
        File(
            path=node.paths.running,
            content=running(node),
            owner=node.settings.text("leaderl.username"),
            group=group,
            mode=RUNNING_FILE.mode,
        ),
    ]


def running(node: Node) -> Secret:
    """Return chef-backend-running.json: every setting with the secrets among them, as other people's tools read it."""
    tree: dict[str, Any] = node.settings.nested(hide=False)
    secrets = node.secrets
    tree["postgresql"]["db_superuser_password"] = secrets.db_superuser_password.reveal()
    tree["postgresql"]["replication_password"] = secrets.replication_password.reveal()
    tree["etcd"]["initial_cluster_token"] = secrets.initial_cluster_token.reveal()
    tree["elasticsearch"]["cluster_name"] = secrets.cluster_name
    document = {
        "chef-backend": tree,
        "run_list": [f"recipe[chef-backend::{service}]" for service in SERVICES],
        "runit": {"sv_dir": str(node.paths.sv), "service_dir": str(node.paths.service)},
    }
    return Secret(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
