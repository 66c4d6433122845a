"""The process: the leadership's turns in the main thread, the deadline, the status and HTTP in threads beside it."""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from chef_backend.base.clock import Clock
from chef_backend.base.errors import ChefBackendError, NotInstalled, ServiceFailed
from chef_backend.base.version import installed_version
from chef_backend.elasticsearch.client import HttpSearch
from chef_backend.etcd.client import HttpEtcd
from chef_backend.leader import metrics, status
from chef_backend.leader.act import Actor
from chef_backend.leader.elector import Elector
from chef_backend.leader.fence import LocalFence
from chef_backend.leader.fencer.keeper import FencerProcess, Place
from chef_backend.leader.http import LeaderServer
from chef_backend.leader.journal import Journal
from chef_backend.leader.model import Held, Record
from chef_backend.leader.observe import Observer, disk_spaces
from chef_backend.leader.pages import Pages
from chef_backend.leader.postgres import LocalPostgres
from chef_backend.leader.postmaster import Postmaster
from chef_backend.leader.record import RecordKeeper
from chef_backend.leader.settings import LeaderSettings

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Daemon:
    """leaderl on one node, until a signal."""

    def __init__(self, settings: LeaderSettings, clock: Clock, journal: Journal) -> None:
        self._settings = settings
        self._clock = clock
        self._journal = journal
        self._say = journal.of("leaderl")
        self._stopped = threading.Event()
        self._comes_back = False
        self._around = status.Surroundings(version=_version())
        self._postmaster = Postmaster(settings.database.data_folder)
        self._fence = LocalFence(settings.sentinels, settings.database.data_folder, clock)
        self._fencer = self._made_fencer()
        self._elector = self._made(None)

    def run(self) -> None:
        """Take turns until stopped. Raises ServiceFailed when the port cannot be had."""
        settings = self._settings
        woken = self._on_signals()
        server = self._server()
        # Only now: whoever has the port is the one leaderl of this node.
        self._elector = self._made(self._fencer.take_over())
        server.start()
        for work in (lambda: self._fencer.watch(self._stopped), self._gather):
            threading.Thread(target=work, daemon=True).start()
        self._say("I", f"started on {settings.name} ({settings.ip}, {settings.guid}), port {server.port}")
        while not self._stopped.is_set():
            began = self._clock.monotonic()
            self._reported(self._elector.turn)
            wait_s = self._elector.seconds_to_next(settings.interval_s)
            self._pause(woken, began + wait_s - self._clock.monotonic())
        if not self._comes_back:
            self._elector.stop()
        server.stop()
        self._say("I", "stopped")

    def _made_fencer(self) -> FencerProcess:
        settings = self._settings
        place = Place(settings.run_folder, settings.database.data_folder, settings.sentinels, settings.policy().fence_s)
        return FencerProcess(place, self._fence, self._clock, self._journal.of("leader_fencer"))

    def _made(self, held: Held | None) -> Elector:
        settings, clock, database = self._settings, self._clock, self._settings.database
        policy = settings.policy()
        me = Record(settings.guid, 0, settings.name, settings.ip)
        etcd = HttpEtcd(settings.etcd_endpoints, settings.election_timeout_s)
        keeper = RecordKeeper(etcd, clock, me, settings.ttl_s)
        postgres = LocalPostgres(database, clock)
        observer = Observer(
            keeper,
            postgres,
            self._fence,
            clock,
            settings.unsynced_file,
            lambda: disk_spaces(settings.disk_paths, settings.disk_least_mb),
        )
        actor = Actor(keeper, postgres, self._fencer, self._journal.of("leader_elector"))
        return Elector(settings.guid, observer, actor, policy, held=held)

    def _server(self) -> LeaderServer:
        settings = self._settings
        pages = Pages(self._leads, self._leader, self._status, lambda: metrics.render(self._own()))
        try:
            return LeaderServer(settings.http_address, settings.http_port, pages)
        except OSError as error:
            raise ServiceFailed(
                f"cannot listen on {settings.http_address} port {settings.http_port}: {error.strerror}",
                hint=f"see who does: ss -lntp 'sport = :{settings.http_port}'",
            ) from None

    def _on_signals(self) -> int:
        """Have signals stop the daemon, and return a descriptor that is readable after one.

        After HUP the supervisor starts it again, with new settings: until then the fencer holds the leadership.
        """
        woken, wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wakes)
        for number in _SIGNALS:
            signal.signal(number, self._stop)
        return woken

    def _stop(self, number: int, _frame: object) -> None:
        self._comes_back = number == signal.SIGHUP and not self._stopped.is_set()
        self._stopped.set()

    def _pause(self, woken: int, seconds: float) -> None:
        """Wait until the next turn, a signal, or the end of PostgreSQL."""
        waiting = select.poll()
        waiting.register(woken, select.POLLIN)
        process = self._postmaster.open()
        try:
            if process is not None:
                waiting.register(process, select.POLLIN)
            waiting.poll(max(0.0, seconds) * 1000)
        finally:
            if process is not None:
                os.close(process)

    def _gather(self) -> None:
        """Gather and post the status again and again, with clients of this thread's own."""
        settings = self._settings
        etcd = HttpEtcd(settings.etcd_endpoints, settings.etcd_timeout_s)
        search = HttpSearch(settings.elasticsearch_url)
        post_at = self._clock.monotonic()

        def work() -> None:
            nonlocal post_at
            self._around = status.gather(settings, search, etcd, self._around)
            if self._clock.monotonic() >= post_at:
                post_at = self._clock.monotonic() + settings.status_post_s
                status.post(etcd, settings.guid, self._own())

        while not self._stopped.is_set():
            self._reported(work)
            self._stopped.wait(min(settings.status_internal_s, settings.status_post_s))

    def _reported(self, work: Callable[[], Any]) -> None:
        """Do something whose failure is written down, and which is tried again later."""
        try:
            work()
        except ChefBackendError as error:
            self._say("E", f"{error.message}{'; ' + error.hint if error.hint else ''}")
        except OSError as error:
            self._say("E", f"{error.filename or 'the system'}: {error.strerror or error}")

    def _leads(self) -> bool:
        # From the signal on, whatever the turn that is under way still waits for.
        return not self._stopped.is_set() and self._elector.snapshot.leads(self._clock.monotonic())

    def _leader(self) -> dict[str, Any]:
        found = self._elector.snapshot
        return {"leader": self._leads(), "role": str(found.role), "epoch": found.epoch, "reason": found.reason}

    def _own(self) -> dict[str, Any]:
        return status.document(self._settings, self._elector.snapshot, self._around, self._clock)

    def _status(self) -> dict[str, Any]:
        own = self._own()
        return own | {"nodes": {**self._around.peers, self._settings.guid: own}}


def _version() -> str:
    with suppress(NotInstalled):
        return installed_version()
    return ""
