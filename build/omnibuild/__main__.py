"""``python -m omnibuild``."""

import sys

from omnibuild.cli import run

sys.exit(run())
