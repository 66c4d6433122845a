"""The texts of `templates/`, filled in."""

from __future__ import annotations

import shlex
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def fill(template: str, **values: object) -> bytes:
    """Return a template's text with these values; a name that is missing is an error."""
    return _environment().get_template(template).render(**values).encode()


@cache  # of compiled templates: compiling them was half of a reconfigure that changes nothing
def _environment() -> Environment:
    environment = Environment(  # noqa: S701 - shell scripts and settings, not HTML
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["sh"] = lambda value: shlex.quote(str(value))
    return environment
