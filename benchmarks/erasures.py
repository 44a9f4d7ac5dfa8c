"""Measure an erasure of 1,000 of a million examples, by a person's key and by a filter.

Run `python -m benchmarks.erasures`.

EXAMPLES examples (a million unless the first argument says otherwise) are written to the tables as an import does.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.environment import database, server
from benchmarks.figures import Result, build_figure, build_result
from benchmarks.http_client import HttpClient
from service.database.embedded_postgres import embedded
from service.database.engine import create_engine

EXAMPLES = 1_000_000
ERASED = 1_000
BATCH = 5_000
REPEATS = 5
SCAN = "select count(*) from ledger.contents where workspace_id = $1 and position($2::bytea in body) > 0"
ADD = """
with new as (
  select gen_random_uuid() as id, n, convert_to('{"messages":[{"role":"user","content":"headline ' || n
      || repeat(' of some length', 20) || '"},{"role":"assistant","content":"sports"}]}', 'UTF8') as body,
    convert_to('{"subject":"person ' || n / $5 || '"}', 'UTF8') as meta
  from generate_series($3::int, $3 + $4 - 1) as n
), written as (
  insert into ledger.contents (workspace_id, subject, digest, salt, body)
  select $1::uuid, id, sha256('\\x00'::bytea || body), '\\x00'::bytea, body from new
  union all select $1::uuid, id, sha256('\\x00'::bytea || meta), '\\x00'::bytea, meta from new
), arrays as (
  select array_agg(id order by n) as ids, array_agg(json_build_object('dataset_id', $2::uuid, 'split', 'train',
    'content', encode(sha256('\\x00'::bytea || body), 'hex'),
    'metadata', encode(sha256('\\x00'::bytea || meta), 'hex'), 'source', json_build_object('type', 'human'),
    'tags', json_build_array('tag ' || n / $5))::text order by n) as datas
  from new
), appended as (
  select a.* from arrays, ledger.append($1, 'bench', 'bench', array_fill('example'::text, array[$4]), ids,
    array_fill(1, array[$4]), array_fill('ExampleAdded'::text, array[$4]), datas) as a
), examples as (
  insert into examples (workspace_id, id, dataset_id, split, source, created_at, created_by)
  select $1, stream_id, $2, 'train', '{"type":"human"}', recorded_at, actor from appended
)
insert into example_revisions (workspace_id, dataset_id, example_id, seq_from, version, content, metadata, tags,
  ratings, changed_at, changed_by)
select $1, $2, stream_id, seq, 1, decode(data ->> 'content', 'hex'), decode(data ->> 'metadata', 'hex'),
  array[data #>> '{tags,0}'], '{}', recorded_at, actor from appended
"""


async def main(postgres: str, *, examples: int) -> None:
    async with database(postgres) as url, server(url, TUNELEDGER_PROCESSES="1") as client:
        engine = create_engine(url, pool_size=4, application_name="benchmarks", statement_timeout=0, role=None)
        try:
            dataset = (await client.json("POST", "/v1/datasets", {"name": "large"}))["id"]
            workspace_id = UUID((await client.json("GET", "/v1/me"))["workspace_id"])
            await _build(engine, workspace_id, UUID(dataset), examples)
            found = await _measure(engine, client, workspace_id, dataset)
        finally:
            await engine.dispose()
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(found)).decode() + "\n")


async def _build(engine: AsyncEngine, workspace_id: UUID, dataset: UUID, examples: int) -> None:
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    async with autocommit.connect() as connection:
        for first in range(0, examples, BATCH):
            await connection.exec_driver_sql(ADD, (workspace_id, dataset, first, BATCH, ERASED))
        for table in ("ledger.contents", "ledger.events", "examples", "example_revisions"):
            await connection.exec_driver_sql(f"vacuum analyze {table}")


async def _measure(engine: AsyncEngine, client: HttpClient, workspace_id: UUID, dataset: str) -> list[Result]:
    """From the order to the signed receipt, in turns with a plain scan for the key."""
    by_person, by_filter = [], []
    for n in range(REPEATS):
        path, floor = f"/v1/subjects/person%20{n}/erase", await _scan(engine, workspace_id, f'"person {n}"')
        by_person.append((await _erase(client, path, {}), floor))
    for n in range(REPEATS, 2 * REPEATS):
        tagged, floor = {"filter": {"tag": f"tag {n}"}}, await _scan(engine, workspace_id, f'"person {n}"')
        by_filter.append((await _erase(client, f"/v1/datasets/{dataset}/erase", tagged), floor))
    results = []
    for name, pairs in (("by a person's key", by_person), ("by a filter", by_filter)):
        seconds = {"seconds": build_figure([taken for taken, _ in pairs], "s")}
        floor_is, aim = "one SQL scan of all texts for the key", "1,000 of a million in less than 5 s"
        result = build_result(
            f"erasure {name}", pairs, of=ERASED, unit="examples", floor_is=floor_is, aim=aim, beside=seconds
        )
        results.append(result)
    return results


async def _scan(engine: AsyncEngine, workspace_id: UUID, key: str) -> float:
    began = time.perf_counter()
    async with engine.connect() as connection:
        await connection.exec_driver_sql(SCAN, (workspace_id, key.encode()))
    return time.perf_counter() - began


async def _erase(client: HttpClient, path: str, body: dict[str, Any]) -> float:
    began = time.perf_counter()
    erasure = await client.json("POST", path, {"reason": "bench", "confirm": True} | body)
    while erasure["state"] != "complete":
        await asyncio.sleep(0.02)
        erasure = await client.json("GET", f"/v1/erasures/{erasure['id']}")
    assert erasure["erased"][0]["count"] == ERASED
    return time.perf_counter() - began


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, embedded(Path(folder)) as address:
        asyncio.run(main(address, examples=int(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLES))
