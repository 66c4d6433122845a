"""What the checks of settings against each other see, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chef_backend.config.facts import HostFacts
from chef_backend.config.values import Value


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that settings say together; the first of them that is in the file is where it is shown."""

    settings: tuple[str, ...]
    message: str
    hint: str
    fatal: bool = True


@dataclass(frozen=True, slots=True)
class View:
    """All values, and the node they are for."""

    values: Mapping[str, Value]
    facts: HostFacts

    def number(self, name: str) -> int:
        """Return a whole number."""
        value = self.values[name]
        if not isinstance(value, int):
            raise TypeError(name)
        return value

    def text(self, name: str) -> str:
        """Return a text; empty for nil."""
        value = self.values[name]
        return value if isinstance(value, str) else ""
