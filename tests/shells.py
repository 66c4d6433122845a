"""Interactive shells that read a program's completion script, and what they make of keys with a Tab in them."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

_WITHIN_S = 60
_PROMPT = "ready> "
_BASH = f"PS1='{_PROMPT}'; bind 'set enable-bracketed-paste off'; . ~/_{{program}}\n"
_ZSH = f"PS1='{_PROMPT}'; fpath=(~ $fpath); autoload -Uz compinit; compinit -u\n"
_FISH = f"function fish_prompt; echo -n '{_PROMPT}'; end; source ~/_{{program}}\n"
_SETTINGS = {".bashrc": _BASH, ".zshrc": _ZSH, ".config/fish/config.fish": _FISH}
_PROGRAM = '#!/bin/sh\n[ "${{{variable}:-}}" ] || {{ echo "ran $*."; exit; }}\nexec {python} -m {module} "$@"\n'


@dataclass(frozen=True)
class Shell:
    """A shell by its name, with a home of its own, in which a program is called that only completes."""

    name: str
    home: Path
    program: str
    module: str

    def prepare(self, script: str) -> None:
        """Have the shell read the program's completion script when it starts; skip the test where there is no shell."""
        if shutil.which(self.name) is None:
            pytest.skip(f"{self.name} is not installed")
        variable = f"_{self.program.replace('-', '_').upper()}_COMPLETE"
        program = _PROGRAM.format(variable=variable, python=sys.executable, module=self.module)
        settings = {name: text.format(program=self.program) for name, text in _SETTINGS.items()}
        for name, text in {**settings, f"_{self.program}": script, f"bin/{self.program}": program}.items():
            (self.home / name).parent.mkdir(parents=True, exist_ok=True)
            (self.home / name).write_text(text)
        (self.home / "bin" / self.program).chmod(0o755)

    def typed(self, keys: str, cwd: Path) -> list[str]:
        """Type the keys and Enter at the shell's prompt; return the arguments that the program was called with."""
        ours, theirs = pty.openpty()
        argv = ("setsid", "--ctty", self.name, "-i")
        child = subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, cwd=cwd, env=self._environment())
        os.close(theirs)
        try:
            _read_until(ours, _PROMPT)
            os.write(ours, f"{keys}\r".encode())
            return _read_until(ours, ".\r\n").rpartition("ran ")[2].split()
        finally:
            child.kill()
            child.wait()
            os.close(ours)

    def _environment(self) -> dict[str, str]:
        path = f"{self.home}/bin:{os.defpath}"
        return {"HOME": str(self.home), "PATH": path, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "dumb"}


def _read_until(terminal: int, end: str) -> str:
    """Return what the shell wrote before ``end``."""
    said, ends = "", time.monotonic() + _WITHIN_S
    while (left := ends - time.monotonic()) > 0 and select.select([terminal], [], [], left)[0]:
        said += os.read(terminal, 4096).decode(errors="replace")
        if end in said:
            return said.partition(end)[0]
    raise AssertionError(f"the shell did not write {end!r}, but {said!r}")
