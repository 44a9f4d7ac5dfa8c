"""A small site whose pages have the built client, and a real browser that opens them."""

import asyncio
import json
import os
import shutil
import signal
from asyncio import Future, Queue, StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from tests.clients import node
from tests.clients.node import CLIENT

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((found for name in NAMES if (found := shutil.which(name))), None)
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--enable-logging=stderr",  # what a page writes on its console is there, too
)
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript"}
PAGE = """<!doctype html>
<meta charset="utf-8">
<title>Tuneledger in a browser</title>
<script type="importmap">{"imports": {"tuneledger": "/dist/index.js"}}</script>
<script type="module" src="walk.js"></script>
"""
# Node reads TypeScript by leaving its types out, and lends this to whoever serves it.
STRIP = "console.log(require('node:module').stripTypeScriptTypes(require('node:fs').readFileSync(0, 'utf8')))"


class Said(msgspec.Struct, frozen=True):
    """What a page has posted to its site; the page waits for the answer."""

    path: str
    value: Any
    answer: "Future[Any]"


class Site:
    """Serves a directory, at two origins where a browser is asked; what its pages post is in `said`."""

    def __init__(self, directory: Path) -> None:
        self.said: Queue[Said] = Queue()
        self.port = 0
        self._directory = directory

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def elsewhere(self) -> str:
        return f"http://localhost:{self.port}"

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        # Browsers open connections in advance, and hang up on those that they do not need.
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            method, target, _ = head.split("\r\n")[0].split(" ")
            path = urlsplit(target).path
            status, kind, body = await self._told(path, head, reader) if method == "POST" else self._file(path)
            lines = f"HTTP/1.1 {status} Said\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
            writer.write(f"{lines}Connection: close\r\n\r\n".encode() + body)
            await writer.drain()
        writer.close()

    async def _told(self, path: str, head: str, reader: StreamReader) -> tuple[int, str, bytes]:
        length = next(line[15:] for line in head.lower().split("\r\n") if line.startswith("content-length:"))
        message = Said(
            path, json.loads(await reader.readexactly(int(length))), asyncio.get_running_loop().create_future()
        )
        self.said.put_nowait(message)
        return 200, "application/json", json.dumps(await message.answer).encode()

    def _file(self, path: str) -> tuple[int, str, bytes]:
        file = self._directory / path.removeprefix("/")
        return (200, TYPES[file.suffix], file.read_bytes()) if file.is_file() else (404, "text/plain", b"")


@asynccontextmanager
async def published(directory: Path) -> AsyncIterator[Site]:
    """The client as it is built, unbundled, and beside it the page whose program is test/browser/walk.ts."""
    node.build()
    shutil.copytree(CLIENT / "dist", directory / "dist")
    (directory / "walk.html").write_text(PAGE)
    walk = (CLIENT / "test" / "browser" / "walk.ts").read_text()
    (directory / "walk.js").write_text(node.run("-e", STRIP, stdin=walk))
    site = Site(directory)
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
    site.port = server.sockets[0].getsockname()[1]
    async with server:
        yield site


@asynccontextmanager
async def opened(page: str, directory: Path, **query: str) -> AsyncIterator[None]:
    """A browser with a profile of its own has the page open. An error here tells what the page wrote on its console."""
    assert BROWSER is not None
    log = directory / "browser.log"
    command = [BROWSER, *OPTIONS, f"--user-data-dir={directory / 'profile'}", f"{page}?{urlencode(query)}"]
    with log.open("wb") as out:
        # In a session of its own, so that all of a browser's many processes end together.
        browser = await asyncio.create_subprocess_exec(*command, stdout=out, stderr=out, start_new_session=True)
    try:
        yield
    except Exception as error:
        lines = log.read_text(errors="replace").splitlines()
        error.add_note("\n".join(line for line in lines if "CONSOLE" in line))
        raise
    finally:
        os.killpg(browser.pid, signal.SIGKILL)
        await browser.wait()
