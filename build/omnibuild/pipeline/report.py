"""The build report in dist/: how each component came to be, what was checked, what came out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omnibuild import graph
from omnibuild.checks.run import CheckReport
from omnibuild.files import write_atomic
from omnibuild.packaging.build import BuiltPackage
from omnibuild.pipeline.build import BuildOutcome
from omnibuild.pipeline.plan import Planner
from omnibuild.pipeline.stamps import FORMAT, REPORT_JSON, stamp
from omnibuild.plural import counted

REPORT_MARKDOWN = "build-report.md"


@dataclass(frozen=True, slots=True)
class Report:
    """All that the report says; ``seconds`` is what everything after the components took."""

    planner: Planner
    outcome: BuildOutcome
    checks: CheckReport
    packages: tuple[BuiltPackage, ...]
    files: tuple[Path, ...]
    key: str
    seconds: float


def write(output: Path, report: Report) -> None:
    """Write the report as JSON and as Markdown."""
    document = to_json(report)
    write_atomic(output / REPORT_MARKDOWN, to_markdown(document).encode())
    write_atomic(output / REPORT_JSON, (json.dumps(document, indent=1) + "\n").encode())


def to_json(report: Report) -> dict[str, Any]:
    """Return the report as plain data."""
    lineup = report.planner.project.lineup
    seconds = {name: result.seconds for name, result in report.outcome.results.items()}
    needed = {name: report.planner.edges.needed[name] for name in report.outcome.results}
    path_seconds, path = graph.critical_path(needed, seconds)
    return {
        "format": FORMAT,
        "name": lineup.name,
        "version": lineup.version,
        "key": report.key,
        "files": {file.name: stamp(file) for file in report.files},
        "packages": [
            {"file": p.path.name, "sha256": p.sha256, "size_bytes": p.size, "seconds": round(p.seconds, 1)}
            for p in report.packages
        ],
        "packaging_seconds": round(report.seconds, 1),
        "critical_path": {"seconds": round(path_seconds, 1), "components": list(path)},
        "warnings": report.outcome.warnings,
        "components": [_component(report, name) for name in report.planner.project.order if name in seconds],
        "checks": report.checks.to_json()["counts"],
    }


def _component(report: Report, name: str) -> dict[str, Any]:
    result = report.outcome.results[name]
    return {
        "name": name,
        "version": result.version,
        "built": name in report.outcome.built,
        "seconds": result.seconds,
        "peak_rss_bytes": result.peak_rss,
        "size_bytes": result.size,
        "isolation": result.isolation,
        "shipped": name in report.planner.project.shipped(),
        "key": result.key,
        "tree": result.tree,
        "notes": list(result.notes),
    }


def to_markdown(document: dict[str, Any]) -> str:
    """Return the report as a page with tables."""
    parts = [f"# {document['name']} {document['version']}\n"]
    packages = [[p["file"], _mib(p["size_bytes"]), f"{p['seconds']:.1f}", p["sha256"]] for p in document["packages"]]
    parts.append(_table(["package", "MiB", "seconds", "sha256"], packages))
    rows = [
        [
            c["name"],
            c["version"],
            "built" if c["built"] else "from the store",
            f"{c['seconds']:.1f}",
            _mib(c["peak_rss_bytes"]),
            _mib(c["size_bytes"]),
            "yes" if c["shipped"] else "no",
            "; ".join(c["notes"]),
        ]
        for c in document["components"]
    ]
    header = ["component", "version", "this time", "build seconds", "peak MiB", "size MiB", "shipped", "notes"]
    parts.append("## Components\n\n" + _table(header, rows))
    path = document["critical_path"]
    parts.append(f"The longest chain takes {path['seconds']} s: {' → '.join(path['components'])}.\n")
    counts = document["checks"]
    told = f"{counted(counts['errors'], 'error')}, {counted(counts['warnings'], 'warning')}"
    parts.append(f"Checks: {told}, {counts['skipped']} opted out.\n")
    parts += [f"Warning: {warning}\n" for warning in document["warnings"]]
    return "\n".join(parts)


def _table(header: list[str], rows: Iterable[list[str]]) -> str:
    table = [header, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in table
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines) + "\n"


def _mib(size: int) -> str:
    return f"{size / (1 << 20):.1f}"
