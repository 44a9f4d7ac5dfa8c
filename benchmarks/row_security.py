"""Measure row-level security as a second wall between tenants (docs/decisions/0013): requests with it and without.

Each side is the whole application in this process, over a database of its own on one Postgres. They are asked in
turns, request by request, so noise that lasts falls on all of them.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from pathlib import Path
from statistics import median
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.environment import connect, database
from benchmarks.figures import Figure, build_figure
from service.access.commands import create_first_workspace
from service.access.domain import generate_secret
from service.app import create_app
from service.composition import open_ledger
from service.database.embedded_postgres import embedded
from service.database.engine import create_engine
from service.settings import Settings

EXAMPLES, BATCH, BLOCKS = 10_000, 500, 10
REQUESTS = {"edit": 200, "read": 200, "page": 60, "search": 40}  # of each block
NOBODY = "00000000-0000-0000-0000-000000000000"
SET = "select set_config('tuneledger.workspace', $1, false)"
# Left open: who asks is found in these tables, before the workspace is known.
POLICIES = """
do $$ declare t record; begin
  for t in
    select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id'
    where c.relkind in ('r', 'p') and n.nspname in ('ledger', 'telemetry', 'public')
      and c.relname not in ('secrets', 'api_keys', 'members', 'workspaces', 'key_uses', 'answers')
  loop
    execute format('alter table %s enable row level security', t.name);
    execute format('create policy api on %s to tuneledger_api'
      ' using (workspace_id = current_setting(''tuneledger.workspace'')::uuid)', t.name);
  end loop;
end $$;
"""
# When a connection is told the workspace: never (no policies), when the tenant changed, or for each use.
Wall = Literal["none", "one tenant", "many tenants"]
_WORKSPACE: ContextVar[str] = ContextVar("workspace", default=NOBODY)


class Side:
    """One application over one database, and what it was filled with."""

    def __init__(self, engine: AsyncEngine, app: Litestar, key: str, wall: Wall) -> None:
        self._app, self._key, self._wall = app, key, wall
        self.workspace, self.dataset = NOBODY, ""
        self.examples: list[str] = []
        if wall != "none":
            sa.event.listen(engine.sync_engine, "checkout", self._tell_workspace)

    def _tell_workspace(self, connection: Any, record: Any, _: Any) -> None:
        workspace = _WORKSPACE.get()
        if self._wall == "many tenants" or record.info.get("workspace") != workspace:
            connection.run_async(lambda driver: driver.fetchval(SET, workspace))
            record.info["workspace"] = workspace

    async def ask(self, method: str, path: str, body: Any = None) -> bytes:
        """Send a request without a network between. Raises AssertionError unless it succeeds."""
        path, _, query = path.partition("?")
        content = b"" if body is None else msgspec.json.encode(body)
        headers = {"authorization": f"Bearer {self._key}", "content-type": "application/json", "host": "bench"}
        headers |= {"content-length": str(len(content))}
        scope: Any = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http"}
        scope |= {"method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode()}
        scope |= {"root_path": "", "client": ("127.0.0.1", 1), "server": ("bench", 80), "state": {}}
        scope |= {"headers": [(name.encode(), value.encode()) for name, value in headers.items()]}
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        answer = b"".join(message.get("body", b"") for message in sent[1:])
        assert sent[0]["status"] < 300, (method, path, sent[0]["status"], answer[:500])
        return answer

    async def fill(self) -> None:
        self.workspace = msgspec.json.decode(await self.ask("GET", "/v1/me"))["workspace_id"]
        _WORKSPACE.set(self.workspace)
        self.dataset = msgspec.json.decode(await self.ask("POST", "/v1/datasets", {"name": "d"}))["id"]
        path = f"/v1/datasets/{self.dataset}/examples"
        for low in range(0, EXAMPLES, BATCH):
            await self.ask("POST", path, {"examples": [_build_example(n) for n in range(low, low + BATCH)]})
        page = msgspec.json.decode(await self.ask("GET", f"{path}?limit=1000"))
        self.examples = [example["id"] for example in page["data"]]

    async def time(self, what: str, number: int) -> float:
        """Seconds of one request."""
        _WORKSPACE.set(self.workspace)
        example, dataset = self.examples[number % len(self.examples)], f"/v1/datasets/{self.dataset}/examples"
        method, path, body = {
            "edit": ("PATCH", f"/v1/examples/{example}", {"tags": [f"edit {number}"]}),
            "read": ("GET", f"/v1/examples/{example}", None),
            "page": ("GET", f"{dataset}?limit=100", None),
            "search": ("GET", f"{dataset}?limit=100&q=question+99{number % 10}", None),
        }[what]
        started = time.perf_counter()
        await self.ask(method, path, body)
        return time.perf_counter() - started


def _build_example(number: int) -> dict[str, Any]:
    question, answer = f"question {number} {'word ' * 40}", f"answer {number}"
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"content": {"messages": turns}, "metadata": {"n": number}}


@asynccontextmanager
async def open_side(postgres: str, wall: Wall) -> AsyncIterator[Side]:
    async with database(postgres) as url:
        key = generate_secret()
        owner = create_engine(url, role=None)
        await create_first_workspace(open_ledger(owner), key)
        await owner.dispose()
        if wall != "none":
            async with connect(url) as connection:
                await connection.execute(POLICIES)
        engine = create_engine(url, pool_size=4)
        settings = Settings(
            data_directory=Path(tempfile.gettempdir()), secret_key="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        )
        unlimited = msgspec.structs.replace(settings, requests_per_minute=0, workspace_requests_per_minute=0)
        side = Side(engine, create_app(unlimited, engine), key, wall)
        await side.fill()
        async with connect(url) as connection:
            await connection.execute("vacuum analyze")
        yield side
        await engine.dispose()


async def measure(postgres: str) -> dict[str, dict[str, Figure]]:
    """For each kind of request its milliseconds without the wall, and how many times as long it takes with it."""
    walls: tuple[Wall, ...] = ("none", "one tenant", "many tenants")
    async with AsyncExitStack() as stack:
        sides = {wall: await stack.enter_async_context(open_side(postgres, wall)) for wall in walls}
        return {what: await _measure_requests(sides, what) for what in REQUESTS}


async def _measure_requests(sides: dict[Wall, Side], what: str) -> dict[str, Figure]:
    medians: dict[Wall, list[float]] = {wall: [] for wall in sides}
    for block in range(BLOCKS + 1):
        times: dict[Wall, list[float]] = {wall: [] for wall in sides}
        for number in range(REQUESTS[what]):
            walls = list(sides)
            for wall in walls[number % len(walls) :] + walls[: number % len(walls)]:
                times[wall].append(await sides[wall].time(what, block * REQUESTS[what] + number))
        if block:  # the first one warms up
            for wall in sides:
                medians[wall].append(median(times[wall]))
    without = medians.pop("none")
    ratios = {wall: [a / b for a, b in zip(those, without, strict=True)] for wall, those in medians.items()}
    figures: dict[str, Figure] = {wall: build_figure(values, "times") for wall, values in ratios.items()}
    return {"without": build_figure([seconds * 1000 for seconds in without], "ms"), **figures}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="tuneledger-bench-") as folder, embedded(Path(folder)) as url:
        report = msgspec.json.encode(asyncio.run(measure(url)))
    sys.stdout.write(msgspec.json.format(report).decode() + "\n")
