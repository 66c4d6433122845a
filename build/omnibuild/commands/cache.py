"""``omnibuild cache``: what is in the store."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from omnibuild.commands.options import json_option, store_option, stored_options
from omnibuild.commands.session import Session
from omnibuild.errors import StoreBusy, StoreDamaged
from omnibuild.pipeline.latest import current_keys
from omnibuild.plural import counted
from omnibuild.store.audit import audit, drop
from omnibuild.store.local import LocalStore
from omnibuild.store.sweep import Policy, keep, stored, sweep
from omnibuild.terminal.render import human_age, human_size
from omnibuild.terminal.table import table


@click.group()
def command() -> None:
    """Show, verify and clean the store of built components."""


@command.command("list")
@stored_options
@json_option
def list_results(session: Session, *, as_json: bool) -> None:
    """List the results in the store.

    Each has its last use; ``*`` marks those that the line-up uses as it is now.
    """
    found = stored(session.store)
    used = set()
    if session.lineup_file.is_file():
        used = {result.key for result in session.planner.cached(session.usable.order).values()}
    now = time.time()
    if as_json:
        fields = ("name", "version", "key", "tree", "size", "seconds", "peak_rss", "isolation")
        rows = [
            {name: getattr(item.result, name) for name in fields}
            | {"used_at": int(item.used_at), "current": item.result.key in used}
            for item in found
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    lines = [
        (
            item.result.name,
            item.result.version,
            human_size(item.result.size),
            human_age(now - item.used_at),
            "*" if item.result.key in used else "",
            item.result.key[:12],
        )
        for item in sorted(found, key=lambda item: (item.result.name, -item.used_at))
    ]
    if lines:
        click.echo(table(("component", "version", "size", "last used", "current", "key"), lines, right={"size"}))
    total = sum(path.stat().st_size for path in session.store.files("objects"))
    click.echo(f"{counted(len(found), 'result')}, {human_size(total)} in {session.store_dir}", err=True)


@command.command()
@store_option
@click.option("--keep", "keep_damaged", is_flag=True, help="Only report: leave damaged files where they are.")
@json_option
def verify(store_dir: Path, *, keep_damaged: bool, as_json: bool) -> None:
    """Hash everything in the store again.

    What is damaged is removed, so that it is built anew. Ends with exit code 8 if anything was.
    """
    store = LocalStore(store_dir)
    found = audit(store)
    if not keep_damaged:
        drop(store, found)
    names = sorted({f"{result.name} {result.version}" for result in found.unusable})
    if as_json:
        damaged = [str(path) for path in found.damaged]
        document = {"files": found.files, "size_bytes": found.size, "damaged": damaged, "unusable": names}
        click.echo(json.dumps(document | {"removed": not keep_damaged}, indent=2))
    else:
        for path in found.damaged:
            click.echo(f"damaged: {path}")
        click.echo(f"{counted(found.files, 'file')}, {human_size(found.size)}: {len(found.damaged)} damaged")
    if not found.sound:
        done = "left as they are" if keep_damaged else "removed"
        affected = f"; to build again: {', '.join(names)}" if names else ""
        raise StoreDamaged(
            f"{counted(len(found.damaged), 'damaged file')}, {done}{affected}",
            hint="check the disk (its SMART data, the kernel's log), then run `omnibuild build`",
        )


@command.command()
@store_option
@click.option("--keep-days", type=click.FloatRange(0), default=30, show_default=True, help="Keep what was used since.")
@click.option("--keep-last", type=click.IntRange(0), default=2, show_default=True, help="Keep so many per component.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@json_option
def gc(store_dir: Path, *, keep_days: float, keep_last: int, dry_run: bool, as_json: bool) -> None:
    """Remove results that nobody used lately.

    All that only they needed goes with them. The last build of each component of each line-up stays,
    whatever its age. Fetched sources and build images are not touched.
    """
    store = LocalStore(store_dir)
    lock = store.lock("store")
    if not lock.try_acquire():
        raise StoreBusy(f"{store_dir}: in use by a build", hint="run again when it has ended")
    try:
        policy = Policy(keep_days, keep_last)
        kept = keep(stored(store), policy, current_keys(store), time.time())
        swept = sweep(store, kept, days=keep_days, dry_run=dry_run)
    finally:
        lock.release()
    removed = [f"{result.name} {result.version} {result.key[:12]}" for result in swept.removed]
    if as_json:
        document = {"removed": removed, "kept": swept.kept, "files": swept.files, "size_bytes": swept.size}
        click.echo(json.dumps(document | {"dry_run": dry_run}, indent=2))
        return
    for line in removed:
        click.echo(line)
    verb = "would be removed" if dry_run else "removed"
    click.echo(
        f"{counted(len(removed), 'result')}, {counted(swept.files, 'file')}, {human_size(swept.size)} {verb}; "
        f"{counted(swept.kept, 'result')} kept"
    )
