"""A proxy before Postgres that cuts connections at random, above all around a commit."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator

import sqlalchemy as sa

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
WAYS = ("request lost", "answer lost", "cut while it works")


class CuttingProxy:
    """Forwards to `url`; of the executions of a statement, as many as `chance` says end their connection."""

    def __init__(self, url: str, *, chance: float, seed: int) -> None:
        self.chance = chance
        self.cuts: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._upstream = sa.make_url(url)
        self._open: set[asyncio.Task[None]] = set()
        self._silenced: set[asyncio.StreamReader] = set()

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """The URL that leads through here."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()[:2]
        through = self._upstream.set(host=host, port=port).difference_update_query(["host", "port"])
        try:
            yield through.render_as_string(hide_password=False)
        finally:
            server.close()
            for task in self._open:
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)
            await server.wait_closed()

    async def _connect(self) -> Streams:
        socket = self._upstream.query.get("host")
        if isinstance(socket, str) and socket.startswith("/"):
            return await asyncio.open_unix_connection(f"{socket}/.s.PGSQL.5432")
        return await asyncio.open_connection(self._upstream.host, self._upstream.port or 5432)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        server_reader, server_writer = await self._connect()
        pumps = [
            asyncio.create_task(self._requests(reader, server_writer, server_reader)),
            asyncio.create_task(self._answers(server_reader, writer)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            for end in (writer, server_writer):
                end.transport.abort()

    async def _requests(
        self, client: asyncio.StreamReader, server: asyncio.StreamWriter, answers: asyncio.StreamReader
    ) -> None:
        while data := await client.read(65536):
            # Bind begins what executes a statement; the rest is a connection's start and preparations.
            chance = self.chance if data.startswith(b"B") else self.chance / 10
            way = self._random.choice(WAYS) if self._random.random() < chance else None
            if way:
                self.cuts[way] += 1
            if way == "request lost":
                return
            server.write(data)
            await server.drain()
            if way == "cut while it works":
                return
            if way == "answer lost":
                self._silenced.add(answers)

    async def _answers(self, server: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        while data := await server.read(65536):
            if server in self._silenced:
                self._silenced.discard(server)
                return
            client.write(data)
            await client.drain()
