"""The accounts that the services run as, made before the first reconfigure needs them."""

from __future__ import annotations

from chef_backend.resources.desired import settle
from chef_backend.resources.host import Host
from chef_backend.resources.model import Group, User
from chef_backend.resources.plan import make_plan
from chef_backend.resources.receipt import Receipt
from chef_backend.resources.view import look
from chef_backend.roles.accounts import ACCOUNTS


def make_accounts(host: Host) -> None:
    """Make the accounts that do not exist; Conflict when one of them is root, CommandFailed when it cannot be made."""
    desired = settle(ACCOUNTS)
    plan = make_plan(desired, look(host, desired, Receipt()), Receipt())
    for change in plan.changes:
        match change.resource:
            case Group() as group:
                host.add_group(group)
            case User() as user:
                host.add_user(user)
            case other:
                raise TypeError(f"{other} is no account")
