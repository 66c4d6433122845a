"""PostgreSQL as leaderl sees it, and the proof that it takes writes.

The proof is `setval` on a sequence of its own, with the epoch: it is written in place, so nothing is left behind for
vacuum, and with a transaction's number its commit waits for the disk. (A transaction that has only a number does not:
RecordTransactionCommit, https://doxygen.postgresql.org/xact_8c.html.) As data it goes to followers and backups, so
that a server itself says in which epoch it was last a leader's.
"""

from __future__ import annotations

import select
import signal
from contextlib import suppress
from typing import Any, Final, Protocol

import psycopg2
from psycopg2 import errors, extensions

from chef_backend.base.clock import Clock
from chef_backend.base.errors import ChefBackendError, TimedOut
from chef_backend.leader import processes
from chef_backend.leader.model import Database, Replica
from chef_backend.leader.postmaster import Postmaster
from chef_backend.leader.settings import DatabaseSettings
from chef_backend.postgresql.serving import serving_port
from chef_backend.postgresql.standby import follows
from chef_backend.postgresql.versions import Version, version_of

_IS_THERE: Final = "select to_regclass('chef_backend.epoch') is not null"
_MAKE: Final = "create schema if not exists chef_backend; create sequence if not exists chef_backend.epoch"
_EPOCH: Final = "select case when is_called then last_value else 0 end from chef_backend.epoch"
_PROVE: Final = "select setval('chef_backend.epoch', %s), txid_current()"
# https://www.postgresql.org/docs/15/errcodes-appendix.html: 57P03 has no code yet where a connection is being made.
_DOWN: Final = ("the database system is ", "Connection refused", "No such file or directory")
_QUIET: Final = "-c log_statement=none -c log_min_duration_statement=-1 -c synchronous_commit=local"


class Postgres(Protocol):
    """The local PostgreSQL."""

    def look(self, epoch: int) -> Database:
        """Return its state; never raises. With an epoch, which is a leader's, write it first, unless a later is there.

        An epoch of 0 writes nothing.
        """
        ...

    def promote(self) -> None:
        """Let a follower become a leader: it does, or a later look tells why not."""
        ...

    def clear(self) -> None:
        """End what is left of a server without its first process."""
        ...


class LocalPostgres:
    """The server of this node's data directory, on its socket. Not for several threads at once."""

    def __init__(self, settings: DatabaseSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._postmaster = Postmaster(settings.data_folder)
        self._connection: Any = None

    def look(self, epoch: int) -> Database:
        """See Postgres."""
        deadline = self._clock.monotonic() + self._settings.timeout_s
        if not self._postmaster.runs():
            self._close()  # a session does not always notice
        try:
            return self._seen(deadline, epoch)
        except (psycopg2.Error, ChefBackendError, OSError) as error:
            self._close()
            message = (str(error).strip() or type(error).__name__).splitlines()[0]
            folder = self._settings.data_folder
            gone = processes.running(folder) == 0
            return Database(
                error=message,
                gone=gone,
                # A first process alone has not written its number yet: it starts.
                headless=processes.running(folder, only_children=True) > 0 and not self._postmaster.is_there(),
                refused=_is_refusal(error),
                in_recovery=follows(folder),
            )

    def promote(self) -> None:
        """See Postgres: the way of `pg_ctl promote`, the same in all versions."""
        with suppress(OSError):
            (self._settings.data_folder / "promote").touch()
            self._postmaster.send(signal.SIGUSR1)

    def clear(self) -> None:
        """See Postgres."""
        if not self._postmaster.is_there():
            processes.kill(self._settings.data_folder, only_children=True)

    def _seen(self, deadline: float, epoch: int) -> Database:
        if self._connection is not None:
            try:
                return self._state(deadline, epoch)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                self._close()  # somebody may have ended this session only: a new one tells
        self._connection = self._connected(deadline)
        return self._state(deadline, epoch)

    def _state(self, deadline: float, epoch: int) -> Database:
        version = version_of(self._connection.server_version)
        ((in_recovery,),) = self._ask(deadline, "select pg_is_in_recovery()")
        ((is_there,),) = self._ask(deadline, _IS_THERE)
        if epoch and not in_recovery and not is_there:
            self._ask(deadline, _MAKE)
            is_there = True
        found = int(self._ask(deadline, _EPOCH)[0][0]) if is_there else 0
        written = bool(epoch) and not in_recovery and found <= epoch
        if written:
            self._ask(deadline, _PROVE, epoch)
        position = version.received_position if in_recovery else version.current_position
        ((lsn,),) = self._ask(deadline, f"select {position}()::text")
        return Database(
            in_recovery=in_recovery,
            written=written,
            epoch=epoch if written else found,
            timeline=0 if in_recovery else self._timeline(deadline, version),
            lsn=lsn or "",
            replication=self._replication(deadline, version, position),
        )

    def _timeline(self, deadline: float, version: Version) -> int:
        ((name,),) = self._ask(deadline, f"select {version.wal_file_name}({version.current_position}())")
        return int(name[:8], 16)

    def _replication(self, deadline: float, version: Version, position: str) -> tuple[Replica, ...]:
        lag = f"{version.position_difference}({position}(), {version.flushed_column})::bigint"
        rows = self._ask(
            deadline,
            "select application_name, coalesce(host(client_addr), ''), coalesce(state, ''), coalesce(sync_state, ''), "  # noqa: S608 - the names are our table's
            f"{lag} from pg_stat_replication order by application_name, pid",
        )
        return tuple(Replica(*row) for row in rows)

    def _connected(self, deadline: float) -> Any:  # noqa: ANN401 - psycopg2 has no types
        settings = self._settings
        connection = psycopg2.connect(
            host=settings.socket_folder,
            port=serving_port(settings.data_folder, settings.port),
            user=settings.user,
            password=settings.password.reveal(),
            dbname="postgres",
            application_name="leaderl",
            options=f"-c statement_timeout={int(settings.timeout_s * 1000)} {_QUIET}",
            async_=True,
        )
        self._wait(connection, deadline)
        return connection

    def _ask(self, deadline: float, statement: str, *values: object) -> list[Any]:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            self._wait(self._connection, deadline)
            return list(cursor.fetchall()) if cursor.description else []

    def _wait(self, connection: Any, deadline: float) -> None:  # noqa: ANN401 - psycopg2 has no types
        """Go on with what the connection is at until it is done; TimedOut after the deadline."""
        while (state := connection.poll()) != extensions.POLL_OK:
            left_ms = 1000 * (deadline - self._clock.monotonic())
            waiting = select.poll()  # unlike select(), for any number of open files
            waiting.register(connection.fileno(), select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
            if left_ms <= 0 or not waiting.poll(left_ms):
                raise TimedOut(f"PostgreSQL did not answer within {self._settings.timeout_s:g} s")

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(psycopg2.Error):
                self._connection.close()
            self._connection = None


def _is_refusal(error: Exception) -> bool:
    """Tell whether the server (or its socket) said no, rather than nothing in time."""
    if isinstance(error, TimedOut | errors.QueryCanceled):
        return False
    return getattr(error, "pgcode", None) is not None or any(words in str(error) for words in _DOWN)
