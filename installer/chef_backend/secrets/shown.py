"""The secrets as `show-config` has them: by section and name."""

from __future__ import annotations

import json

from chef_backend.base.secret import Secret
from chef_backend.secrets.model import CLUSTER_NAME, PLACES
from chef_backend.secrets.store import Loaded


def values(loaded: Loaded) -> dict[str, dict[str, Secret | str]]:
    """Return the values that the secrets file has; what is yet to be made is left out."""
    document = json.loads(loaded.secrets.document.reveal())
    found: dict[str, dict[str, Secret | str]] = {}
    for section, key in PLACES:
        if f"{section}.{key}" not in loaded.made:
            value = document[section][key]
            found.setdefault(section, {})[key] = value if (section, key) == CLUSTER_NAME else Secret(value)
    return found
