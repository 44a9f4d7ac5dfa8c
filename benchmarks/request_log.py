"""Measure request logging (floor: COPY the same rows) and a report on a month of a million requests."""

import asyncio
import random
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import msgspec

from benchmarks.environment import Environment, connect
from benchmarks.figures import Figure, Result, build_figure, build_result
from benchmarks.http_client import HttpClient
from benchmarks.imports import WORDS
from service.database.engine import create_engine
from service.monitoring.requests.request_tables import create_month, month_before, month_of

CONNECTIONS = 4
BATCH = 1_000
MILLION = 1_000_000
TABLES = ("client_ids", "requests", "texts")
# What a report has to read at the least: every latency and every cost of the month, by version.
PERCENTILES = """
select model_version, count(*), percentile_disc(array[0.5, 0.9, 0.95, 0.99]) within group (order by latency_ms),
  percentile_disc(array[0.5, 0.9, 0.95, 0.99]) within group (order by cost)
from telemetry.requests where workspace_id = $1 and model_id = $2 and at >= $3 and at < $4 group by 1
"""
# A model's month as it would have been logged: uneven latencies, 1% errors, inputs of a hundred words.
FILL = """
insert into telemetry.requests (workspace_id, at, id, model_id, model_version, alias, latency_ms, input_tokens,
  output_tokens, cost, currency, error_code, logged_by, received_at)
select $1, made.at, ((lpad(to_hex((extract(epoch from made.at) * 1000)::bigint), 12, '0') || '7'
  || substr(md5(n::text), 1, 19))::uuid), $2, 'v1.' || n % 2, 'production', (exp(random() * 3 + 5))::int,
  100 + (random() * 300)::int, (random() * 200)::int, (random() * 1e10)::bigint, 'USD',
  case when random() < 0.01 then 'timed_out' end, 'benchmark', now()
from generate_series(1, $4::int) n, lateral (select $3::timestamptz + n * interval '2 seconds' as at) made
"""
TEXTS = """
insert into telemetry.texts (workspace_id, at, id, input, output)
select workspace_id, at, id, to_json('a question about word' || md5(id::text) || repeat(' and more words', 10))::text,
  '"an answer"'
from telemetry.requests where workspace_id = $1 and model_id = $2
"""


