"""A node's settings for a bundle: the values of those that are known to hold no secret, of others that they are set."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from chef_backend.base.errors import ChefBackendError
from chef_backend.bundle.allowed import ALLOWED
from chef_backend.config.model import Settings
from chef_backend.config.problems import ConfigInvalid
from chef_backend.config.values import Value

FORMAT: Final = 1
WITHHELD_TEXT: Final = "(withheld)"
_LAST: Final = "the last reconfigure"


def document(read: Callable[[], Settings], last: Settings) -> bytes:
    """Return the settings of chef-backend.rb as JSON; where it is wrong, in which lines, and the `last` that ran."""
    problems: list[str] = []
    try:
        settings, source = read(), "chef-backend.rb"
    except ConfigInvalid as error:
        # Not what is wrong there: a misplaced secret may be.
        settings, source = last, _LAST
        problems = [f"{problem.file}:{problem.place.line}" for problem in error.problems]
    except ChefBackendError as error:
        settings, source, problems = last, _LAST, [error.message.partition("\n")[0]]
    values = {
        name: {"value": _shown(name, settings.value(name)), "from": str(settings.origin(name))}
        for name in settings.names
    }
    found = {"format": FORMAT, "source": source, "problems": problems, "settings": values}
    return json.dumps(found, indent=1, ensure_ascii=False).encode(errors="replace") + b"\n"


def _shown(name: str, value: Value) -> Any:  # noqa: ANN401 - JSON
    """Return a value as JSON has it; of one that is withheld only whether there is any, and the names of variables."""
    if isinstance(value, Mapping):
        return dict.fromkeys(sorted(value), WITHHELD_TEXT)
    if name not in ALLOWED:
        return WITHHELD_TEXT if value else value
    return list(value) if isinstance(value, tuple) else value
