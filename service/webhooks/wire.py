"""One connection to a receiver: a message goes out in one piece, and of the answer as much is read as is wanted.

The bytes are h11's. There is nothing here that would follow a redirect, keep a cookie or ask a proxy.
"""

import asyncio
from collections.abc import AsyncIterator
from ssl import SSLContext
from typing import Any, cast

import h11

LONGEST_HEAD = 65_536
MOST_INTERIM = 10  # answers such as 103, which announce another
# Common servers hang up after 5 seconds of silence, and a message that meets that moment has no answer.
IDLE_SECONDS = 4.0
CUT = "The connection was closed before the answer was complete."


class Wire(asyncio.Protocol):
    """Carries one message at a time. `rest` ends each exchange, however it went."""

    def __init__(self) -> None:
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)
        self._news = asyncio.Event()
        self._lost = self._ended = False
        self._resting_since: float | None = None

    @property
    def usable(self) -> bool:
        """Whether the receiver has kept it open since the last exchange."""
        since = self._resting_since
        return not self._closing and since is not None and _now() - since < IDLE_SECONDS

    async def ask(self, target: bytes, headers: list[tuple[str, str]], body: bytes) -> h11.Response:
        """Send a POST; the head of the answer. Raises OSError, or h11.ProtocolError for what is no HTTP."""
        self._resting_since = None
        request = h11.Request(method="POST", target=target, headers=headers)
        parts = [self._http.send(part) for part in (request, h11.Data(data=body), h11.EndOfMessage())]
        self._transport.write(b"".join(part or b"" for part in parts))
        for _ in range(MOST_INTERIM):
            if isinstance(event := await self._event(), h11.Response):
                return event
        raise h11.RemoteProtocolError("One interim answer comes after another.")

    async def body(self) -> AsyncIterator[bytes]:
        """The answer's body, as it comes."""
        while isinstance(event := await self._event(), h11.Data):
            yield bytes(event.data)

    def rest(self) -> bool:
        """Whether it can carry another message. If not, as when not all of the answer was read, it is closed."""
        done = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
        if not done or self._http.trailing_data[0] or self._closing:
            self.close()
            return False
        self._http.start_next_cycle()
        self._resting_since = _now()
        return True

    def close(self) -> None:
        """At once: nobody waits for a receiver that hangs."""
        self._transport.abort()

    @property
    def _closing(self) -> bool:
        return self._lost or self._transport.is_closing()

    async def _event(self) -> Any:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._lost:
                self._end()
            else:
                self._news.clear()
                await self._news.wait()
        return event

    def _end(self) -> None:
        """The connection's end is that of a body without a length; everything else it cuts off."""
        if self._ended or self._http.their_state is not h11.SEND_BODY:
            raise ConnectionResetError(CUT)
        self._ended = True
        self._http.receive_data(b"")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._resting_since is not None:
            self.close()  # what nobody asked for would be taken for the next answer
            return
        self._http.receive_data(data)
        self._news.set()

    def eof_received(self) -> None:
        self._lost = True
        self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio names it
        self._lost = True
        self._news.set()


async def connected(address: str, port: int, *, tls: SSLContext | None, name: str) -> Wire:
    """A connection to this very address, trusted for the name. Raises OSError."""
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_connection(Wire, address, port, ssl=tls, server_hostname=name if tls else None)
    return wire


def _now() -> float:
    return asyncio.get_running_loop().time()
