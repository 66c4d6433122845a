"""Everything about a host that a plan depends on, read once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from chef_backend.resources.desired import Desired
from chef_backend.resources.host import Host, Identity, Kind, Observed
from chef_backend.resources.model import Absent, Directory, File
from chef_backend.resources.receipt import Entry, Receipt


@dataclass(frozen=True, slots=True)
class View:
    """What is at the paths that matter, what is in the folders that matter, and who the accounts are."""

    places: Mapping[Path, Observed]
    listings: Mapping[Path, tuple[str, ...]]
    users: Mapping[str, Identity | None]
    groups: Mapping[str, int | None]
    user_names: Mapping[int, str]
    group_names: Mapping[int, str]

    def owner_of(self, found: Observed) -> str:
        """Return the name of the owner."""
        return self.user_names.get(found.uid, str(found.uid))

    def group_of(self, found: Observed) -> str:
        """Return the name of the group."""
        return self.group_names.get(found.gid, str(found.gid))

    def is_content_of(self, found: Observed, states: Iterable[Entry]) -> bool:
        """Tell whether what is there is what we wrote, its access apart."""
        return any(
            found.kind == state.kind and found.sha256 == state.sha256 and found.target == state.target
            for state in states
        )

    def is_as(self, found: Observed, states: Iterable[Entry]) -> bool:
        """Tell whether what is there is what we wrote, its access included."""
        access = (self.owner_of(found), self.group_of(found), found.mode)
        return any(
            self.is_content_of(found, [state])
            and (state.kind is Kind.LINK or access == (state.owner, state.group, state.mode))
            for state in states
        )


def look(host: Host, desired: Desired, receipt: Receipt) -> View:
    """Observe every path that is wanted, was written, or must be there for what is wanted."""
    gone = [path for path in receipt.entries if path not in desired.places]
    folders = {path for path, item in desired.places.items() if isinstance(item, Directory)}
    parents = {path.parent for path in desired.places}
    places = {
        path: host.observe(path, through_link=path in folders | parents)
        for path in [*desired.places, *gone, *sorted(parents - set(desired.places))]
    }
    extra = {
        folder / name: host.observe(folder / name)
        for folder in desired.exact
        for name in host.list_folder(folder)
        if folder / name not in places
    }
    listed = [*desired.exact, *(path for path in places if places[path].kind is Kind.FOLDER and path in gone)]
    listed += [path for path, item in desired.places.items() if isinstance(item, Absent)]
    places |= extra
    owners = [item for item in desired.places.values() if isinstance(item, File | Directory)]
    users = {item.owner for item in owners} | {user.name for user in desired.users}
    groups = {item.group for item in owners} | {group.name for group in desired.groups}
    groups |= {user.group for user in desired.users}
    return View(
        places=places,
        listings={path: host.list_folder(path) for path in listed},
        users={name: host.user(name) for name in sorted(users)},
        groups={name: host.group(name) for name in sorted(groups)},
        user_names={uid: host.user_name(uid) for uid in {found.uid for found in places.values()}},
        group_names={gid: host.group_name(gid) for gid in {found.gid for found in places.values()}},
    )
