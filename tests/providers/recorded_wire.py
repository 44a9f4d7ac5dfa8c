"""A server that answers from a script, for what the sandbox would never say."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    status: int
    content: bytes
    headers: dict[str, str]
    hangs: bool = False


@dataclass
class Wire:
    """`says` queues answers for a method and path; the last one queued is given again and again."""

    base_url: str = ""
    requests: list[Request] = field(default_factory=list)
    script: dict[tuple[str, str], list[Answer]] = field(default_factory=dict)

    def says(
        self,
        method: str,
        path: str,
        body: Any,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        hangs: bool = False,
    ) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = Answer(status=status, content=content, headers=dict(headers or {}), hangs=hangs)
        self.script.setdefault((method, path), []).append(answer)

    def asked(self, method: str, path: str) -> list[Request]:
        return [request for request in self.requests if (request.method, request.path) == (method, path)]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await received(reader):
                self.requests.append(request)
                queued = self.script.get((request.method, request.path)) or [Answer(404, b"{}", {})]
                answer = queued.pop(0) if len(queued) > 1 else queued[0]
                if answer.hangs:
                    await reader.read(1)
                    return
                headers = {"content-type": "application/json", "content-length": str(len(answer.content))}
                lines = [f"{name}: {value}\r\n" for name, value in (headers | answer.headers).items()]
                writer.write(f"HTTP/1.1 {answer.status} Said\r\n{''.join(lines)}\r\n".encode() + answer.content)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


async def received(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.partition(": ") for line in lines if line)
    headers = {name.lower(): value for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    url = urlsplit(target)
    return Request(method=method, path=url.path, query=parse_qs(url.query), headers=headers, body=body)


@asynccontextmanager
async def recorded_wire() -> AsyncIterator[Wire]:
    wire = Wire()
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    wire.base_url = f"http://127.0.0.1:{port}/v1"
    try:
        yield wire
    finally:
        server.close()
        await server.wait_closed()
