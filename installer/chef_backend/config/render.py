"""The settings as commands show them: `show-config`, `gen-sample-backend-config` and the reference page."""

from __future__ import annotations

import json
from collections.abc import Mapping

from chef_backend.base.secret import MASK, Secret
from chef_backend.config.model import Settings
from chef_backend.config.table import SECTIONS
from chef_backend.config.values import as_ruby

# The secrets file's tree: section, name, value.
SecretTree = Mapping[str, Mapping[str, Secret | str]]
TOP_KEY = "chef-backend"


def document(settings: Settings, secrets: SecretTree, *, show_secrets: bool = False) -> dict[str, object]:
    """Return all settings as one tree under `chef-backend`, with the secrets in their sections, hidden unless asked."""
    tree = settings.nested(hide=not show_secrets)
    for section, values in secrets.items():
        folder = tree.setdefault(section, {})
        if not isinstance(folder, dict):
            raise TypeError(section)
        for name, value in values.items():
            folder[name] = _shown(value, show_secrets=show_secrets)
    return {TOP_KEY: tree}


def show_config(settings: Settings, secrets: SecretTree, *, show_secrets: bool = False) -> str:
    """Return the text of `show-config`: JSON, sorted, with a line break at its end."""
    found = document(settings, secrets, show_secrets=show_secrets)
    return json.dumps(found, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def gen_sample(settings: Settings) -> str:
    """Return a configuration file that sets every setting to its value here, in the sample's order and form."""
    lines = [
        f"{row.name} = {as_ruby(settings.value(row.name))}"
        for rows in SECTIONS.values()
        for row in rows
        if row.in_sample
    ]
    return "\n".join(lines) + "\n"


def _shown(value: Secret | str, *, show_secrets: bool) -> str:
    if isinstance(value, str):
        return value
    return value.reveal() if show_secrets else MASK