async def measure(environment: Environment, *, calls: int, repeats: int) -> Result:
    """Batches of a thousand over several connections at once, all with client ids."""
    model = await make_model(environment, "bench logging")
    pairs: list[tuple[float, float]] = []
    for repeat in range(repeats):
        bodies = [_body(model, f"{repeat}-{number}") for number in range(calls // BATCH)]
        began = datetime.now(UTC)
        seconds = await _log(environment, bodies)
        pairs.append((seconds, await _floor(environment, began)))
    return build_result(
        "log_requests",
        pairs,
        of=calls,
        unit="requests",
        floor_is="bare COPY, through asyncpg on one connection, of the same rows into the same three tables",
        aim="at least 5,000 requests/s",
    )


async def measure_report(environment: Environment, *, repeats: int) -> Result:
    """The month's report over HTTP, all of it: figures, failures, drift."""
    model = await make_model(environment, "bench report")
    month = month_before(month_of(datetime.now(UTC)))
    workspace = await _fill(environment, model, month)
    path = f"/v1/models/{model}/report?month={month:%Y-%m}"
    told = await environment.client.json("GET", path)
    if told["figures"]["requests"] != MILLION:
        raise RuntimeError(f"the report counts {told['figures']['requests']}")
    pairs = []
    for _ in range(repeats):
        started = time.perf_counter()
        await environment.client.ask("GET", path)
        pairs.append((time.perf_counter() - started, await _percentiles(environment, workspace, model, month)))
    beside: dict[str, Figure] = {
        "report_seconds": build_figure([seconds for seconds, _ in pairs], "s"),
        "floor_seconds": build_figure([floor for _, floor in pairs], "s"),
    }
    return build_result(
        "report",
        pairs,
        of=MILLION,
        unit="requests",
        floor_is="one bare query for the percentiles of latency and cost by version",
        aim="under a second for a month of a million requests",
        beside=beside,
    )


async def make_model(environment: Environment, name: str) -> str:
    """A model with v1.0 and v1.1 that were trained elsewhere."""
    account = {"name": name, "kind": "sandbox", "secret": "none", "base_url": "http://127.0.0.1:9/v1"}
    connection = await environment.client.json("POST", "/v1/connections", account)
    model: str = (await environment.client.json("POST", "/v1/models", {"name": name}))["id"]
    made = {"connection_id": connection["id"], "base_model": "small", "provider_model": "ft:small"}
    for _ in range(2):
        await environment.client.json("POST", f"/v1/models/{model}/versions", made)
    return model


def _body(model: str, name: str) -> bytes:
    dice = random.Random(name)
    now = datetime.now(UTC)
    calls = [
        {
            "model_id": model,
            "version": f"v1.{number % 2}",
            "at": now,
            "input": [{"role": "user", "content": " ".join(dice.choices(WORDS, k=60))}],
            "output": " ".join(dice.choices(WORDS, k=40)),
            "latency_ms": dice.randint(50, 5_000),
            "input_tokens": 80,
            "output_tokens": 50,
            "cost": {"amount": f"0.000{dice.randint(100, 999)}", "currency": "USD"},
            "user_hash": f"{dice.getrandbits(64):x}",
            "metadata": {"route": "/headlines"},
            "client_id": f"{name}-{number}",
        }
        for number in range(BATCH)
    ]
    return msgspec.json.encode({"requests": calls})


async def _log(environment: Environment, bodies: list[bytes]) -> float:
    waiting = list(bodies)

    async def send(client: HttpClient) -> None:
        while waiting:
            answer = msgspec.json.decode(await client.ask("POST", "/v1/requests", waiting.pop()))
            if answer["new"] != BATCH:
                raise RuntimeError(f"logged {answer['new']} of {BATCH}: {answer['errors'][:1]}")

    async with AsyncExitStack() as stack:
        own = environment.client
        wires = [await stack.enter_async_context(HttpClient(own.host, own.port, own.key)) for _ in range(CONNECTIONS)]
        started = time.perf_counter()
        await asyncio.gather(*map(send, wires))
        return time.perf_counter() - started


async def _floor(environment: Environment, began: datetime) -> float:
    """Seconds to COPY what was logged since into the twin, one table after the other."""
    await _make_month(environment.twin, began)
    rows: dict[str, list[Any]] = {}
    async with connect(environment.url) as source:
        ids = await source.fetch("select id from telemetry.requests where received_at >= $1", began)
        logged = [row["id"] for row in ids]
        for table in TABLES:
            rows[table] = await source.fetch(f"select * from telemetry.{table} where id = any($1::uuid[])", logged)
    async with connect(environment.twin) as twin:
        started = time.perf_counter()
        for table, records in rows.items():
            await twin.copy_records_to_table(table, schema_name="telemetry", records=records)
        return time.perf_counter() - started


async def _make_month(url: str, at: datetime) -> None:
    engine = create_engine(url, pool_size=1)
    try:
        await create_month(engine, month_of(at))
    finally:
        await engine.dispose()


async def _fill(environment: Environment, model: str, month: datetime) -> Any:
    await create_month(environment.engine, month)
    async with connect(environment.url) as connection:
        workspace = await connection.fetchval("select workspace_id from models where id = $1", model)
        await connection.execute(FILL, workspace, model, month, MILLION, timeout=600)
        await connection.execute(TEXTS, workspace, model, timeout=600)
        await connection.execute("vacuum analyze telemetry.requests, telemetry.texts", timeout=600)
    return workspace


async def _percentiles(environment: Environment, workspace: Any, model: str, month: datetime) -> float:
    async with connect(environment.url) as connection:
        started = time.perf_counter()
        await connection.fetch(PERCENTILES, workspace, model, month, datetime.now(UTC))
        return time.perf_counter() - started
