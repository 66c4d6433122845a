"""The accounts that the services run as."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from chef_backend.config.model import Settings
from chef_backend.resources.model import Group, Resource, User

SEARCH: Final = "chef-backend"
ACCOUNTS: Final = (
    Group(name="chef_pgsql"),
    User(
        name="chef_pgsql",
        group="chef_pgsql",
        home=Path("/var/opt/chef-backend/postgresql"),
        comment="Chef Backend PostgreSQL and leader",
    ),
    Group(name=SEARCH),
    User(
        name=SEARCH,
        group=SEARCH,
        home=Path("/var/opt/chef-backend"),
        comment="Chef Backend etcd and Elasticsearch",
    ),
)


def accounts(settings: Settings) -> list[Resource]:
    """Return the accounts; those that the settings name instead of ours too."""
    users = {settings.text("postgresql.username"), settings.text("leaderl.username")}
    groups = {*users, settings.text("leaderl.runsv_group")}
    known = {item.name for item in ACCOUNTS}
    home = Path("/var/opt/chef-backend")
    return [
        *ACCOUNTS,
        *(Group(name=name) for name in sorted(groups - known)),
        *(User(name=name, group=name, home=home) for name in sorted(users - known)),
    ]
