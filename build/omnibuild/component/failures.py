"""What a failed step of a build is told as: the command, the log's end, and the next step."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from omnibuild.component.environment import BUILD_DIR
from omnibuild.errors import BuildFailed, HostLacks, OmnibuildError
from omnibuild.files import is_full
from omnibuild.recipe.load import RecipeFolder
from omnibuild.sandbox.spec import Step
from omnibuild.tail import last_lines


def describe_status(status: int) -> str:
    """Return an exit status in words: ``exit code 2`` or ``killed by signal 9``."""
    return f"exit code {status}" if status >= 0 else f"killed by signal {-status}"


def failure(loaded: RecipeFolder, step: Step, status: int, log: Path) -> OmnibuildError:
    """Return the error of a failed build step, with what the log's end suggests."""
    name = loaded.recipe.name
    lines = last_lines(log, 12)
    text = "\n".join(lines)
    if "No space left on device" in text or is_full(log.parent):
        return HostLacks(
            f"{name}: the disk is full\n{indent(lines)}", hint="free space, or give --store on another disk"
        )
    hint = f"enter its tree with: omnibuild shell {name}"
    if step.argv[0] == "patch":
        return BuildFailed(
            f"{loaded.place('patches')}: {step.argv[-1].rpartition('/')[2]} does not apply\n{indent(lines)}",
            hint=f"refresh the patch against {name} {loaded.recipe.version}; {hint}",
        )
    if "Read-only file system" in text:
        hint = f"a build may write below the prefix, {BUILD_DIR} and /tmp only; {hint}"
    return BuildFailed(
        f"{name}: {describe_status(status)} from: {' '.join(step.argv)}\n"
        f"  in {step.cwd}; the last lines of {log}:\n{indent(lines)}",
        hint=hint,
    )


def indent(lines: Iterable[str]) -> str:
    """Return lines as a quotation below a message."""
    return "\n".join(f"  | {line}" for line in lines)
