"""What was measured side by side: ratios first, as a table for people and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.table import Table
from timing import Sample, Series

OURS = "omnibuild"
_MIB = 1 << 20
_COLUMNS = ("what", "by", "ratio", "seconds (min–max)", "runs", "memory", "package", "bar")


@dataclass(slots=True)
class Comparison:
    """One piece of work, done by omnibuild and by its peers.

    ``limit_s`` and ``least_ratio`` are the bars that omnibuild is held to; ``spent_s`` is what
    of its time does not count (a component's own compilation: the peers compile nothing).
    """

    case: str
    what: str
    series: list[Series]
    limit_s: float | None = None
    least_ratio: float | None = None
    spent_s: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def ours(self) -> Series:
        """What omnibuild took."""
        return self.series[0]

    def ratio(self, peer: Series) -> float:
        """How many times longer the peer took: the median over the median, without what is not counted."""
        return peer.median_s / (self.ours.median_s - self.spent_s)

    @property
    def met(self) -> bool | None:
        """Whether every bar was met; None when there is none."""
        verdicts = []
        if self.limit_s is not None:
            verdicts.append(self.ours.median_s - self.spent_s <= self.limit_s)
        if self.least_ratio is not None and len(self.series) > 1:
            verdicts.append(self.ratio(self.series[1]) >= self.least_ratio)
        return all(verdicts) if verdicts else None

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "case": self.case,
            "what": self.what,
            "ratios": {peer.name: round(self.ratio(peer), 2) for peer in self.series[1:]},
            "bar": {"seconds": self.limit_s, "ratio": self.least_ratio, "not_counted_s": self.spent_s, "met": self.met},
            "facts": self.facts,
            "series": [_series(item) for item in self.series],
        }


def _series(series: Series) -> dict[str, Any]:
    samples = [
        {
            "wall_s": round(sample.wall_s, 3),
            "cpu_s": round(sample.cpu_s, 3),
            "largest_process_mib": sample.largest // _MIB,
            "all_processes_mib": sample.together // _MIB,
            "load_before": round(sample.load, 2),
            "package_mib": round(sample.written / _MIB, 1),
        }
        for sample in series.samples
    ]
    return {"name": series.name, "median_s": round(series.median_s, 3), "samples": samples}


def alternate(runs: int, **sides: Callable[[], Sample]) -> list[Series]:
    """Run the sides in turn, A B A B, so that what else the machine does falls on all alike."""
    series = [Series(name.replace("_", " ")) for name in sides]
    for _ in range(runs):
        for item, side in zip(series, sides.values(), strict=True):
            item.samples.append(side())
    return series


def show(comparisons: Iterable[Comparison], console: Console) -> None:
    """Print a table a case, with a row a peer."""
    for case, items in groupby(comparisons, key=lambda comparison: comparison.case):
        table = Table(*_COLUMNS, box=None, pad_edge=False, title=case, title_justify="left")
        for comparison in items:
            for number, series in enumerate(comparison.series):
                table.add_row(*_row(comparison, number, series))
        console.print(table)


def _row(comparison: Comparison, number: int, series: Series) -> tuple[str, ...]:
    low, high = series.range_s
    seconds = f"{series.median_s:.2f}" + (f" ({low:.2f}–{high:.2f})" if len(series.samples) > 1 else "")
    ratio = f"{comparison.ratio(series):.1f} ×" if number else ""
    what = comparison.what if number == 0 else ""
    written = max(sample.written for sample in series.samples)
    package = f"{written / _MIB:.0f} MiB" if written else ""
    memory = f"{series.together // _MIB} MiB" if series.together else ""  # not measured
    return what, series.name, ratio, seconds, str(len(series.samples)), memory, package, _bar(comparison, number)


def _bar(comparison: Comparison, number: int) -> str:
    if number or comparison.met is None:
        return ""
    parts = []
    if comparison.limit_s is not None:
        extra = f" + {comparison.spent_s:.1f} s of compiling" if comparison.spent_s else ""
        parts.append(f"≤ {comparison.limit_s:g} s{extra}")
    if comparison.least_ratio is not None:
        parts.append(f"≥ {comparison.least_ratio:g} ×")
    return f"{', '.join(parts)}: {'met' if comparison.met else 'MISSED'}"
