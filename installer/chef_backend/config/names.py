"""What an unknown name was probably meant to be."""

from __future__ import annotations

import difflib

from chef_backend.config.masking import is_secret_name
from chef_backend.config.table import ALIASES, OBSOLETE, SECTIONS, TABLE

_CLOSE = 0.6


def unknown_name(name: str) -> tuple[str, str]:
    """Return message and hint for a name that is no setting."""
    inner = sorted(each for each in TABLE if each.startswith(f"{name}."))
    if inner:
        return f"{name} is a section, not a setting", f"it has {_listed(inner)}"
    outer = name
    while "." in outer:
        outer = outer.rpartition(".")[0]
        if outer in TABLE:
            return f"{outer} is a setting and has none inside it", f"write {outer} 'value'"
    if is_secret_name(name):
        hint = "passwords are in /etc/chef-backend/chef-backend-secrets.json, never in this file"
        return f"{name} is no setting", hint
    close = _close(name)
    if close:
        return f"{name} is no setting", f"did you mean {close}?"
    section = name.partition(".")[0]
    if section in SECTIONS and "." in name:
        return f"{name} is no setting", f"{section} has {_listed([row.name for row in SECTIONS[section]])}"
    return f"{name} is no setting", "`chef-backend-ctl gen-sample-backend-config` prints all settings"


def _close(name: str) -> str:
    known = [*TABLE, *ALIASES, *OBSOLETE]
    last = name.rpartition(".")[2]
    same_last = [each for each in TABLE if each.rpartition(".")[2] == last]
    if len(same_last) == 1:
        return same_last[0]
    found = difflib.get_close_matches(name, same_last or known, 1, _CLOSE) or difflib.get_close_matches(
        name, known, 1, _CLOSE
    )
    return ALIASES.get(found[0], found[0]) if found else ""


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:6])
    return f"{shown}, …" if len(names) > 6 else shown  # noqa: PLR2004 - a line's worth
