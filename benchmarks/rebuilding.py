"""A verified rebuild of every projection from the log, beside a bare copy of the finished tables with their indexes."""

import time
from typing import Any

from benchmarks.figures import Result, figure, result
from benchmarks.ground import Ground, bare
from service.composition import REGISTRY
from service.database.engine import metadata
from service.ledger.rebuild import rebuild


async def measure(ground: Ground, *, repeats: int) -> Result:
    """Raises RuntimeError when the rebuilt rows are not the live ones."""
    pairs, events, whole = [], 0, []
    for _ in range(repeats):
        started = time.perf_counter()
        report = await rebuild(ground.engine, REGISTRY, metadata, verify=True)
        whole.append(report.events / (time.perf_counter() - started))
        if not report.clean:
            raise RuntimeError(f"the projections differ from the log: {report}")
        events = report.events
        pairs.append((report.seconds, await _floor(ground)))
    return result(
        "rebuild",
        pairs,
        of=events,
        unit="events",
        floor_is="INSERT … SELECT of every finished read table into an empty one with the same indexes",
        aim="as fast as can be",
        beside={"with_comparison": figure(whole, "events/s")},
    )


async def _floor(ground: Ground) -> float:
    async with bare(ground.url) as connection:
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
