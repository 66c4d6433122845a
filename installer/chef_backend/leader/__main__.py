"""`python -m chef_backend.leader --config PATH`: what leaderl's service runs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from chef_backend.base.clock import SystemClock
from chef_backend.base.errors import ChefBackendError
from chef_backend.leader.daemon import Daemon
from chef_backend.leader.journal import Journal, written_to
from chef_backend.leader.settings import read_settings


def main() -> int:
    """Run until a signal; return the exit code."""
    parser = argparse.ArgumentParser(prog="leaderl", description="Elect and watch the leader of this cluster.")
    parser.add_argument("--config", type=Path, required=True, help="the settings that reconfigure writes")
    path = parser.parse_args().config
    try:
        settings, clock = read_settings(path), SystemClock()
        journal = Journal(written_to(sys.stdout.fileno()), clock, settings.log_lines_per_s)
        Daemon(settings, clock, journal).run()
    except ChefBackendError as error:
        sys.stderr.write(f"[E] leaderl => {error.message}{'; ' + error.hint if error.hint else ''}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
