"""Measure single edits by many clients in one workspace. Floor: the same statements sent by asyncpg."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.environment import Environment, connect
from benchmarks.figures import Result, build_result
from benchmarks.http_client import HttpClient
from service.composition import REGISTRY, UNIQUE_FIELDS
from service.database.engine import new_id
from service.database.statement_text import Composed
from service.datasets.examples.domain import EXAMPLE, ExampleEdited
from service.ledger.store import Batch, Caller, Entry, Ledger, Written

CLIENTS = 16


class Recording(Ledger):
    """Composes what it would send and keeps it, so that the floor sends the very same."""

    sent: tuple[str, tuple[Any, ...]]

    async def run(self, composed: Composed, values: Any) -> Written:
        self.sent = (composed.sql, composed.arguments(values))
        return Written(first_seq=0, recorded_at=datetime.now(UTC))


async def measure(environment: Environment, dataset: str, *, edits: int, repeats: int) -> Result:
    """`edits` is how many each client makes in a repeat, one after the other, each on another example."""
    page = await environment.client.json("GET", f"/v1/datasets/{dataset}/examples?limit={CLIENTS * edits}")
    ids = [example["id"] for example in page["data"]]
    shares = [ids[client::CLIENTS] for client in range(CLIENTS)]
    async with AsyncExitStack() as stack:
        client = environment.client
        clients = [await stack.enter_async_context(HttpClient(client.host, client.port, client.key)) for _ in shares]
        connections = [await stack.enter_async_context(connect(environment.url)) for _ in shares]
        await _over_http(clients, shares, mark="warm")
        pairs = []
        for repeat in range(repeats):
            floor = await _floor(environment, connections, shares, mark=f"floor {repeat}")
            pairs.append((await _over_http(clients, shares, mark=f"edit {repeat}"), floor))
    return build_result(
        "edits",
        pairs,
        of=len(ids),
        unit="edits",
        floor_is="the statement of such an edit through bare asyncpg, as many connections, on the same workspace",
        aim="at most 1.5 times its floor",
    )


async def _over_http(clients: Sequence[HttpClient], shares: Sequence[Sequence[str]], *, mark: str) -> float:
    async def edit_all(client: HttpClient, examples: Sequence[str]) -> None:
        for example in examples:
            await client.json("PATCH", f"/v1/examples/{example}", {"tags": [mark]})

    return await _time_together([edit_all(*pair) for pair in zip(clients, shares, strict=True)])


async def _floor(
    environment: Environment, connections: Sequence[Any], shares: Sequence[Sequence[str]], *, mark: str
) -> float:
    url, engine = environment.url, environment.engine
    statements = [await compose_edits(url, engine, examples, mark=mark) for examples in shares]

    async def send_all(connection: Any, sent: Sequence[tuple[str, tuple[Any, ...]]]) -> None:
        for sql, arguments in sent:
            await connection.fetch(sql, *arguments)

    return await _time_together([send_all(*pair) for pair in zip(connections, statements, strict=True)])


async def compose_edits(
    url: str, engine: AsyncEngine, examples: Sequence[str], *, mark: str
) -> list[tuple[str, tuple[Any, ...]]]:
    """What the server would send for these edits, composed before the clock runs."""
    ledger = Recording(engine, REGISTRY, unique_fields=UNIQUE_FIELDS)
    async with connect(url) as connection:
        rows = await connection.fetch(
            "select workspace_id, stream_id, max(version) as version from ledger.events"
            " where stream_id = any($1::uuid[]) group by 1, 2",
            examples,
        )
    sent = []
    for row in rows:
        caller = Caller(workspace_id=row["workspace_id"], actor="first key", request_id=str(new_id()))
        event = ExampleEdited(tags=(mark,))
        entry = Entry(stream=EXAMPLE.stream, stream_id=row["stream_id"], after=row["version"], event=event)
        await ledger.write(caller, Batch(entries=[entry]))
        sent.append(ledger.sent)
    return sent


async def _time_together(work: Sequence[Any]) -> float:
    started = time.perf_counter()
    await asyncio.gather(*work)
    return time.perf_counter() - started
