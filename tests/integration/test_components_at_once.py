"""How many components are built at the same time."""

from __future__ import annotations

from omnibuild import events
from projects import Project, install_text


def _most_at_once(told: list[events.Event]) -> int:
    running = most = 0
    for event in told:
        running += isinstance(event, events.Started) - isinstance(event, events.Finished)
        most = max(most, running)
    return most


def test_components_at_once_limits_components_and_not_make_jobs(project: Project) -> None:
    """With 1, no component starts before the last one ended, although jobs would allow two."""
    for name in ("one", "two", "three"):
        project.recipe(name, install_text(name, "$JOBS"))
    ran = project.build(at_once=1)
    assert len(ran.built) == 3
    assert _most_at_once(ran.events) == 1
