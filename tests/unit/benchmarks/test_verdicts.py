"""The benchmark's comparison with ldd sees every file that omnibuild would have missed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

LDD = """\
/opt/x/bin/good:
\tlinux-vdso.so.1 (0x00007ffc)
\tliba.so => /opt/x/lib/liba.so (0x00007f00)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f01)
/opt/x/bin/outside:
\tlibz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x00007f02)
/opt/x/lib/liba.so:
\tlibmissing.so => not found
/opt/x/bin/static:
\tstatically linked
/opt/x/bin/new:
/opt/x/bin/new: /lib/libc.so.6: version `GLIBC_9.9' not found (required by /opt/x/bin/new)
/opt/x/bin/user:
\tliba.so => /opt/x/lib/liba.so (0x00007f03)
\tlibmissing.so => not found
"""


@pytest.fixture(scope="module")
def verdicts() -> ModuleType:
    file = Path(__file__).parents[3] / "benchmarks/verdicts.py"
    spec = importlib.util.spec_from_file_location("verdicts", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["verdicts"] = module
    spec.loader.exec_module(module)
    return module


def _report(*paths: str) -> dict[str, Any]:
    return {"findings": [{"check": "linkage", "path": path} for path in paths], "skipped": []}


def test_what_ldd_faults_and_omnibuild_does_not_is_named(verdicts: ModuleType) -> None:
    """Missing, foreign and too new libraries are faults; only files whose fault nobody reports are missed."""
    ldd = verdicts.parse_ldd(LDD, "/opt/x", ["libc.so.6"])
    assert verdicts.compare(ldd, _report())["false_negatives"] == ["bin/new", "bin/outside", "bin/user", "lib/liba.so"]


def test_a_fault_counts_as_seen_at_the_file_that_has_it(verdicts: ModuleType) -> None:
    """ldd repeats a library's missing need at each of its users."""
    ldd = verdicts.parse_ldd(LDD, "/opt/x", ["libc.so.6"])
    assert verdicts.compare(ldd, _report("lib/liba.so", "bin/outside", "bin/new"))["false_negatives"] == []
