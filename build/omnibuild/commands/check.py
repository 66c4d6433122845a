"""``omnibuild check``: the checks on what is in the store, without packaging."""

from __future__ import annotations

import json
import textwrap

import click

from omnibuild.checks.base import Rule
from omnibuild.checks.registry import CHECKS, RULES, require_known
from omnibuild.checks.run import CheckReport
from omnibuild.commands.options import json_option, severity_option, stored_options
from omnibuild.commands.session import Session
from omnibuild.errors import CheckFailed
from omnibuild.files import remove_tree
from omnibuild.pipeline.checking import check_prefix
from omnibuild.plural import counted
from omnibuild.terminal.table import table


def _names(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in CHECKS if name.startswith(incomplete)]


@click.command()
@stored_options
@click.option("--only", multiple=True, metavar="NAME", shell_complete=_names, help="Run just this check.")
@click.option("--explain", metavar="NAME", default="", shell_complete=_names, help="Say what a check is for.")
@click.option("--list", "list_them", is_flag=True, help="List the checks.")
@severity_option
@json_option
def command(session: Session, *, only: tuple[str, ...], explain: str, list_them: bool, as_json: bool) -> None:
    """Assemble the line-up's prefix from the store and check it."""
    if explain or list_them:
        require_known([explain] if explain else [])
        _tell_about([RULES[explain]] if explain else list(RULES.values()), in_full=bool(explain), as_json=as_json)
        return
    require_known(only, CHECKS)
    results = session.stored(session.project.shipped())
    directory = session.store.scratch("check")
    try:
        report = check_prefix(session.project, session.store, results, directory, only=only or None).report
    finally:
        remove_tree(directory)
    click.echo(json.dumps(report.to_json(), indent=2) if as_json else _text(report))
    if report.errors:
        raise CheckFailed(
            counted(len(report.errors), "error"), hint=f"omnibuild check --explain {report.errors[0].problem.check}"
        )


def _text(report: CheckReport) -> str:
    parts = []
    if report.findings:
        problems = [(str(item.severity), item.problem) for item in report.findings]
        rows = [(tier, p.check, p.component, p.path or "-", p.message) for tier, p in problems]
        parts.append(table(("tier", "check", "component", "path", "problem"), rows))
        broken = dict.fromkeys(item.problem.check for item in report.findings)
        parts.append("\n".join(f"{name}: {RULES[name].HINT}" for name in broken))
    parts.append(f"{report.summary}; {sum(report.timings.values()):.2f} s")
    return "\n\n".join(parts)


def _tell_about(rules: list[Rule], *, in_full: bool, as_json: bool) -> None:
    if as_json:
        documents = [{"name": r.NAME, "severity": str(r.SEVERITY), "hint": r.HINT, "explain": r.EXPLAIN} for r in rules]
        click.echo(json.dumps(documents[0] if in_full else documents, indent=2))
    elif in_full:
        rule = rules[0]
        click.echo(f"{rule.NAME} ({rule.SEVERITY})\n\n{textwrap.dedent(rule.EXPLAIN).strip()}\n\nhint: {rule.HINT}")
    else:
        click.echo(table(("check", "tier", "hint"), [(r.NAME, str(r.SEVERITY), r.HINT) for r in rules]))
