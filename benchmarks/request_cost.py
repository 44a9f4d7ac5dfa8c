"""Measure the processor time of one request in the API's process. Floor: its statements alone, in the same process.

python -m benchmarks.request_cost             all requests, on an embedded Postgres
python -m benchmarks.request_cost page        where the time of one of them goes, by cProfile
"""

import asyncio
import cProfile
import pstats
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from litestar.types import ASGIApp
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.edits import compose_edits
from benchmarks.environment import connect, database
from benchmarks.figures import Result, build_figure, build_result
from service.access.commands import create_first_workspace
from service.access.domain import generate_secret
from service.app import create_app
from service.composition import open_ledger
from service.database.embedded_postgres import embedded
from service.database.engine import create_engine
from service.server.access_log import AccessLog
from service.server.metrics import MeasuredApp
from service.settings import Settings

EXAMPLES, PAGE = 1_000, 100
REPEATS = 7
CALLS = {"example": 500, "page": 100, "edit": 300}
AIMS = {"example": "at most 1.2 ms", "page": "at most 6 ms"}
SETTINGS = Settings(requests_per_minute=0, workspace_requests_per_minute=0, access_log="off")

Statement = tuple[str, Sequence[Any]]  # with its arguments


class Requests(msgspec.Struct, frozen=True):
    """Calls the application in this process, without a network, about a dataset of EXAMPLES."""

    app: ASGIApp
    key: str
    dataset: str = ""
    examples: Sequence[str] = ()

    async def ask(self, name: str, number: int) -> bytes:
        """Make the request of that name; call number `number` is about another example than the one before."""
        example = f"/v1/examples/{self.examples[number % EXAMPLES]}"
        match name:
            case "example":
                return await self.call("GET", example)
            case "page":
                return await self.call("GET", f"/v1/datasets/{self.dataset}/examples?limit={PAGE}")
            case _:
                return await self.call("PATCH", example, {"tags": [str(time.time_ns())]})

    async def call(self, method: str, path: str, content: Any = None) -> bytes:
        """The body of the response. Raises RuntimeError when the request is refused."""
        body = b"" if content is None else msgspec.json.encode(content)
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(_build_scope(method, path, self.key, body), receive, send)
        answer = b"".join(message.get("body", b"") for message in sent[1:])
        if sent[0]["status"] >= 400:
            raise RuntimeError(answer.decode())
        return answer


def _build_scope(method: str, path: str, key: str, body: bytes) -> Any:
    path, _, query = path.partition("?")
    headers = [(b"authorization", f"Bearer {key}".encode()), (b"host", b"localhost")]
    if body:
        headers += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8400),
        "state": {},
    }


async def measure(postgres: str) -> list[Result]:
    """All requests, each beside its statements."""
    async with _open(postgres) as (url, engine, requests):
        return [await _measure_one(url, engine, requests, name) for name in CALLS]


async def show_profile(postgres: str, name: str) -> None:
    async with _open(postgres) as (_, _, requests):
        await _take_time(partial(requests.ask, name), CALLS[name])
        with cProfile.Profile() as profile:
            await _take_time(partial(requests.ask, name), CALLS[name])
        for order in ("cumtime", "tottime"):
            pstats.Stats(profile).sort_stats(order).print_stats(70)


@asynccontextmanager
async def _open(postgres: str) -> AsyncIterator[tuple[str, AsyncEngine, Requests]]:
    async with database(postgres) as url:
        engine, key = create_engine(url, pool_size=4, application_name="benchmarks"), generate_secret()
        try:
            await create_first_workspace(open_ledger(engine), key)
            requests = Requests(MeasuredApp(create_app(SETTINGS, engine), AccessLog(SETTINGS)), key)
            dataset = msgspec.json.decode(await requests.call("POST", "/v1/datasets", {"name": "bench"}))["id"]
            rows = [_build_example(number) for number in range(EXAMPLES)]
            added = await requests.call("POST", f"/v1/datasets/{dataset}/examples", {"examples": rows})
            examples = [example["id"] for example in msgspec.json.decode(added)["data"]]
            yield url, engine, msgspec.structs.replace(requests, dataset=dataset, examples=examples)
        finally:
            await engine.dispose()


def _build_example(number: int) -> dict[str, Any]:
    text = f"Example {number}. " + "The council voted to keep the library open on Sundays. " * 8
    messages = [{"role": "user", "content": text}, {"role": "assistant", "content": text[:300]}]
    return {"content": {"messages": messages}, "tags": ["news", "bench"], "metadata": {"number": number}}


async def _measure_one(url: str, engine: AsyncEngine, requests: Requests, name: str) -> Result:
    calls, ask = CALLS[name], partial(requests.ask, name)
    await _take_time(ask, calls)
    with _record_questions(engine) as questions:
        await ask(0)
    pairs = []
    async with connect(url) as connection:
        for _ in range(REPEATS):
            measured = await _take_time(ask, calls)
            writes = await compose_edits(url, engine, requests.examples[:calls], mark="floor") if name == "edit" else []
            pairs.append((measured, await _take_time(partial(_send, connection, questions, writes), calls)))
    return build_result(
        f"processor_time_{name}",
        pairs,
        of=calls,
        unit="calls",
        floor_is="the same statements through bare asyncpg in the same process",
        aim=AIMS.get(name, "none set"),
        beside={"ms": build_figure([seconds / calls * 1000 for seconds, _ in pairs], "ms")},
    )


@contextmanager
def _record_questions(engine: AsyncEngine) -> Iterator[list[Statement]]:
    """Collect what is asked of Postgres meanwhile; a write could not be sent again as it is."""
    asked: list[Statement] = []

    def record(_connection: Any, _cursor: Any, sql: str, arguments: Any, *_: Any) -> None:
        if "ledger.append" not in sql:
            asked.append((sql, arguments))

    sa.event.listen(engine.sync_engine, "before_cursor_execute", record)
    yield asked
    sa.event.remove(engine.sync_engine, "before_cursor_execute", record)


async def _send(connection: Any, questions: Sequence[Statement], writes: Sequence[Statement], number: int) -> None:
    for sql, arguments in [*questions, *writes[number : number + 1]]:
        await connection.fetch(sql, *arguments)


async def _take_time(ask: Callable[[int], Awaitable[Any]], calls: int) -> float:
    """Seconds of this process's processor time for so many calls, one after the other."""
    started = time.process_time()
    for number in range(calls):
        await ask(number)
    return time.process_time() - started


async def main(postgres: str, name: str | None) -> None:
    if name:
        await show_profile(postgres, name)
        return
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(await measure(postgres))).decode() + "\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="tuneledger-bench-") as directory, embedded(Path(directory)) as address:
        asyncio.run(main(address, sys.argv[1] if sys.argv[1:] else None))
