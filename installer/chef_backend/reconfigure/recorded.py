"""What a node was last configured with, for what must work when its configuration does not."""

from __future__ import annotations

import json

from chef_backend.base.paths import Paths
from chef_backend.config.load import recorded
from chef_backend.config.model import Settings
from chef_backend.resources.host import Host


def last_settings(host: Host, paths: Paths) -> Settings:
    """Return the settings of the last reconfigure; none of them where it left no file that can be read."""
    try:
        tree = json.loads(host.observe(paths.running).content)["chef-backend"]
    except (ValueError, KeyError, TypeError):
        tree = {}
    return recorded(tree if isinstance(tree, dict) else {})
