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
