"""The real PostgreSQL of this node, on its socket."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg2
from psycopg2 import sql

import chef_backend
from chef_backend.base.errors import Conflict
from chef_backend.base.proc import Command, Runner
from chef_backend.base.secret import Secret
from chef_backend.postgresql.control import DatabaseUnavailable, Readiness, Role
from chef_backend.postgresql.running import Running
from chef_backend.postgresql.serving import serving_port
from chef_backend.postgresql.versions import version

_INITDB_S: Final = 660.0
_CONNECT_S: Final = 5
_STATEMENT_MS: Final = 30_000
# A password's hash is as good as the password to who reads the log, so nothing of the session is logged.
_UNLOGGED: Final = (
    "set log_statement = 'none'; set log_min_duration_statement = -1; set log_duration = off; "
    "set log_min_error_statement = 'panic'; set log_min_messages = 'panic'"
)
_SETTINGS: Final = (
    "select name, reset_val, coalesce(unit, ''), vartype, pending_restart, context, coalesce(sourcefile, source) "
    "from pg_settings"
)
# A value that waits for a restart has the same error as one that is no value:
# https://www.postgresql.org/docs/15/view-pg-file-settings.html
_MISTAKES: Final = (
    "select file.sourcefile, file.sourceline, coalesce(file.name || ': ', '') || file.error "
    "from pg_file_settings file left join pg_settings running on lower(running.name) = lower(file.name) "
    "where file.error is not null and not coalesce(running.pending_restart, false) order by file.seqno"
)
_ACCESS_MISTAKES: Final = (
    "select current_setting('hba_file'), line_number, error from pg_hba_file_rules "
    "where error is not null order by line_number"
)
_ROLE: Final = "select rolsuper, rolreplication, rolcanlogin, rolpassword from pg_authid where rolname = %s"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server is once it has restarted; `owner` is the system's user that it runs as, "" for the caller."""

    data_folder: Path
    socket_folder: Path
    port: int
    superuser: str
    owner: str
    major: str
    # Files of the configuration, which may be in the data directory before initdb.
    keep: tuple[str, ...] = ()


class LocalDatabase:
    """See control.Database; the caller is root or the server's own user: pg_ident.conf makes both the superuser."""

    def __init__(self, place: Place, runner: Runner, bin_folder: Path) -> None:
        self._place = place
        self._runner = runner
        self._bin = bin_folder

    def initialise(self, password: Secret) -> bool:
        """See Database."""
        place = self._place
        options = [f"--data={place.data_folder}", f"--program={self._bin / 'initdb'}", f"--major={place.major}"]
        options += [f"--superuser={place.superuser}", *(f"--keep={name}" for name in place.keep)]
        done = self._runner.run(
            Command(
                argv=(str(self._bin / "python3"), "-Ps", "-m", "chef_backend.postgresql.initdb", *options),
                timeout_s=_INITDB_S,
                env={"PYTHONPATH": str(Path(chef_backend.__file__).parents[1])},
                stdin=password,
                user=place.owner,
                accept=frozenset({0, Conflict.exit_code}),
                mortal=True,
            )
        )
        if done.code == Conflict.exit_code:
            message, _, hint = done.err.strip().rpartition("\n")
            raise Conflict(message, hint=hint)
        return bool(done.out)

    def ready(self) -> Readiness:
        """See Database."""
        try:
            with self._session() as session:
                session.execute("select 1")
        except DatabaseUnavailable as error:
            return Readiness(is_ready=False, reason=error.message)
        return Readiness(is_ready=True)

    def in_recovery(self) -> bool:
        """See Database."""
        with self._session() as session:
            return _in_recovery(session)

    def started_at(self) -> float:
        """See Database."""
        with self._session() as session:
            session.execute("select extract(epoch from pg_postmaster_start_time())")
            return float(session.fetchone()[0])

    def reload(self) -> None:
        """See Database."""
        with self._session() as session:
            session.execute("select pg_reload_conf()")

    def running(self) -> Mapping[str, Running]:
        """See Database."""
        with self._session() as session:
            session.execute(_SETTINGS)
            rows = session.fetchall()
        units = dict.fromkeys(("max_wal_size", "min_wal_size"), version(self._place.major).wal_size_unit)
        return {
            name: Running(value or "", unit or units.get(name, ""), kind, pending, context, source)
            for name, value, unit, kind, pending, context, source in rows
        }

    def mistakes(self) -> tuple[str, ...]:
        """See Database."""
        with self._session() as session:
            session.execute(_MISTAKES)
            found = session.fetchall()
            if version(self._place.major).has_access_view:
                session.execute(_ACCESS_MISTAKES)
                found += session.fetchall()
        return tuple(f"{file}:{line}: {error}" for file, line, error in found)

    def senders(self) -> int:
        """See Database."""
        with self._session() as session:
            session.execute("select count(*) from pg_stat_replication")
            return int(session.fetchone()[0])

    def ensure_roles(self, roles: tuple[Role, ...]) -> tuple[str, ...]:
        """See Database."""
        with self._session() as session:
            if _in_recovery(session):
                return ()
            session.execute(_UNLOGGED)
            return tuple(role.name for role in roles if _ensured(session, role))

    @contextmanager
    def _session(self) -> Iterator[Any]:
        """Yield a cursor that commits each statement by itself."""
        place = self._place
        try:
            connection = psycopg2.connect(
                host=str(place.socket_folder),
                port=serving_port(place.data_folder, place.port),
                user=place.superuser,
                dbname="postgres",
                application_name="chef-backend-ctl",
                connect_timeout=_CONNECT_S,
                options=f"-c statement_timeout={_STATEMENT_MS}",
            )
            try:
                connection.autocommit = True
                with connection.cursor() as cursor:
                    yield cursor
            finally:
                connection.close()
        except psycopg2.Error as error:
            message = (str(error).strip() or type(error).__name__).splitlines()[0]
            hint = "see chef-backend-ctl status, and chef-backend-ctl tail postgresql"
            raise DatabaseUnavailable(f"PostgreSQL: {message}", hint=hint) from None


def _in_recovery(session: Any) -> bool:  # noqa: ANN401 - psycopg2 has no types
    session.execute("select pg_is_in_recovery()")
    return bool(session.fetchone()[0])


def md5_password(role: Role) -> str:
    """Return a password as pg_authid has it: https://www.postgresql.org/docs/15/catalog-pg-authid.html."""
    text = (role.password.reveal() + role.name).encode()
    return "md5" + hashlib.md5(text, usedforsecurity=False).hexdigest()


def _ensured(session: Any, role: Role) -> bool:  # noqa: ANN401 - psycopg2 has no types
    """Make the role as it should be; tell whether anything was changed."""
    session.execute(_ROLE, (role.name,))
    found = session.fetchone()
    wanted = (role.superuser, True, True, md5_password(role))
    if found == wanted:
        return False
    statement = sql.SQL("{verb} role {name} with login replication {superuser} password {password}").format(
        verb=sql.SQL("create" if found is None else "alter"),
        name=sql.Identifier(role.name),
        superuser=sql.SQL("superuser" if role.superuser else "nosuperuser"),
        # The hash: a plain password could be in the log of a server that logs all statements.
        password=sql.Literal(wanted[-1]),
    )
    session.execute(statement)
    return True
