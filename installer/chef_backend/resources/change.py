"""A change to a host, with what it differs in and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chef_backend.resources.effects import Effect
from chef_backend.resources.host import MISSING, Observed
from chef_backend.resources.model import Account, Action, Directory, File, Placed, Symlink


class Verb(StrEnum):
    """What a change does."""

    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Difference:
    """One property that is not as wanted; of a content only that it differs, the bytes are in the change."""

    what: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One step of a plan; `note` tells of somebody else's doing."""

    verb: Verb
    resource: Placed | Account | Action
    found: Observed = MISSING
    differences: tuple[Difference, ...] = ()
    effects: Mapping[str, Effect] = field(default_factory=dict)
    note: str = ""
    hidden: bool = False

    @property
    def subject(self) -> str:
        """What is changed: a path, or the name of an account or action."""
        if isinstance(self.resource, Action):
            return self.resource.name
        return self.resource.name if isinstance(self.resource, Account) else str(self.resource.path)

    @property
    def kind(self) -> str:
        """The sort of thing that is changed, in a word."""
        words = {File: "file", Directory: "folder", Symlink: "link"}
        return words.get(type(self.resource), type(self.resource).__name__.lower())


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that is not changed, and that the operator should know of."""

    subject: str
    text: str
