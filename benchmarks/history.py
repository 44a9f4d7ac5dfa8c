"""Measure history queries on a long log, and what its indexes cost each append (`python -m benchmarks.history`).

EVENTS events (5 million unless the first argument says otherwise) in one workspace; building them takes minutes.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.environment import database, server
from benchmarks.figures import Figure, Result, build_figure, build_result
from benchmarks.http_client import HttpClient
from service.database.embedded_postgres import embedded
from service.database.engine import create_engine
from service.datasets.versions.changes import SeqRange, count_by_author, list_changes
from service.ledger.readers import feed
from service.ledger.readers.feed import EventFilter

EVENTS = 5_000_000
BATCH = 5_000
REVISIONS = 5  # of an example
ASKED = 15  # times, each
WRITERS = 8
INDEXES = ("type", "actor", "request")
# Batch by batch: examples with their first five changes, by 40 actors. Now and then something rare; the last twentieth
# of the log is by another actor and partly of another type, so that nothing is spread evenly.
APPEND = f"""
    with made as (
      select i, v, case when v = 1 then 'ExampleAdded' when $4 and v = 3 then 'ExampleRestored'
        when v = 2 then 'ExampleRated' when v = 5 then 'ExampleRepaired' else 'ExampleEdited' end as type
      from generate_series(1, $3::int / {REVISIONS}) i, generate_series(1, {REVISIONS}) v
    ), ids as (
      select i, md5($2 || ':' || i)::uuid as id from generate_series(1, $3::int / {REVISIONS}) i
    ), rows as (select * from made join ids using (i))
    select count(*) from (
      select array_agg('example'::text order by v, i) s, array_agg(id order by v, i) ids, array_agg(v order by v, i) vs,
        array_agg(case when v = 1 and i = 1 and $5 then 'AliasMoved' else type end order by v, i) ts,
        array_agg('{{"tags":["one"],"content":"' || repeat('0', 64) || '","reason":"why"}}' order by v, i) ds
      from rows) b, ledger.append($1, $6, $2, s, ids, vs, ts, ds)
"""
ONE = """
    select count(*) from ledger.append($1, 'key 1', $2, array['example'], array[md5($2)::uuid], array[1],
      array['ExampleAdded'], array['{"tags":["one"],"content":"0123456789"}'])
"""
ADD = """
    insert into examples (workspace_id, id, dataset_id, split, source, created_at, created_by)
    select workspace_id, stream_id, $2, 'train', '{}', recorded_at, actor
    from ledger.events where workspace_id = $1 and stream = 'example' and version = 1
"""
REVISE = """
    insert into example_revisions (workspace_id, dataset_id, example_id, seq_from, seq_to, version, content, tags,
      ratings, changed_at, changed_by)
    select workspace_id, $2, stream_id, seq, lead(seq) over (partition by stream_id order by version), version,
      '\\x00', '{}', '{}', recorded_at, actor
    from ledger.events where workspace_id = $1 and stream = 'example'
