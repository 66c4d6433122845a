"""What a cleanse tells the operator, before and after it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chef_backend.base.paths import Paths
from chef_backend.removal.cleanse import Outcome

_SHOWN: Final = 20


def warning_lines(paths: Paths) -> Iterator[str]:
    """Yield what is about to be deleted."""
    yield "This stops all services of this node, and deletes"
    yield from (f"  {path}" for path in (paths.etc, paths.data, paths.logs))
    yield f"and what reconfigure made in {paths.install}. There is no way back but a backup."
    yield f"Kept are a copy of the configuration in {paths.home}, and the backups in {paths.backups}."


def closing_lines(outcome: Outcome, paths: Paths) -> Iterator[str]:
    """Yield what was not deleted, where the configuration is, and what to type next."""
    if outcome.left:
        yield "Not deleted:"
        yield from (f"  {each.path}: {each.reason}" for each in outcome.left[:_SHOWN])
        if len(outcome.left) > _SHOWN:
            yield f"  and {len(outcome.left) - _SHOWN} more"
    yield "This node is cleansed."
    for folder in outcome.saved:
        yield f"Your config files have been backed up to {folder}."
    if outcome.saved:
        yield "To make the node anew with them:"
        yield f"  mkdir {paths.etc}"
        # All of them: an interrupted run had deleted a part of what the next one saved.
        yield from (f"  cp -a {folder}/. {paths.etc}/" for folder in outcome.saved)
        yield "  chef-backend-ctl create-cluster"
