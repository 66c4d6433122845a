"""What every command is told: how much to say, where the node's files are, and whether root calls."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field

from chef_backend.base.errors import NotPermitted
from chef_backend.base.paths import Paths
from chef_backend.ctl.lastword import process_age_s


@dataclass(frozen=True, slots=True)
class Session:
    """One call of chef-backend-ctl, which began `age_s` ago."""

    quiet: bool = False
    verbose: bool = False
    paths: Paths = field(default_factory=Paths)
    user_id: Callable[[], int] = os.geteuid
    age_s: Callable[[], float] = process_age_s

    def require_root(self, word: str) -> None:
        """Raise NotPermitted unless root calls."""
        if self.user_id() != 0:
            raise NotPermitted(
                f"`chef-backend-ctl {word}` needs root's rights", hint=f"sudo chef-backend-ctl {word} ..."
            )
