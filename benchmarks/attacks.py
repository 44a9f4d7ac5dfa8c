"""What a hostile tenant does to a server, all at once: `python -m benchmarks.attacks KIND ADDRESS KEY DATASET SILENT`.

KIND is `all`, `moderate` or the name of one attack. DATASET has many examples and a task with the categories good and
bad. SILENT is the base URL of a provider that never answers. It runs until it is killed.
"""

import asyncio
import io
import itertools
import json
import random
import sys
import zlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from pypdf import PdfWriter
from pypdf.generic import NameObject, StreamObject

MANY_BYTES = 19_000_000
HEAD_BYTES = 1 << 16
HOLD_SECONDS = 600
REFUSED_SECONDS = 0.05  # a client that is refused comes again at once, but not as fast as it can compute
Attack = Callable[["Attacker"], Awaitable[Any]]


class Attacker:
    """Sends each request on a connection of its own, and throws the answer away unless it is short."""

    def __init__(self, address: str, key: str, dataset: str, silent: str) -> None:
        parts = urlsplit(address)
        self.host, self.port, self.key = parts.hostname, parts.port, key
        self.dataset, self.silent = dataset, silent
        self.numbers = itertools.count(random.SystemRandom().randrange(2**40))
        self.answers: dict[str, int] = {}

    async def send(self, method: str, path: str, body: Any = None, *, kind: str = "application/json") -> Any:
        """The answer's JSON if it is short."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(self.build_head(method, path, length=len(content), kind=kind) + content)
            head, _, start = (await reader.read(HEAD_BYTES)).partition(b"\r\n\r\n")
            size = len(start)
            while piece := await reader.read(1 << 20):
                size += len(piece)
                start = start + piece if size < HEAD_BYTES else start
        finally:
            writer.close()
        status = head[9:12].decode()
        self.answers[status] = self.answers.get(status, 0) + 1
        if status in {"429", "503"}:
            await asyncio.sleep(REFUSED_SECONDS)
        with suppress(ValueError):
            return json.loads(start)

    def build_head(self, method: str, path: str, *, length: int, kind: str = "application/json") -> bytes:
        return (
            f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        ).encode()

    async def hold(self, head: bytes) -> None:
        """Open a connection, send this, and keep it."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(head)
            async with asyncio.timeout(HOLD_SECONDS):
                while await reader.read(1 << 16):
                    pass
        finally:
            writer.close()


async def read_big_pages(attacker: Attacker) -> None:
    await attacker.send("GET", f"/v1/datasets/{attacker.dataset}/examples?limit=1000&count=true")


async def search(attacker: Attacker) -> None:
    await attacker.send("GET", f"/v1/datasets/{attacker.dataset}/examples?limit=1000&q=nowhere{next(attacker.numbers)}")


async def export(attacker: Attacker) -> None:
    await attacker.send("GET", f"/v1/datasets/{attacker.dataset}/export")


async def send_json_bomb(attacker: Attacker) -> None:
    await attacker.send("POST", f"/v1/datasets/{attacker.dataset}/examples", JSON_BOMB)


async def send_deep_schema(attacker: Attacker) -> None:
    await attacker.send("POST", "/v1/tasks", SCHEMA_BOMB)
    await asyncio.sleep(1)


async def preview_patterns(attacker: Attacker) -> None:
    task = await attacker.send("POST", "/v1/tasks", {"name": f"t{next(attacker.numbers)}", "instruction": "x"})
    patterns = [{"pattern": f"^(a|aa)+{number}$"} for number in range(90)]
    body = {"output_schema": {"type": "string", "anyOf": patterns}, "dataset_id": attacker.dataset}
    await attacker.send("POST", f"/v1/tasks/{task['id']}/preview", body)


async def import_much(attacker: Attacker) -> None:
    path = f"/v1/datasets/{attacker.dataset}/imports"
    await attacker.send("POST", path, IMPORT, kind="application/x-ndjson")
    await asyncio.sleep(1)


async def add_webhooks(attacker: Attacker) -> None:
    await attacker.send("POST", "/v1/webhooks", {"url": f"{attacker.silent}/{next(attacker.numbers)}"})


async def give_labels(attacker: Attacker) -> None:
    page = await attacker.send("GET", f"/v1/datasets/{attacker.dataset}/examples?limit=20")
    for example in (page or {}).get("data", []):
        label = {"example_id": example["id"], "category": random.choice(["good", "bad"])}
        await attacker.send("POST", f"/v1/datasets/{attacker.dataset}/labels", label)


async def churn(attacker: Attacker) -> None:
    """Open a connection and leave, before a request or in the middle of one."""
    _, writer = await asyncio.open_connection(attacker.host, attacker.port)
    writer.write(b"GET /v1/me HTTP/1.1\r\nHost: x\r\n" * random.randint(0, 1))
    writer.close()
    await asyncio.sleep(REFUSED_SECONDS)


async def listen(attacker: Attacker) -> None:
    await attacker.hold(attacker.build_head("GET", "/v1/events/stream", length=0))


