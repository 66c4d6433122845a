"""Every failure a user can meet: one class per thing they would do differently.

Each carries a message (what, where, expected against found), an optional hint (the next
step) and the process's exit code. Exit codes are part of the interface and are listed in
docs/reference/exit-codes.md, which a test compares with this module.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Failed:
    """A component that could not be made, and its build's log ("" if it was not begun)."""

    component: str
    log: str = ""


class OmnibuildError(Exception):
    """Root of all expected errors; caught once, in the command's entry point.

    ``failed`` are the components that it is about, where it is known.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.failed: tuple[Failed, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the error as plain data."""
        failed = [asdict(item) for item in self.failed]
        return {"code": self.exit_code, "message": self.message, "hint": self.hint, "failed": failed}


class InvalidInput(OmnibuildError):
    """A recipe, line-up, lock or option is wrong: edit the named file."""

    exit_code = 2


class SourceUnavailable(OmnibuildError):
    """No location delivered the source: check the network, or use --mirror-dir."""

    exit_code = 3


class ChecksumMismatch(OmnibuildError):
    """A location delivered other bytes than the recipe pins: find out why before going on."""

    exit_code = 4


class UnsafeArchive(OmnibuildError):
    """An archive has a member that would land outside its own folder."""

    exit_code = 5


class BuildFailed(OmnibuildError):
    """A component's command failed: read its log, enter its tree with `omnibuild shell`."""

    exit_code = 6


class CheckFailed(OmnibuildError):
    """The built prefix breaks a rule: fix the recipe, or opt out with a reason."""

    exit_code = 7


class StoreDamaged(OmnibuildError):
    """A stored object no longer matches its name and could not be rebuilt by itself."""

    exit_code = 8


class StoreBusy(OmnibuildError):
    """Another build holds what this one needs: wait for it, or stop it."""

    exit_code = 9


class HostLacks(OmnibuildError):
    """The host lacks a program, a right or disk space: run `omnibuild doctor`."""

    exit_code = 10


class PackageMismatch(OmnibuildError):
    """A written package differs from what was asked for: a defect of a packager."""

    exit_code = 11


class LockStale(OmnibuildError):
    """The lock no longer matches recipes and line-up: run `omnibuild lock`."""

    exit_code = 12


class PackagingFailed(OmnibuildError):
    """The packager, or a tool that reads packages back, gave up: its last lines say why."""

    exit_code = 13


class Interrupted(OmnibuildError):
    """The user pressed Ctrl-C, or the process was asked to end (128 + SIGINT)."""

    exit_code = 130
