"""Every failure an operator can meet: one class per thing they would do differently.

Each carries a message (what, where, expected against found), an optional hint (the next
step) and the process's exit code.
"""

from __future__ import annotations

from typing import ClassVar


class ChefBackendError(Exception):
    """Root of all expected errors; caught once, in the command's entry point."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotInstalled(ChefBackendError):
    """This Python holds no chef-backend distribution: reinstall the package."""

    exit_code = 2


class InvalidSecrets(ChefBackendError):
    """The secrets file is unreadable, malformed, too open or gone: correct it, or bring it back."""

    exit_code = 4


class CommandFailed(ChefBackendError):
    """A program ended with an error, by a signal, or too late: its last lines say why."""

    exit_code = 5


class WriteFailed(ChefBackendError):
    """A file could not be written (disk full, read-only, denied); the old one is as it was."""

    exit_code = 6


class UnsafePath(ChefBackendError):
    """Something on the way to a file is not what may be there: look at it before going on."""

    exit_code = 7


class Busy(ChefBackendError):
    """Another run holds what this one needs: wait for it."""

    exit_code = 9


class NotPermitted(ChefBackendError):
    """The caller lacks a right: run the command as root."""

    exit_code = 10


class Conflict(ChefBackendError):
    """The wanted state contradicts itself or what is on this node: nothing was changed."""

    exit_code = 11


class TimedOut(ChefBackendError):
    """What was waited for did not come in its time."""

    exit_code = 12


class LicenseNotAccepted(ChefBackendError):
    """The licence is not accepted: read it, then pass --accept-license or type yes."""


class ServiceFailed(ChefBackendError):
    """A service does not start or stop: its log says why."""

    exit_code = 13


class UnknownService(ChefBackendError):
    """No service has that name: take one that `chef-backend-ctl service-list` shows."""


class NotAMember(ChefBackendError):
    """This node is in no cluster: create one, or join one."""

    exit_code = 14


class AlreadyConfigured(ChefBackendError):
    """This node is in a cluster already: nothing was changed."""

    exit_code = 15


class InvalidBackup(ChefBackendError):
    """A backup is damaged, incomplete, of another software or does not fit this node: use another."""

    exit_code = 16


class Unhealthy(ChefBackendError):
    """What the node needs of its host is not there: do what each finding says, then run the command again."""

    exit_code = 19