async def leave_body_unfinished(attacker: Attacker) -> None:
    head = attacker.build_head("POST", f"/v1/datasets/{attacker.dataset}/examples", length=MANY_BYTES)
    await attacker.hold(head + b'{"examples": ["' + b" " * 1_000_000)
    await asyncio.sleep(1)


async def upload_documents(attacker: Attacker) -> None:
    target = {"connection_id": await connect_silent(attacker), "model": "m"}
    wanted = {"dataset_id": attacker.dataset, "target": target, "name": f"g{next(attacker.numbers)}"}
    generation = await attacker.send("POST", "/v1/generations", wanted)
    await attacker.send("POST", f"/v1/generations/{generation['id']}/documents?name=a.pdf", PDF, kind="application/pdf")


async def ask_silent_provider(attacker: Attacker) -> None:
    """Eight tunes and four runs, once."""
    connection = await connect_silent(attacker)
    name = f"v{next(attacker.numbers)}"
    await attacker.send(
        "POST", f"/v1/datasets/{attacker.dataset}/versions", {"name": name, "filter": {"split": "test"}}
    )
    targets = [{"connection_id": connection, "base_model": f"m{number}"} for number in range(8)]
    sweep = {"dataset_id": attacker.dataset, "dataset_version": name, "targets": targets}
    await attacker.send("POST", "/v1/tunes", sweep)
    prompt = await attacker.send("POST", "/v1/prompts", {"name": f"p{next(attacker.numbers)}"})
    version = {"messages": [{"role": "user", "content": "x"}], "target": {"connection_id": connection, "model": "m"}}
    await attacker.send("POST", f"/v1/prompts/{prompt['id']}/versions", version)
    for _ in range(4):
        run = {"dataset_id": attacker.dataset, "dataset_version": name}
        await attacker.send("POST", f"/v1/prompts/{prompt['id']}/runs", run)
    await asyncio.sleep(HOLD_SECONDS)


async def connect_silent(attacker: Attacker) -> str:
    settings = {"kind": "openai", "secret": "none", "base_url": attacker.silent, "timeout_seconds": 600}
    made = await attacker.send("POST", "/v1/connections", {"name": f"c{next(attacker.numbers)}", **settings})
    return str(made["id"])


# How many clients do each at once.
ATTACKS: Mapping[Attack, int] = {
    read_big_pages: 4,
    search: 16,
    export: 4,
    send_json_bomb: 2,
    send_deep_schema: 2,
    preview_patterns: 2,
    import_much: 4,
    add_webhooks: 1,
    give_labels: 4,
    churn: 8,
    listen: 500,
    leave_body_unfinished: 40,
    upload_documents: 8,
    ask_silent_provider: 1,
}
# The faults that a review once found: a silent provider, slow PDFs, a schema of 19 MB, unfinished bodies.
MODERATE: Mapping[Attack, int] = {
    send_deep_schema: 1,
    leave_body_unfinished: 40,
    upload_documents: 8,
    ask_silent_provider: 1,
}
KINDS = {"all": ATTACKS, "moderate": MODERATE}
ROW = {"messages": [{"role": "user", "content": "q" * 100}, {"role": "assistant", "content": "a" * 100}]}
JSON_BOMB = json.dumps({"examples": [{"content": ROW, "metadata": {"n": [[]] * 150}}] * 20_000}).encode()[:MANY_BYTES]
SCHEMA_BOMB = json.dumps({"name": "t", "instruction": "x", "input_schema": {"enum": [[]] * 230_000}}).encode()
IMPORT = json.dumps(ROW).encode().ljust(999) + b"\n"
IMPORT *= 20_000


def build_pdf() -> bytes:
    """Twelve pages that draw 390,000 lines each, in some 44 kB."""
    writer = PdfWriter()
    for _ in range(12):
        stream = StreamObject()
        stream._data = zlib.compress(b"0 0 m\n" * 390_000, 9)  # noqa: SLF001 - pypdf has no other way to say it
        stream[NameObject("/Filter")] = NameObject("/FlateDecode")
        writer.add_blank_page(612, 792)[NameObject("/Contents")] = writer._add_object(stream)  # noqa: SLF001
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


PDF = build_pdf()


async def repeat(attacker: Attacker, attack: Attack) -> None:
    while True:
        with suppress(OSError, TimeoutError, TypeError, KeyError):  # refused: the answer has no such field
            await attack(attacker)
        await asyncio.sleep(0.01)


async def main(kind: str, address: str, key: str, dataset: str, silent: str) -> None:
    attacker = Attacker(address, key, dataset, silent)
    attacks = KINDS.get(kind) or {attack: clients for attack, clients in ATTACKS.items() if attack.__name__ == kind}
    async with asyncio.TaskGroup() as group:
        for attack, clients in attacks.items():
            for _ in range(clients):
                group.create_task(repeat(attacker, attack))
        group.create_task(_report(attacker))


async def _report(attacker: Attacker) -> None:
    while True:
        await asyncio.sleep(5)
        sys.stderr.write(f"the hostile tenant was answered {attacker.answers}\n")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
