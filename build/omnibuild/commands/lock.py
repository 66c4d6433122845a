"""``omnibuild lock``: the line-up's lock."""

from __future__ import annotations

import json

import click

from omnibuild.commands.options import json_option, source_options
from omnibuild.commands.session import Session
from omnibuild.errors import InvalidInput, LockStale
from omnibuild.lock import Lock, lock_path, make_lock, require_fresh, stale, write_lock
from omnibuild.pipeline.build import raise_for
from omnibuild.pipeline.fetching import fetch_all
from omnibuild.plural import counted


@click.command()
@source_options
@click.option("--check", is_flag=True, help="Write nothing; fail when the lock is stale.")
@json_option
def command(session: Session, *, check: bool, as_json: bool) -> None:
    """Write the line-up's lock beside it: each component's version, recipe and sources.

    Only a source that some location repacked is fetched for it, to learn which bytes are in use.
    """
    path = lock_path(session.lineup_file)
    if check:
        fresh, changed = require_fresh(session.lineup_file, session.project), []
    else:
        old = _present(session)
        fresh = _make(session, old)
        changed = stale(old, fresh) if old else [f"{name}: new" for name in sorted(fresh.components)]
        if old is None or old.dump() != fresh.dump():
            write_lock(session.lineup_file, fresh)
    if as_json:
        click.echo(json.dumps({"file": str(path), "components": len(fresh.components), "changed": changed}, indent=2))
        return
    for line in changed:
        click.echo(f"  {line}", err=True)
    state = "fresh" if check else "written" if changed else "unchanged"
    click.echo(f"{path}: {counted(len(fresh.components), 'component')}, {state}")


def _present(session: Session) -> Lock | None:
    try:
        return Lock.load(lock_path(session.lineup_file))
    except (LockStale, InvalidInput):  # it is about to be written anew
        return None


def _make(session: Session, old: Lock | None) -> Lock:
    _ = session.store  # nobody cleans it meanwhile
    sources = session.sources_with(old)
    unknown = [name for name in session.project.order if sources.known_digests(name) is None]
    fetched, failures = fetch_all(sources, unknown, session.listener)
    raise_for(failures, "fetched")
    used: dict[tuple[str, int], str] = {}
    for name in session.project.order:
        digests = fetched[name].digests if name in fetched else sources.known_digests(name) or {}
        used |= {(name, int(number)): digest for number, digest in digests.items()}
    return make_lock(session.project, used)
