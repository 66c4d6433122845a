"""The checks by name: the folder's listing, spelled out so that types stay checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from omnibuild.checks import (
    architecture,
    build_paths,
    collisions,
    empty_directories,
    glibc_floor,
    hardening,
    intact,
    interpreters,
    licences,
    linkage,
    names,
    opt_outs,
    package_note,
    permissions,
    rpath,
    secrets,
    symlinks,
    undeclared_dependencies,
    unused_dependencies,
)
from omnibuild.checks.base import Check, Rule, Severity
from omnibuild.checks.release_gate import GATES
from omnibuild.errors import InvalidInput
from omnibuild.lineup.model import Policy
from omnibuild.spelling import did_you_mean

_MODULES: tuple[Check, ...] = (
    intact,
    names,
    permissions,
    symlinks,
    collisions,
    empty_directories,
    architecture,
    linkage,
    rpath,
    glibc_floor,
    package_note,
    hardening,
    undeclared_dependencies,
    unused_dependencies,
    interpreters,
    build_paths,
    secrets,
    licences,
)

CHECKS: Mapping[str, Check] = MappingProxyType({check.NAME: check for check in _MODULES})

RULES: Mapping[str, Rule] = MappingProxyType(
    {**CHECKS, opt_outs.NAME: opt_outs, **{gate.NAME: gate for gate in GATES}},
)
"""All that ``--explain`` knows and whose severity a line-up may set: checks, gates, opt_outs."""


def require_known(names: Iterable[str], among: Collection[str] = RULES) -> None:
    """Raise InvalidInput for a name that is no check's."""
    for name in names:
        if name not in among:
            raise InvalidInput(f"there is no check called {name!r}", hint=did_you_mean(name, among))


def severity_of(rule: Rule, policy: Policy) -> Severity:
    """Return the tier of a rule under a line-up's policy."""
    return Severity(policy.severity.get(rule.NAME, rule.SEVERITY))
