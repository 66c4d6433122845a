"""What frontends and operators ask leaderl: answered from memory, so that nothing slow makes a leader look gone.

`GET /leader` is HAProxy's check: 200 on the leader, 503 elsewhere. `/status` is JSON, `/metrics` Prometheus' text.
One thread serves all connections, each for a few seconds at most, so a slow one holds up nobody.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from typing import Final

from chef_backend.leader.pages import Pages, answer

_PATIENCE_S: Final = 5.0
_LINGER_S: Final = 1.0
_QUEUE: Final = 1024
_LONGEST_LINE: Final = 8192
_MOST_LINES: Final = 100
_STOP_S: Final = 2.0


class LeaderServer:
    """Listens on an address of IPv4 or IPv6 once made (OSError when it cannot); answers from `start` on."""

    def __init__(self, address: str, port: int, pages: Pages) -> None:
        self._pages = pages
        self._socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((address, port))
            self._socket.listen(_QUEUE)
        except OSError:
            self._socket.close()
            raise
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._socket.getsockname()[1])

    def start(self) -> None:
        """Answer from now on, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """End it, with all connections."""
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(_STOP_S)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._client, sock=self._socket, limit=_LONGEST_LINE, backlog=_QUEUE)
        await self._stopped.wait()
        server.close()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, and close: a check has one question."""
        # A client that goes away, sends nothing, or too much, is no event: HAProxy closes as soon as it knows.
        with suppress(OSError, TimeoutError, ValueError):
            async with asyncio.timeout(_PATIENCE_S):
                line = await _request_line(reader)
                writer.write(answer(line, self._pages))
                await writer.drain()
            # To close with bytes unread would reset the connection, and with it the answer on its way.
            writer.write_eof()
            async with asyncio.timeout(_LINGER_S):
                while await reader.read(_LONGEST_LINE):
                    pass
        writer.close()


async def _request_line(reader: asyncio.StreamReader) -> str:
    """Read the first line that is not blank, and the header's others up to the blank one."""
    first = ""
    for _ in range(_MOST_LINES):
        line = (await reader.readline()).decode("latin-1")
        text = line.rstrip("\r\n")
        first = first or text
        if not line or (first and not text):
            break
    return first
