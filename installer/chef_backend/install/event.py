"""What happens to the package, read from the arguments that dpkg or rpm give its scriptlets. Pure.

https://www.debian.org/doc/debian-policy/ch-maintainerscripts.html and
https://rpm-software-management.github.io/rpm/manual/scriptlet_expansion.html (there the number of versions
of the package that will be installed when all is done: an upgrade runs the new scripts with 2, the old ones with 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Script(StrEnum):
    """A scriptlet that can use the embedded Python."""

    POSTINST = "postinst"
    PRERM = "prerm"


class Kind(StrEnum):
    """What happens."""

    INSTALL = "install"
    REINSTALL = "reinstall"
    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    ABORT = "abort"
    REMOVE = "remove"
    NOTHING = "nothing"

    @property
    def configures(self) -> bool:
        """Whether the event's version is this node's from then on."""
        return self in {Kind.INSTALL, Kind.REINSTALL, Kind.UPGRADE, Kind.DOWNGRADE}


class Format(StrEnum):
    """Whose arguments they were."""

    DEB = "deb"
    RPM = "rpm"


@dataclass(frozen=True, slots=True)
class Event:
    """What happens, to which version; `old` is the one this node had last, "" when it had none."""

    kind: Kind
    new: str
    old: str = ""
    format: Format = Format.DEB


_ABORTS = frozenset({"abort-upgrade", "abort-remove", "abort-deconfigure"})


def read_event(script: Script, version: str, arguments: tuple[str, ...], *, last: str, allowed: str) -> Event:
    """Return what the arguments mean for the package `version`.

    `last` is the version that was configured on this node last, before a removal too (dpkg and rpm do not tell it
    then); `allowed` the one for which root has allowed a downgrade.
    """
    word = arguments[0] if arguments else ""
    format_ = Format.RPM if word.isdecimal() else Format.DEB
    known = last or (arguments[1] if format_ is Format.DEB and word == "configure" and len(arguments) > 1 else "")
    return Event(_kind(script, word, version, known, allowed), version, known, format_)


def _kind(script: Script, word: str, new: str, old: str, allowed: str) -> Kind:
    match script, word:
        case Script.POSTINST, "configure" | "1" | "2":
            return _configured(new, old, allowed)
        case Script.POSTINST, _ if word in _ABORTS:
            return Kind.ABORT
        case Script.PRERM, "remove" | "0":
            return Kind.REMOVE
        case _:
            return Kind.NOTHING


def _configured(new: str, old: str, allowed: str) -> Kind:
    if not old:
        return Kind.INSTALL
    if old == new:
        return Kind.REINSTALL
    return Kind.DOWNGRADE if allowed == new else Kind.UPGRADE
