"""A backup restored: unpacked and tried out first, then put in the place of what is there, then started.

What it replaces is kept until the new cluster runs. Where a step before the start fails, it is put back; where the
process ends in between, the next restore puts it back and begins anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chef_backend.backup.archive import Head
from chef_backend.backup.aside import Aside, beside
from chef_backend.backup.newcluster import NewCluster
from chef_backend.backup.place import move_in
from chef_backend.backup.room import megabytes
from chef_backend.backup.staging import Staging
from chef_backend.base.atomic import write_file
from chef_backend.base.errors import ChefBackendError
from chef_backend.base.folders import Access
from chef_backend.postgresql.copies import Copies
from chef_backend.reconfigure.membership import Membership
from chef_backend.reconfigure.steps import Steps
from chef_backend.roles.postgresql import MANAGED

UNPACK: Final = "Unpacking backup to temporary directory"
REMOVE: Final = "Removing existing data directories"
CONFIGURATION: Final = "Restoring basic configuration"
RECONFIGURE: Final = "Reconfiguring Chef Backend"
DATA: Final = "Restoring PostgreSQL data"
START: Final = "Starting up Chef Backend"
TITLES: Final = (UNPACK, REMOVE, CONFIGURATION, RECONFIGURE, DATA, START)
_UNFINISHED: Final = frozenset({Membership.RESTORING, Membership.CREATING})
PUT_BACK: Final = "Putting back what was there"
CLEAN: Final = "Cleaning Up Temporary Files"

_GO_ON: Final = (
    "see why (chef-backend-ctl status, chef-backend-ctl tail); then run chef-backend-ctl create-cluster, which goes on "
    "from here, or restore again, which puts back what was there and begins anew"
)


class NotRestored(ChefBackendError):
    """A restore failed after the node was changed: the message says where its former data is."""

    exit_code = 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One restore: `files` are written before all others; `before` is what this node was."""

    archive: Path
    head: Head
    data_folder: Path
    owner: Access
    files: Mapping[Path, tuple[bytes, Access]]
    config: Path
    before: Membership


class Restoration:
    """The restoring of one backup on this node."""

    def __init__(self, job: Job, staging: Staging, aside: Aside, copies: Copies, cluster: NewCluster) -> None:
        self._job = job
        self._staging = staging
        self._aside = aside
        self._copies = copies
        self._cluster = cluster
        # What the node is where this fails before the new data is in place.
        self._falls_back_to = job.before
        self._settled = False

    def run(self, progress: Steps) -> Path | None:
        """Restore it; return where the former configuration is, if it was another.

        What fails before anything is changed is raised as it is, what fails later is NotRestored.
        """
        runs, former = False, None
        try:
            with progress.step(UNPACK):
                self._unpack(progress)
            self._replace(progress)
            with progress.step(START):
                self._start()
            runs = True
        finally:
            with progress.step(CLEAN):
                self._staging.remove()
                if runs:
                    former = self._discard()
        return former

    def _unpack(self, progress: Steps) -> None:
        job, staging = self._job, self._staging
        size, done = job.head.manifest.size, 0

        def tick(count: int) -> None:
            nonlocal done
            done += count
            progress.note(f"{megabytes(done)} of {megabytes(size)}")

        staging.require_room_for(size, job.data_folder)
        with job.archive.open("rb") as source:
            staging.unpack(source, job.archive.name, job.head.manifest, tick)
        progress.note("starting PostgreSQL on it")
        staging.give(job.owner)
        self._copies.recover(staging.data, job.owner)

    def _replace(self, progress: Steps) -> None:
        self._cluster.begin()
        try:
            with progress.step(REMOVE):
                self._make_way()
            with progress.step(CONFIGURATION):
                for path, (content, access) in self._job.files.items():
                    write_file(path, content, access)
            with progress.step(RECONFIGURE):
                self._cluster.configure()
            with progress.step(DATA):
                move_in(self._staging.data, self._job.data_folder, self._job.owner, leave=MANAGED)
        except BaseException as error:
            with progress.step(PUT_BACK):
                self._put_back()
            if not isinstance(error, ChefBackendError):
                raise
            raise NotRestored(
                f"{error.message}\n"
                "What was there before is in its place again; chef-backend-ctl reconfigure starts its services.",
                hint=error.hint,
            ) from error

    def _make_way(self) -> None:
        """Stop the services, settle what an earlier restore left, and put everything aside."""
        self._cluster.stop()
        if self._job.before in _UNFINISHED:
            self._falls_back_to = Membership.NONE if self._aside.kept() else self._job.before
            self._aside.put_back()
        elif self._job.before is Membership.MEMBER:
            self._aside.discard()
        else:
            self._aside.require_none()
        self._settled = True
        self._aside.set()

    def _put_back(self) -> None:
        if self._settled:
            self._aside.put_back()
        self._cluster.abandon(self._falls_back_to)

    def _start(self) -> None:
        try:
            self._cluster.start()
        except ChefBackendError as error:
            kept = [f"What was there before is kept: {path}" for path in self._aside.kept()]
            raise NotRestored(
                "\n".join([error.message, "The backup's data is in place, and the cluster does not run yet.", *kept]),
                hint=_GO_ON,
            ) from error

    def _discard(self) -> Path | None:
        """Remove what was kept, but for a configuration that somebody wrote and that is another now."""
        config = self._job.config
        kept, former = beside(config), None
        if kept.exists() and kept.read_bytes() != config.read_bytes():
            former = kept.rename(config.with_name(f"{config.name}.replaced"))
        self._aside.discard()
        return former
