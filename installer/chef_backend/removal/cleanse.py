"""A node made as if the package had just been installed: services stopped, configuration saved, all else deleted."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from chef_backend.backup.aside import beside
from chef_backend.base.errors import Conflict, ServiceFailed, WriteFailed
from chef_backend.base.paths import Paths
from chef_backend.reconfigure.identity import read_guid
from chef_backend.reconfigure.membership import Membership, has_etcds_data, membership
from chef_backend.reconfigure.recorded import last_settings
from chef_backend.reconfigure.steps import Steps
from chef_backend.removal.ground import Ground, note_path, roots, survey, write_note
from chef_backend.removal.guard import Guard
from chef_backend.removal.machine import Machine
from chef_backend.removal.standing import Consent, Standing, endpoints, peers, require_consent, standing
from chef_backend.removal.sweep import Deleting, Left
from chef_backend.resources.host import Host, Kind

SAVE: Final = "Saving the configuration"
STOP: Final = "Stopping the services and their supervisor"
END: Final = "Ending what still runs"
DELETE: Final = "Deleting services, configuration, logs and data"
TITLES: Final = (SAVE, STOP, END, DELETE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the configuration is now, and what the operator should know of what was not deleted."""

    saved: tuple[Path, ...]
    left: tuple[Left, ...]


def examine(machine: Machine, consent: Consent) -> Ground:
    """Return what is to be deleted; changes nothing. Raises AlreadyConfigured and Conflict."""
    ground = survey(machine.host, machine.paths)
    if not ground.begun:
        require_consent(_standing(machine), consent)
    _require_no_links(machine.host, ground, machine.paths)
    return ground


def cleanse(machine: Machine, ground: Ground, steps: Steps) -> Outcome:
    """Save the configuration, stop and end everything, and delete it. The caller holds the lock.

    A run that was interrupted goes on when it is made again. WriteFailed names what could not be deleted.
    """
    with steps.step(SAVE):
        saved = machine.save(machine.paths.etc, machine.paths.home, machine.clock.now().astimezone())
        ground = replace(ground, saved=(*ground.saved, *([] if saved is None else [saved])))
    with steps.step(STOP):
        _stop(machine, ground)
    with steps.step(END):
        machine.end_processes(ground)
    with steps.step(DELETE):
        # Where a full disk has no room for the note, deleting is what helps.
        with suppress(WriteFailed):
            write_note(machine.host, machine.paths, ground)
        left = _delete(machine, ground)
    failed = dict.fromkeys(each for each in left if each.failed)
    if failed:
        raise WriteFailed(
            "\n".join(["not everything could be deleted:", *(f"  {each.path}: {each.reason}" for each in failed)]),
            hint="remove what keeps them (lsattr, mount, dmesg tell), then run this command again, which goes on",
        )
    return Outcome(ground.saved, tuple(dict.fromkeys(left)))


def _standing(machine: Machine) -> Standing:
    host, paths = machine.host, machine.paths
    if not _has_data(host, paths):
        return Standing.FREE
    guid = ""
    with suppress(Conflict):
        guid = read_guid(host, paths)
    others = peers(host, paths, guid)
    return standing(guid, others, machine.ask(endpoints(others, last_settings(host, paths))))


def _has_data(host: Host, paths: Paths) -> bool:
    """Tell whether this node may hold a cluster's data: that of an unfinished create-cluster is none's.

    What a restore has put aside is, until it ends.
    """
    folders = _data_folders(host, paths)
    former = [beside(folder) for folder in folders]
    with suppress(Conflict):
        found = membership(host, paths)
        if found is Membership.RESTORING or (found is Membership.MEMBER and has_etcds_data(host, paths)):
            return True
        if found is Membership.CREATING:
            folders = []
    return any(host.observe(folder / "PG_VERSION").kind is Kind.FILE for folder in (*folders, *former))


def _data_folders(host: Host, paths: Paths) -> list[Path]:
    folders = [paths.postgresql_data(version) for version in host.list_folder(paths.data / "postgresql")]
    elsewhere = last_settings(host, paths).text("postgresql.data_dir").strip("/")
    return [*folders, *([paths.root / elsewhere] if elsewhere else [])]


def _require_no_links(host: Host, ground: Ground, paths: Paths) -> None:
    """Raise Conflict where a link leads from a folder of ours to somewhere that holds something: it is not followed."""
    found = [path for path in sorted({*ground.own, *ground.outside}) if host.observe(path).kind is Kind.LINK]
    full = [path for path in found if set(host.list_folder(path)) - {paths.command_logs.name}]
    if full:
        lines = [f"  {path} leads to {host.observe(path).target}" for path in full]
        raise Conflict(
            "\n".join(["what a symbolic link leads to is not deleted, and would stay; nothing was changed:", *lines]),
            hint="stop the services (chef-backend-ctl uninstall), delete by hand what is in that folder and is not "
            f"needed, then run this command again. {paths.command_logs} may stay",
        )


def _stop(machine: Machine, ground: Ground) -> None:
    """Stop everything; a service that does not stop when asked is ended, since nothing of it is needed any more."""
    with suppress(WriteFailed):  # of a record that is deleted next
        try:
            machine.supervision.retire()
        except ServiceFailed:
            machine.end_processes(ground)
            machine.supervision.retire()


def _delete(machine: Machine, ground: Ground) -> list[Left]:
    paths, host = machine.paths, machine.host
    inside = (paths.install, *roots(paths), *ground.outside)
    sweep = machine.sweep(Guard(own=ground.own | {*ground.outside}, inside=inside), paths.backups)
    for folder in (paths.service, paths.sv, paths.init):
        sweep.empty(folder)
    sweep.empty(paths.logs, keep={paths.command_logs.name})
    sweep.remove(paths.etc)
    for folder in ground.outside:
        sweep.remove(folder)
    _delete_data(sweep, host, paths)
    return sweep.left


def _delete_data(sweep: Deleting, host: Host, paths: Paths) -> None:
    """Delete the data last, and the note after all else: until then the next run goes on."""
    note = note_path(paths)
    sweep.empty(paths.data, keep={note.name})
    if not any(each.failed for each in sweep.left):
        if host.observe(note).kind is not Kind.MISSING:  # nor is the folder there, on a node cleansed before
            host.remove_file(note)
        sweep.remove(paths.data)
