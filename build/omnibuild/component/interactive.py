"""Runs a shell, or one command, in a build's sandbox on the user's own terminal."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from omnibuild.sandbox.run import Sandbox
from omnibuild.sandbox.spec import Isolation, SandboxSpec, Step


@dataclass(frozen=True, slots=True)
class Place:
    """Where to be: at a step of a component's build, after the steps of ``prelude`` were run."""

    name: str
    step: int
    jobs: int
    prelude: tuple[Step, ...] = ()


def enter(spec: SandboxSpec, argv: tuple[str, ...], place: Place) -> int:
    """Run ``argv`` (a shell when empty) where a step of the build would run; return its exit code.

    Environment and working directory are the step's; make works on its own, as the build's pool
    of jobs is gone.
    """
    like = spec.steps[place.step]
    environment = like.env | {
        "MAKEFLAGS": f"-j{place.jobs}",
        "TERM": os.environ.get("TERM", "dumb"),
        "PS1": f"[omnibuild {place.name}] \\w\\$ ",
        "HISTFILE": "",
    }
    command = argv or _shell(spec)
    inside = replace(spec, steps=(*place.prelude, Step(command, like.cwd, environment)), owners={})
    # Ctrl-C is meant for what runs in the shell; the shell ends by `exit`.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        result = Sandbox(inside, sys.stdout.buffer, tty=True).wait()
    finally:
        signal.signal(signal.SIGINT, before)
    status = result.status if result.failed_step is not None else 0
    return status if status >= 0 else 128 - status


def _shell(spec: SandboxSpec) -> tuple[str, ...]:
    root = Path("/") if spec.isolation is Isolation.NONE else Path(spec.rootfs)
    interactive = ("-i",) if sys.stdin.isatty() else ()
    if (root / "bin/bash").exists():
        return ("/bin/bash", "--noprofile", "--norc", *interactive)
    return ("/bin/sh", *interactive)
