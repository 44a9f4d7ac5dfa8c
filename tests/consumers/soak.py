"""Run the product for some minutes with everything being killed at random, and prove that nothing came of it.

`make soak` (ten minutes) or `python -m tests.consumers.soak MINUTES`. The API, the worker and Postgres die in the first
two thirds; in the last, memory and connections must stay flat. Prints the figures as JSON; exit code 1 with a finding.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psutil

from service.database.embedded_postgres import embedded
from service.database.migrate import migrate
from service.server.supervisor import ROOT
from tests.conftest import connect
from tests.consumers.mortal import Mortal
from tests.live_server import KEY, environment_of, free_port
from tests.tunes.sandbox import MODEL, Sandbox, sandbox_in
from tuneledger import AsyncTuneledger
from tuneledger.audit.notes import verifier_of
from tuneledger.audit.verifier import own_keys, verify
from tuneledger.errors import TuneledgerError

HERE = Path(__file__).parent
PATIENCE = 300.0
PAUSE_SECONDS = 0.3  # between two requests of one kind: about half of what two cores can do
KILL_EVERY = (4.0, 20.0)
ROWS = [  # the same text has the same split
    {"content": {"messages": [{"role": "user", "content": f"a{number}"}, {"role": "assistant", "content": "b"}]}}
    for number in range(20)
]
SAMPLE_SECONDS = 5.0
MIN_SAMPLES = 5
MAX_GROWTH = 1.3  # of the memory from the second to the last quarter of the quiet time; processes grow as they begin
CONNECTIONS = "select count(*) from pg_stat_activity where application_name like 'tuneledger%'"
BACKENDS = "select pid from pg_stat_activity where application_name like 'tuneledger%' and pid <> pg_backend_pid()"


class Report(msgspec.Struct, kw_only=True):
    """What came of it. `done` counts what was acknowledged."""

    minutes: float
    done: Counter[str] = msgspec.field(default_factory=Counter)
    deaths: dict[str, int] = {}
    memory_mb: list[float] = []
    connections: list[int] = []
    findings: list[str] = []

    def expect(self, what: str, *, found: Any, wanted: Any) -> None:
        if found != wanted:
            self.findings.append(f"{what}: {found!r} instead of {wanted!r}"[:500])


class Soak:
    """The processes, the load, and what is known to be acknowledged."""

    def __init__(self, database_url: str, directory: Path, sandbox: Sandbox, *, minutes: float) -> None:
        self.report = Report(minutes=minutes)
        self._database_url, self._directory, self._sandbox = database_url, directory, sandbox
        self._end = time.monotonic() + 60 * minutes
        self._calm = self._end - 20 * minutes
        self._receiver_port = free_port()
        self._url = f"http://127.0.0.1:{free_port()}"
        self._environment = {
            **environment_of(database_url, directory, port=self._url.rsplit(":", 1)[1], lease_seconds="2"),
            "PYTHONPATH": f"{ROOT}:{ROOT / 'clients/python/src'}",
            "TUNELEDGER_BASE_URL": self._url,
            "TUNELEDGER_API_KEY": KEY,
            "TUNELEDGER_POLL_INTERVAL": "1",
            "TUNELEDGER_WEBHOOKS_ALLOW_LOCAL": "true",
            "TUNELEDGER_WEBHOOKS_RETRY_SCHEDULE": "0.1,0.5,1",
        }
        self._server = self._build_mortal("server", "-m", "service", "serve", "--no-worker")
        self._worker = self._build_mortal("worker", "-m", "service", "worker")
        self._receiver = self._build_mortal("receiver", f"{HERE}/receiver.py", str(self._receiver_port), str(directory))
        self._follower = self._build_mortal("follower", f"{HERE}/follower.py", f"{directory}/followed")
        self._added: list[str] = []
        self._tunes: list[str] = []

    def _build_mortal(self, name: str, *command: str) -> Mortal:
        output = self._directory / f"{name}.output"
        return Mortal(*command, environment=self._environment, output=output, wrote=output)

    async def close(self) -> None:
        for each in (self._follower, self._receiver, self._worker, self._server):
            await each.kill()

    async def run(self) -> Report:
        await self._server.start()
        await self._wait_until_ready()
        async with AsyncTuneledger(KEY, base_url=self._url, max_retries=12) as client:
            dataset, target = await self._prepare(client)
            for each in (self._receiver, self._worker, self._follower):
                await each.start()
            async with asyncio.TaskGroup() as group:
                for load in (self._add, self._edit, self._import, self._export):
                    group.create_task(self._repeat(load, client, dataset, pause=PAUSE_SECONDS))
                group.create_task(self._repeat(self._tune, client, target, pause=20))
                group.create_task(self._kill_processes())
                group.create_task(self._sample())
            await self._check(client, dataset)
        return self.report

    async def _prepare(self, client: AsyncTuneledger) -> tuple[str, dict[str, Any]]:
        dataset = await client.datasets.create(name="soaked")
        webhook = await client.webhooks.create(url=f"http://127.0.0.1:{self._receiver_port}/log", order="log")
        (self._directory / "log.secret").write_text(str(webhook.secret))
        await self._add(client, dataset.id)
        await client.datasets.versions.freeze(dataset.id, name="v1")
        connection = await client.connections.create(
            name="sandbox", kind="sandbox", secret="none", base_url=self._sandbox.base_url
        )
        target = {"connection_id": connection.id, "base_model": MODEL}
        return dataset.id, {"dataset_id": dataset.id, "dataset_version": "v1", "targets": [target]}

    async def _repeat(self, load: Any, client: AsyncTuneledger, of: Any, *, pause: float) -> None:
        """What fails after all retries is not acknowledged, and may have happened or not."""
        while time.monotonic() < self._end:
            try:
                await load(client, of)
                self.report.done[load.__name__.strip("_")] += 1
            except (TuneledgerError, httpx.HTTPError) as error:
                self.report.done[f"{load.__name__.strip('_')} failed"] += 1
                sys.stderr.write(f"{load.__name__}: {error!r}\n"[:300])
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))

    async def _add(self, client: AsyncTuneledger, dataset: str) -> None:
        batch = await client.datasets.examples.create_many(dataset, examples=ROWS)
        self._added += [example.id for example in batch.data]

    async def _edit(self, client: AsyncTuneledger, _: str) -> None:
        await client.examples.update(random.choice(self._added), tags=[f"{random.random()}"])

    async def _import(self, client: AsyncTuneledger, dataset: str) -> None:
        """Each row has an external id of its own, so that one that is imported twice would show."""
        number = len(self._added) + self.report.done["import"]
        rows = [ROWS[0]["content"] | {"external_id": f"{time.time_ns()}-{number}-{row}"} for row in range(200)]
        lines = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
        started = await client.datasets.imports.create(dataset, lines, format="openai-chat")
        await client.request("GET", f"/v1/operations/{started.id}", params={"wait": 30})
        await asyncio.sleep(2)

    async def _export(self, client: AsyncTuneledger, dataset: str) -> None:
        await client.request("GET", f"/v1/datasets/{dataset}/examples", params={"limit": 1_000})
        await asyncio.sleep(1)

    async def _tune(self, client: AsyncTuneledger, wanted: dict[str, Any]) -> None:
        made = await client.request("POST", "/v1/tunes", json=wanted)
        self._tunes += [tune["id"] for tune in made.json()["tunes"]]

    async def _kill_processes(self) -> None:
        """A backend that is killed takes all of Postgres with it, which then recovers."""
        while time.monotonic() < self._calm:
            await asyncio.sleep(random.uniform(*KILL_EVERY))
            match random.choice(("server", "worker", "postgres")):
                case "server":
                    await self._server.kill()
                    await self._server.start()
                    self._server.deaths += 1
                case "worker":
                    await self._worker.kill()
                    await self._worker.start()
                    self._worker.deaths += 1
                case _:
                    await self._kill_postgres()
        self.report.deaths |= {"server": self._server.deaths, "worker": self._worker.deaths}

    async def _kill_postgres(self) -> None:
        with suppress(Exception):  # it may just be recovering from the last time
            async with connect(self._database_url) as connection:
                backends = await connection.fetch(BACKENDS)
            psutil.Process(random.choice(backends)["pid"]).kill()
            self.report.deaths["postgres"] = self.report.deaths.get("postgres", 0) + 1

    async def _sample(self) -> None:
        """Memory and connections of the quiet time."""
        await asyncio.sleep(max(0.0, self._calm - time.monotonic()) + SAMPLE_SECONDS)
        while time.monotonic() < self._end:
            processes = [psutil.Process(each.process.pid) for each in (self._server, self._worker) if each.process]
            family = [each for process in processes for each in (process, *process.children(recursive=True))]
            self.report.memory_mb.append(round(sum(each.memory_full_info().uss for each in family) / 2**20, 1))
            async with connect(self._database_url) as connection:
                self.report.connections.append(await connection.fetchval(CONNECTIONS))
            await asyncio.sleep(SAMPLE_SECONDS)

    async def _check(self, client: AsyncTuneledger, dataset: str) -> None:
        report = self.report
        for tune in self._tunes:
            await self._wait_for_tune(client, tune)
            report.expect(f"jobs of tune {tune}", found=len(await self._sandbox.jobs(tune)), wanted=1)
        async with connect(self._database_url) as connection:
            head = await connection.fetchval("select max(seq) from ledger.heads")
            rows = await connection.fetchval("select count(*) from examples where external_id is not null")
            distinct = await connection.fetchval("select count(distinct external_id) from examples")
            report.expect("imported rows", found=rows, wanted=distinct)
            ids = {str(row["id"]) for row in await connection.fetch("select id from examples")}
        report.expect("acknowledged examples that are lost", found=len(set(self._added) - ids), wanted=0)
        for consumer in ("followed", "log"):
            await self._wait_while_growing(consumer, head)
        report.expect(
            "followed", found=self._read_lines("followed") == [str(seq) for seq in range(1, head + 1)], wanted=True
        )
        received = self._read_received()
        report.expect("events not received", found=len({*range(received[0], head + 1)} - {*received}), wanted=0)
        report.expect("received in order, each once", found=received == sorted(set(received)), wanted=True)
        await self._check_log(client, head)
        await self._check_flat()

    async def _wait_while_growing(self, consumer: str, head: int) -> None:
        """Wait until the consumer's last line is of the last event, or nothing has come to it for PATIENCE seconds."""
        size, since = 0, time.monotonic()
        while time.monotonic() - since < PATIENCE:
            lines = self._read_lines(consumer)
            if str(head) in " ".join(lines[-1:]).split():
                return
            if len(lines) > size:
                size, since = len(lines), time.monotonic()
            await asyncio.sleep(1)

    async def _wait_for_tune(self, client: AsyncTuneledger, tune: str) -> None:
        state, deadline = "", time.monotonic() + PATIENCE
        while state not in {"succeeded", "failed", "cancelled"} and time.monotonic() < deadline:
            await asyncio.sleep(0.5)
            state = (await client.request("GET", f"/v1/tunes/{tune}")).json()["state"]
        self.report.expect(f"tune {tune}", found=state, wanted="succeeded")

    async def _check_log(self, client: AsyncTuneledger, head: int) -> None:
        size = 0
        while size < head:
            await asyncio.sleep(0.2)
            size = (await client.ledger.checkpoint()).size
        lines = (await client.events.export_log().read()).splitlines(keepends=True)
        found = verify(lines, trusted=[verifier_of(key) for key in own_keys(lines[0])])
        self.report.expect("findings of the verifier", found=found.findings, wanted=[])
        command = [sys.executable, "-m", "service", "rebuild", "--verify"]
        process = await asyncio.create_subprocess_exec(
            *command, env=self._environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await process.communicate()
        self.report.expect("rebuild --verify", found=process.returncode and said.decode()[-300:], wanted=0)

    async def _check_flat(self) -> None:
        memory, connections = self.report.memory_mb, self.report.connections
        quarter = len(memory) // 4
        if quarter < MIN_SAMPLES:  # a short run says nothing of this
            return
        before, after = max(memory[quarter : 2 * quarter]), min(memory[-quarter:])
        self.report.expect("memory is flat", found=after <= before * MAX_GROWTH, wanted=True)
        self.report.expect("connections are few", found=max(connections) <= 2 * 10 + 2, wanted=True)

    async def _wait_until_ready(self) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            while True:
                with suppress(httpx.TransportError):
                    if (await client.get(f"{self._url}/readyz")).is_success:
                        return
                await asyncio.sleep(0.1)

    def _read_lines(self, name: str) -> list[str]:
        file = self._directory / name
        return file.read_text().split("\n")[:-1] if file.exists() else []

    def _read_received(self) -> list[int]:
        return [int(line.split()[1]) for line in self._read_lines("log")]


async def main(minutes: float) -> Report:
    with tempfile.TemporaryDirectory(prefix="tuneledger-soak-") as name, embedded(Path(name) / "database") as url:
        directory = Path(name)
        await migrate(url)
        async with sandbox_in(directory / "sandbox", pace=1.0) as sandbox:
            soak = Soak(url, directory, sandbox, minutes=minutes)
            try:
                return await soak.run()
            finally:
                await soak.close()


if __name__ == "__main__":
    report = asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 10))
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(report)).decode() + "\n")
    sys.exit(1 if report.findings else 0)
