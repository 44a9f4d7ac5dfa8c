"""A minimal HTTP/1.1 client. It shares the cores with the server it measures, so it must cost little."""

import asyncio
import http.client
import time
from pathlib import Path
from typing import Any, Self

import msgspec

LARGE = 1 << 20


class HttpClient:
    """One connection that is kept open, and opened again after an idle time. Every answer must be a success.

    `seconds_to_first_byte`: from the last request until the first chunk of its answer, or all of one without chunks.
    """

    def __init__(self, host: str, port: int, key: str) -> None:
        self.host, self.port, self.key = host, port, key
        self.seconds_to_first_byte = self._first_byte_at = 0.0

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def _open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(self.host, self.port, limit=LARGE)

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def ask(self, method: str, path: str, body: bytes = b"", *, kind: str = "application/json") -> bytes:
        """Send a request and read its answer."""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        if self._reader.at_eof():  # the server closes what was idle for long
            await self._open()
        started = time.perf_counter()
        self._writer.write(head.encode() + body)
        status, *lines = (await self._reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        headers = dict(line.split(b": ", 1) for line in lines if line)
        if b"content-length" in headers:
            answer = await self._reader.readexactly(int(headers[b"content-length"]))
            self._first_byte_at = time.perf_counter()
        else:
            answer = await self._chunked()
        self.seconds_to_first_byte = self._first_byte_at - started
        if not status.split(b" ")[1].startswith(b"2"):
            raise RuntimeError(f"{method} {path}: {status.decode()} {answer[:500].decode()}")
        return answer

    async def json(self, method: str, path: str, value: Any = None) -> Any:
        body = b"" if value is None else msgspec.json.encode(value)
        return msgspec.json.decode(await self.ask(method, path, body))

    async def _chunked(self) -> bytes:
        pieces: list[bytes] = []
        self._first_byte_at = 0.0
        while size := int(await self._reader.readline(), 16):
            self._first_byte_at = self._first_byte_at or time.perf_counter()
            pieces.append(await self._reader.readexactly(size))
            await self._reader.readline()
        await self._reader.readline()
        return b"".join(pieces)


def send_file(client: HttpClient, path: str, file: Path) -> Any:
    """POST a file as it is, and wait for the answer. Blocks: call it in a thread."""
    connection = http.client.HTTPConnection(client.host, client.port, blocksize=LARGE, timeout=600)
    headers = {
        "Authorization": f"Bearer {client.key}",
        "Content-Type": "application/x-ndjson",
        "Content-Length": str(file.stat().st_size),
    }
    with file.open("rb") as body:
        connection.request("POST", path, body=body, headers=headers)
        answer = connection.getresponse()
        said = answer.read()
    connection.close()
    if answer.status >= 300:
        raise RuntimeError(f"POST {path}: {answer.status} {said[:500].decode()}")
    return msgspec.json.decode(said)
