"""Measure old pages beside current ones, and an export. Floor: the query alone."""

import time
from typing import Any

import msgspec

from benchmarks.environment import Environment, connect
from benchmarks.figures import Result, build_figure, build_result
from benchmarks.processor_time import read_processor_time
from service.composition import open_ledger
from service.database.engine import new_id
from service.datasets.examples.domain import EXAMPLE, ExampleEdited
from service.ledger.store import Batch, Caller, Entry

PAGE = 1_000
EDITED = 2  # every second example
BATCH = 1_000


class Pages(msgspec.Struct, kw_only=True):
    """A walk through a dataset, a page at a time, as of a moment or as it is."""

    path: str
    cursor: str | None = None

    async def turn(self, environment: Environment) -> float:
        """Seconds for the next page."""
        started = time.perf_counter()
        body = await environment.client.ask("GET", self.path + (f"&cursor={self.cursor}" if self.cursor else ""))
        seconds = time.perf_counter() - started
        self.cursor = msgspec.json.decode(body)["next_cursor"]
        return seconds


async def edit_many(environment: Environment, dataset: str) -> int:
    """Give half of the examples a later state; the last seq before that."""
    old = await _read_head(environment)
    async with connect(environment.url) as connection:
        rows = await connection.fetch(
            "select e.workspace_id, e.id, max(v.version) as version from examples e join example_revisions v"
            " on (v.workspace_id, v.dataset_id, v.example_id) = (e.workspace_id, e.dataset_id, e.id)"
            " where e.dataset_id = $1 group by 1, 2 order by 2",
            dataset,
        )
    ledger, edited = open_ledger(environment.engine), rows[::EDITED]
    for low in range(0, len(edited), BATCH):
        batch = edited[low : low + BATCH]
        caller = Caller(workspace_id=batch[0]["workspace_id"], actor="benchmark", request_id=str(new_id()))
        await ledger.write(caller, Batch(entries=[_edit(row) for row in batch]))
    return old


def _edit(row: Any) -> Entry:
    return Entry(
        stream=EXAMPLE.stream, stream_id=row["id"], after=row["version"], event=ExampleEdited(tags=("edited", "bench"))
    )


async def measure_pages(environment: Environment, dataset: str, seq: int, *, pages: int) -> Result:
    """Both walks side by side, page after page."""
    path = f"/v1/datasets/{dataset}/examples?limit={PAGE}"
    now, then = Pages(path=path), Pages(path=f"{path}&as_of={seq}")
    await now.turn(environment)
    await then.turn(environment)
    pairs = []
    for number in range(pages):
        first, second = (now, then) if number % 2 else (then, now)
        took = {id(walk): await walk.turn(environment) for walk in (first, second)}
        pairs.append((took[id(then)], took[id(now)]))
    return build_result(
        "as_of_page",
        pairs,
        of=PAGE,
        unit="examples",
        floor_is=f"the same page as of now; every {EDITED}nd example was edited in between",
        aim="at most 1.2 times its floor",
        beside={
            "page_as_of_ms": build_figure([then * 1000 for then, _ in pairs], "ms"),
            "page_now_ms": build_figure([now * 1000 for _, now in pairs], "ms"),
        },
    )


async def measure_export(environment: Environment, dataset: str, seq: int, *, repeats: int) -> Result:
    """The whole dataset as of the old moment."""
    pairs, lines = [], 0
    for _ in range(repeats):
        started = time.perf_counter()
        body = await environment.client.ask("GET", f"/v1/datasets/{dataset}/export?as_of={seq}")
        seconds = time.perf_counter() - started
        lines = body.count(b"\n")
        pairs.append((seconds, await _bare_export(environment, dataset, seq)))
    return build_result(
        "export",
        pairs,
        of=lines,
        unit="examples",
        floor_is="the stored texts of the same moment, in the same order, through a cursor of bare asyncpg",
        aim="at least 100,000 examples/s",
    )


async def measure_frozen_exports(environment: Environment, dataset: str, *, repeats: int) -> list[Result]:
    """The first export of a frozen version, which makes its artifact, and the next one, which reads it."""
    firsts, seconds, rates, lines = [], [], [], 0
    for repeat in range(repeats):
        await environment.client.json("POST", f"/v1/datasets/{dataset}/versions", {"name": f"bench-{repeat}"})
        path = f"/v1/datasets/{dataset}/export?version=bench-{repeat}"
        first, body, _ = await _timed_export(environment, path)
        again, same, used = await _timed_export(environment, path)
        if same != body:
            raise RuntimeError("the second export differs from the first")
        lines = body.count(b"\n")
        seq = await _read_head(environment)
        firsts.append((first, await _bare_export(environment, dataset, seq)))
        seconds.append((again, first))
        rates.append(len(body) / 1_000_000 / used)
    floor_is = "the stored texts, in the same order, through a cursor of bare asyncpg"
    made = build_result(
        "first_export", firsts, of=lines, unit="examples", floor_is=floor_is, aim="at most 1.3 times its floor"
    )
    read = build_result(
        "export_again",
        seconds,
        of=lines,
        unit="examples",
        floor_is="the first export of the same version",
        aim="at least 300 MB/s of the server's processor time",
        beside={"rate": build_figure(rates, "MB a second of processor time")},
    )
    return [made, read]


async def _timed_export(environment: Environment, path: str) -> tuple[float, bytes, float]:
    """Seconds, the body, and the server's processor time."""
    before = await read_processor_time(environment.url)
    started = time.perf_counter()
    body = await environment.client.ask("GET", path)
    seconds = time.perf_counter() - started
    return seconds, body, (await read_processor_time(environment.url)).since(before).server


async def _read_head(environment: Environment) -> int:
    async with connect(environment.url) as connection:
        return int(await connection.fetchval("select max(seq) from ledger.heads"))


async def _bare_export(environment: Environment, dataset: str, seq: int) -> float:
    query = """
        select c.body from example_revisions r join ledger.contents c
          on (c.workspace_id, c.subject, c.digest) = (r.workspace_id, r.example_id, r.content)
        where r.workspace_id = $1 and r.dataset_id = $2 and r.seq_from <= $3 and (r.seq_to is null or r.seq_to > $3)
        order by r.example_id
    """
    async with connect(environment.url) as connection:
        workspace = await connection.fetchval("select workspace_id from datasets where id = $1", dataset)
        started = time.perf_counter()
        async with connection.transaction(readonly=True):
            async for _ in connection.cursor(query, workspace, dataset, seq, prefetch=2_000):
                pass
        return time.perf_counter() - started