"""


async def main(postgres: str, *, events: int) -> None:
    async with database(postgres) as url, server(url, TUNELEDGER_PROCESSES="1") as client:
        engine = create_engine(url, pool_size=8, application_name="benchmarks", statement_timeout=0)
        try:
            cost = [await _cost(engine, many=many, repeats=7) for many in (1, 1_000)]
            dataset = (await client.json("POST", "/v1/datasets", {"name": "long"}))["id"]
            workspace_id = UUID((await client.json("GET", "/v1/me"))["workspace_id"])
            await _build(engine, workspace_id, UUID(dataset), events)
            answers = await _ask(engine, client, workspace_id, dataset)
            plans = await _plans(engine, workspace_id, UUID(dataset))
        finally:
            await engine.dispose()
    report = {"events": events, "answers_ms": answers, "plans": plans, "appends": cost}
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(report)).decode() + "\n")


async def _build(engine: AsyncEngine, workspace_id: UUID, dataset: UUID, events: int) -> None:
    batches = events // BATCH
    for number in range(batches):
        late = number >= batches * 95 // 100
        actor = "latecomer" if late else f"key {number % 40}"
        if number % max(1, batches // 20) == 0:
            sys.stderr.write(f"appended: {number * BATCH:,}\n")
        values = (workspace_id, f"request-{number}", BATCH, late, number % max(1, batches // 20) == 0, actor)
        await _run(engine, APPEND, values)
    sys.stderr.write("revisions, statistics\n")
    for sql in (ADD, REVISE):
        await _run(engine, sql, (workspace_id, dataset))
    for table in ("ledger.events", "examples", "example_revisions"):
        await _run(engine, f"vacuum analyze {table}", ())


async def _run(engine: AsyncEngine, sql: str, values: tuple[Any, ...]) -> Any:
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        return (await connection.exec_driver_sql(sql, values)) if values else await connection.exec_driver_sql(sql)


async def _ask(engine: AsyncEngine, client: HttpClient, workspace_id: UUID, dataset: str) -> dict[str, Figure]:
    """Over HTTP, each question ASKED times."""
    async with engine.connect() as connection:
        values = {"ws": workspace_id}
        head = await connection.scalar(sa.text("select seq from ledger.heads where workspace_id = :ws"), values)
        middle = sa.text("select stream_id, recorded_at from ledger.events where workspace_id = :ws and seq = :seq")
        example, moment = (await connection.execute(middle, {**values, "seq": int(head) // 2})).one()
    questions = {
        "account of an example": f"/v1/history?resource=example:{example}",
        "all that one key did": "/v1/history?actor=key%207",
        "all that a key did which came late": "/v1/history?actor=latecomer",
        "one request": "/v1/history?request_id=request-10",
        "a rare type": "/v1/events?types=AliasMoved",
        "a type that begins late": "/v1/events?types=ExampleRestored",
        "two types, one of them late": "/v1/events?types=ExampleRestored,AliasMoved&after=1000",
        "a kind of stream": "/v1/events?stream=api_key",
        "a type nobody knows": "/v1/events?types=Nothing",
        "from a time on": f"/v1/events?from={moment:%Y-%m-%dT%H:%M:%S.%fZ}",
        "an actor's repairs": "/v1/history?actor=key%207&types=ExampleRepaired",
        "an actor's rare events, first page": "/v1/history?actor=latecomer&types=AliasMoved",
        "one request's type that it has not": "/v1/history?request_id=request-10&types=Nothing",
        "changes between two versions": f"/v1/datasets/{dataset}/changes?from={head // 2}&to={head}",
        "changes by one key": f"/v1/datasets/{dataset}/changes?from={head - 20_000}&to={head}&actor=latecomer",
        "10,000 changes counted by key": f"/v1/datasets/{dataset}/changes?from={head - 10_000}&by_actor=true&limit=1",
        "models an example reached": f"/v1/examples/{example}/lineage",
    }
    return {
        name: build_figure([await _timed(client, path) for _ in range(ASKED)], "ms") for name, path in questions.items()
    }


async def _timed(client: HttpClient, path: str) -> float:
    began = time.perf_counter()
    await client.ask("GET", path)
    return 1_000 * (time.perf_counter() - began)


async def _plans(engine: AsyncEngine, workspace_id: UUID, dataset: UUID) -> dict[str, list[str]]:
    """The indexes that the plans use. Raises RuntimeError when one reads a table from end to end."""
    asked: list[tuple[str, Any]] = []
    sa.event.listen(
        engine.sync_engine, "before_cursor_execute", lambda _, __, sql, values, *___: asked.append((sql, values))
    )
    head = (await feed.load_page(engine, workspace_id, limit=1)).events[0]
    plans = {}
    for name, wanted in {
        "resource": EventFilter(stream_id=head.stream_id),
        "actor": EventFilter(actor="latecomer"),
        "type": EventFilter(types=("ExampleRestored", "AliasMoved")),
        "request": EventFilter(request_id="request-10"),
        "kind of stream": EventFilter(stream="api_key"),
        "several": EventFilter(actor="latecomer", types=("AliasMoved",)),
    }.items():
        asked.clear()
        await feed.load_page(engine, workspace_id, limit=50, event_filter=wanted)
        plans[name] = await _explained(engine, list(asked))
    asked.clear()
    seq_range = SeqRange(workspace_id=workspace_id, dataset_id=dataset, after=1_000_000, until=1_010_000)
    await list_changes(engine, seq_range, limit=50)
    await count_by_author(engine, seq_range)
    plans["changes"] = await _explained(engine, list(asked))
    return plans


async def _explained(engine: AsyncEngine, asked: list[tuple[str, Any]]) -> list[str]:
    lines: list[str] = []
    for sql, values in dict(asked[:20]).items():
        lines += [row[0].strip() for row in await _run(engine, f"explain {sql}", tuple(values))]
    if full := [line for line in lines if "Seq Scan on events" in line or "Seq Scan on example_revisions" in line]:
        raise RuntimeError(f"read from end to end: {full}")
    return sorted({line.split(" using ")[1].split()[0] for line in lines if " using " in line})


async def _cost(engine: AsyncEngine, *, many: int, repeats: int) -> Result:
    """Appends of `many` events with the indexes, in turns with the same without."""
    pairs = []
    for repeat in range(repeats):
        with_indexes = await _appended(engine, many, mark=f"with {many} {repeat}")
        await _run(engine, f"drop index {', '.join(f'ledger.ix_events_{name}' for name in INDEXES)}", ())
        without = await _appended(engine, many, mark=f"without {many} {repeat}")
        for name, column in zip(INDEXES, ("type", "actor", "request_id"), strict=True):
            await _run(engine, f"create index ix_events_{name} on ledger.events (workspace_id, {column}, seq)", ())
        pairs.append((with_indexes, without))
    return build_result(
        f"appends of {many}",
        pairs,
        of=_total(many),
        unit="events",
        floor_is="the same without the indexes by type, actor and request",
        aim="none set",
    )


async def _appended(engine: AsyncEngine, many: int, *, mark: str) -> float:
    """Seconds for `_total` events, by eight writers, each in a workspace of its own."""

    async def writer(number: int) -> None:
        workspace_id = uuid5(NAMESPACE_OID, f"{mark} {number}")
        for call in range(_total(many) // many // WRITERS):
            request = f"{mark} {number} {call}"
            if many == 1:
                await _run(engine, ONE, (workspace_id, request))
            else:
                await _run(engine, APPEND, (workspace_id, request, many, False, False, "key 1"))

    began = time.perf_counter()
    await asyncio.gather(*(writer(number) for number in range(WRITERS)))
    return time.perf_counter() - began


def _total(many: int) -> int:
    """How many events a measurement of appends of `many` writes."""
    return WRITERS * (500 if many == 1 else 10 * many)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="tuneledger-bench-") as name, embedded(Path(name)) as url:
        asyncio.run(main(url, events=int(sys.argv[1]) if sys.argv[1:] else EVENTS))
