"""The gate before the first change of a node: the licence is accepted once, by option or by typing yes."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from chef_backend.base.atomic import translated, write_file
from chef_backend.base.errors import LicenseNotAccepted
from chef_backend.base.folders import Access, make_folder
from chef_backend.base.paths import Paths
from chef_backend.ctl.prompts import Person

_HINT = "run it again with --accept-license, or at a terminal"


def require_licence(paths: Paths, person: Person, *, accepted: bool) -> None:
    """Return when the licence is accepted or the package has none to accept; LicenseNotAccepted otherwise.

    Automation makes the file `.license.accepted` by itself: that counts too.
    """
    if not paths.license.exists() or paths.license_accepted.exists():
        return
    if not accepted:
        _ask(paths.license, person)
    _record(paths.license_accepted)


def _ask(licence: Path, person: Person) -> None:
    if not person.is_there():
        raise LicenseNotAccepted(f"the licence in {licence} is not accepted yet; nothing was changed", hint=_HINT)
    answer = person.ask(f"This software is used under the licence in {licence}.\nType `yes` to accept it:")
    if answer != "yes":
        raise LicenseNotAccepted(f"the licence in {licence} was not accepted; nothing was changed", hint=_HINT)


def _record(guard: Path) -> None:
    owner = os.geteuid(), os.getegid()
    missing = [folder for folder in (guard.parent, *guard.parent.parents) if not folder.exists()]
    with translated(guard.parent):
        for folder in reversed(missing):
            with suppress(FileExistsError):
                make_folder(folder, Access(*owner, 0o755))
    write_file(guard, b"", Access(*owner, 0o644))
