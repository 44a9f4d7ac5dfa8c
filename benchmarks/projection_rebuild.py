"""Measure a verified rebuild of every projection. Floor: copy the finished tables with their indexes."""

import time
from typing import Any

from benchmarks.environment import Environment, connect
from benchmarks.figures import Result, build_figure, build_result
from service.composition import REGISTRY
from service.database.engine import create_engine, metadata
from service.ledger.rebuild import rebuild


async def measure(environment: Environment, *, repeats: int) -> Result:
    """Raises RuntimeError when the rebuilt rows are not the live ones."""
    pairs, events, whole = [], 0, []
    owner = create_engine(environment.url, pool_size=1, statement_timeout=0, role=None)
    for _ in range(repeats):
        started = time.perf_counter()
        report = await rebuild(owner, REGISTRY, metadata, verify=True)
        whole.append(report.events / (time.perf_counter() - started))
        if not report.clean:
            raise RuntimeError(f"the projections differ from the log: {report}")
        events = report.events
        pairs.append((report.seconds, await _floor(environment)))
    await owner.dispose()
    return build_result(
        "rebuild",
        pairs,
        of=events,
        unit="events",
        floor_is="INSERT … SELECT of every finished read table into an empty one with the same indexes",
        aim="as fast as can be",
        beside={"with_comparison": build_figure(whole, "events/s")},
    )


async def _floor(environment: Environment) -> float:
    async with connect(environment.url) as connection:
        transaction = connection.transaction()
        await transaction.start()
        started = time.perf_counter()
        for table in (table for table in metadata.sorted_tables if table.schema is None):
            await _copied(connection, table.name)
        seconds = time.perf_counter() - started
        await transaction.rollback()
    return seconds


async def _copied(connection: Any, name: str) -> None:
    await connection.execute(
        f"create unlogged table bench_{name} (like {name} including all); insert into bench_{name} select * from {name}"
    )
