"""Who may connect: pg_hba.conf and pg_ident.conf. Pure.

https://www.postgresql.org/docs/15/auth-pg-hba-conf.html
"""

from __future__ import annotations

from typing import Final

from chef_backend.config.model import Settings

_MAP: Final = "chef_backend"
_HEAD: Final = "# Written by chef-backend-ctl reconfigure: set postgresql.md5_auth_cidr_addresses instead.\n"


def pg_hba(settings: Settings) -> bytes:
    """Return pg_hba.conf: the superuser by its socket without a password, everybody else with one.

    Each entry of md5_auth_cidr_addresses has two lines: for clients, and for followers, who must use TLS.
    """
    superuser, replicator = (settings.text(f"postgresql.{name}") for name in ("db_superuser", "replication_user"))
    lines = [
        _line("local", "all", superuser, "", f"peer map={_MAP}"),
        _line("local", "replication", superuser, "", f"peer map={_MAP}"),
    ]
    for address in settings.texts("postgresql.md5_auth_cidr_addresses"):
        lines.append(_line("host", "all", "all", address, "md5"))
        lines.append(_line("hostssl", "replication", replicator, address, "md5"))
    return (_HEAD + "".join(lines)).encode()


def pg_ident(settings: Settings) -> bytes:
    """Return pg_ident.conf: the service's own user and root are the superuser on the socket."""
    superuser, owner = settings.text("postgresql.db_superuser"), settings.text("postgresql.username")
    users = dict.fromkeys((owner, "root"))
    return (_HEAD + "".join(f"{_MAP} {user} {superuser}\n" for user in users)).encode()


def _line(kind: str, database: str, role: str, address: str, method: str) -> str:
    return f"{kind:<7} {database:<11} {role:<11} {address:<22} {method}\n"
