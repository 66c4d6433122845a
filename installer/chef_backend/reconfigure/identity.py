"""Who this node is: made once, kept for as long as its data is."""

from __future__ import annotations

import json
import re
from ipaddress import ip_address

from chef_backend.base.errors import Conflict
from chef_backend.base.paths import Paths
from chef_backend.config.model import Settings
from chef_backend.resources.host import Host, Kind
from chef_backend.resources.model import File
from chef_backend.roles.node import Identity
from chef_backend.secrets.generate import Entropy

FORMAT = 1
_GUID = re.compile(r"[0-9a-f]{32}")
_GUID_BYTES = 16


def read_guid(host: Host, paths: Paths) -> str:
    """Return the GUID that this node has, "" when it has none yet; Conflict when its file is damaged."""
    path = paths.identity
    found = host.observe(path)
    if found.kind is Kind.MISSING:
        return ""
    try:
        guid = str(json.loads(found.content)["guid"])
    except (ValueError, KeyError, TypeError):
        guid = ""
    if not _GUID.fullmatch(guid):
        raise Conflict(
            f"{path} does not say who this node is: a GUID of 32 hexadecimal digits is expected",
            hint=f"{paths.leaderl_config} and `chef-backend-ctl cluster-status` on another node have it, too: "
            f'write {{"format": {FORMAT}, "guid": "..."}} into it',
        )
    return guid


def identity(guid: str, settings: Settings, entropy: Entropy) -> Identity:
    """Return who this node is, with a new GUID where it has none; its name is the first part of its host name."""
    return Identity(guid or entropy(_GUID_BYTES).hex(), _name(settings.text("fqdn")))


def identity_file(found: Identity, paths: Paths) -> File:
    """Return the file that keeps it."""
    document = {"format": FORMAT, "guid": found.guid, "name": found.name}
    return File(path=paths.identity, content=json.dumps(document).encode() + b"\n")


def _name(fqdn: str) -> str:
    try:
        return str(ip_address(fqdn))
    except ValueError:
        return fqdn.partition(".")[0]
