"""A look at logs that goes on until the operator has seen enough."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from chef_backend.base.errors import CommandFailed
from chef_backend.base.proc import BASE_ENVIRONMENT


def follow(files: Iterable[Path]) -> NoReturn:
    """Become GNU tail, which shows the files' ends and what is added, whatever file has their names by then."""
    program = shutil.which("tail", path=BASE_ENVIRONMENT["PATH"])
    if program is None:
        raise CommandFailed("there is no program tail on this system", hint="install coreutils")
    argv = [program, "--follow=name", "--retry", "--", *map(str, files)]
    os.execve(program, argv, dict(BASE_ENVIRONMENT))  # noqa: S606 - an argv list, no shell
