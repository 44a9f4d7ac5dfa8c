"""A workspace with a frozen dataset and a sandbox, and what a user of evaluations does there."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import open_ledger
from service.database.engine import new_id
from service.datasets.splits import Split
from service.evaluations.domain import KIND
from service.evaluations.worker import evaluate
from service.ledger.store import Caller, Ledger
from service.tunes.events import TUNE, TuneRequested, TuneSubmitted, TuneSubmitting, TuneSucceeded
from service.tunes.tune_files import SentFile
from tests.inference import run_world
from tests.inference.run_world import make_connection
from tests.tunes.conftest import ok
from tests.tunes.sandbox import MODEL, Sandbox

WORKS = {KIND: evaluate}
CHAT = "POST /v1/chat/completions"
CHATS = "/v1/chat/completions"
SUBJECTS = ("the match", "the election", "the film")
CATEGORIES = ("sports", "politics", "culture")
Json = dict[str, Any]
run_worker = partial(run_world.run_worker, WORKS)
worker_process = partial(run_world.worker_process, f"{__name__}:WORKS")


def headline(number: int, *, answer: str | None = None) -> Json:
    question = f"Which category is headline number {number} about {SUBJECTS[number % 3]}?"
    answer_text = CATEGORIES[number % 3] if answer is None else answer
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer_text}]}


class Lab:
    """Everything over HTTP, but what only a provider's end of a tune would say."""

    def __init__(self, api: httpx.AsyncClient, engine: AsyncEngine, workspace_id: UUID) -> None:
        self.api = api
        self.engine = engine
        self.ledger: Ledger = open_ledger(engine)
        self.caller = Caller(workspace_id=workspace_id, actor="tester", request_id="r")

    async def create(self, path: str, body: Json) -> Json:
        created: Json = await ok(await self.api.post(f"/v1{path}", json=body))
        return created

    async def read(self, path: str, **query: Any) -> Json:
        body: Json = await ok(await self.api.get(f"/v1{path}", params=query))
        return body

    async def task(self, **fields: Any) -> str:
        body = {"name": str(new_id()), "instruction": "Name the category of a headline.", "categories": CATEGORIES}
        return str((await self.create("/tasks", body | fields))["id"])

    async def dataset(self, *, train: int = 0, test: int = 6, start: int = 0, task_id: str | None = None) -> str:
        """Headlines numbered from `start`, those to train on first, frozen as v1."""
        dataset_id = str((await self.create("/datasets", {"name": str(new_id()), "task_id": task_id}))["id"])
        splits = ["train"] * train + ["test"] * test
        await self.add(dataset_id, [{"content": headline(n), "split": split} for n, split in enumerate(splits, start)])
        await self.freeze(dataset_id, "v1")
        return dataset_id

    async def add(self, dataset_id: str, examples: Sequence[Json]) -> list[str]:
        body = await self.create(f"/datasets/{dataset_id}/examples", {"examples": list(examples)})
        return [example["id"] for example in body["data"]]

    async def freeze(self, dataset_id: str, name: str) -> Json:
        return await self.create(f"/datasets/{dataset_id}/versions", {"name": name})

    async def connect(self, sandbox: Sandbox | None, **fields: Any) -> str:
        """A connection to the sandbox; without one, to where nobody answers."""
        return await make_connection(self.api, sandbox, **fields)

    async def request_evaluation(self, dataset_id: str, targets: Sequence[Json], **fields: Any) -> str:
        """The id of an evaluation that is to be worked on."""
        scorers = [{"name": "classification", "config": {"categories": CATEGORIES}}]
        body = {"name": "headlines", "dataset_id": dataset_id, "version": "v1", "targets": list(targets)}
        sent = await self.api.post("/v1/evaluations", json=body | {"scorers": scorers} | fields)
        operation = await ok(sent)
        assert (sent.status_code, sent.headers["Location"]) == (202, f"/v1/operations/{operation['id']}")
        return str(operation["resource"]).rsplit("/", 1)[1]

    async def expect_refusal(
        self, dataset_id: str, targets: Sequence[Json], **fields: Any
    ) -> tuple[int, str, list[str]]:
        """Status, code and pointers of an evaluation that is not accepted."""
        scorers = [{"name": "exact_match"}]
        body = {"name": "headlines", "dataset_id": dataset_id, "version": "v1", "targets": list(targets)}
        sent = await self.api.post("/v1/evaluations", json=body | {"scorers": scorers} | fields)
        problem = sent.json()
        return sent.status_code, problem["code"], [fault["pointer"] for fault in problem.get("errors", [])]

    async def operation(self, evaluation_id: str, *, wait: float = 60) -> Json:
        evaluation = await self.read(f"/evaluations/{evaluation_id}")
        return await self.read(f"/operations/{evaluation['operation_id']}", wait=wait)

    async def ended(self, evaluation_id: str) -> Json:
        operation = await self.operation(evaluation_id)
        assert operation["state"] == "succeeded", operation
        return await self.read(f"/evaluations/{evaluation_id}")

    async def evaluate(self, dataset_id: str, targets: Sequence[Json], **fields: Any) -> Json:
        """An evaluation that is over; a worker has to be at work."""
        return await self.ended(await self.request_evaluation(dataset_id, targets, **fields))

    async def results(self, evaluation_id: str, **query: Any) -> list[Json]:
        page = await self.read(f"/evaluations/{evaluation_id}/results", limit=1000, **query)
        return list(page["data"])

    async def done(self, evaluation_id: str, number: int) -> None:
        """Wait until so many results are there."""
        async with asyncio.timeout(60):
            while len(await self.results(evaluation_id)) < number:  # noqa: ASYNC110 - another process answers
                await asyncio.sleep(0.02)

    async def rate(self, result: Json, stars: int, **fields: Any) -> Json:
        path = f"/v1/evaluations/{result['evaluation_id']}/results/{result['id']}/rating"
        rated: Json = await ok(await self.api.put(path, json={"stars": stars} | fields))
        return rated

    async def record_tune(
        self,
        connection_id: str,
        dataset_id: str,
        provider_model: str,
        *,
        base_model: str = MODEL,
        validation: Split | None = "validation",
    ) -> str:
        """A tune on v1 that has succeeded, as its workers record it. Its rows may be fewer than a provider takes."""
        frozen = await self.read(f"/datasets/{dataset_id}/versions/v1")
        tune_id = new_id()
        requested = TuneRequested(
            sweep_id=new_id(),
            connection_id=UUID(connection_id),
            connection_kind="sandbox",
            base_model=base_model,
            dataset_id=UUID(dataset_id),
            dataset_version="v1",
            dataset_seq=frozen["seq"],
            dataset_digest=frozen["digest"],
            train_split="train",
            train_examples=frozen["splits"]["train"],
            validation_split=validation if frozen["splits"].get(validation or "") else None,
            validation_examples=frozen["splits"].get(validation or "", 0),
        )
        now = datetime.now(UTC)
        file = SentFile(file_id="file-1", digest="ab" * 32, bytes=900, rows=9)
        for event in (
            requested,
            TuneSubmitting(token=str(tune_id), training_file=file),
            TuneSubmitted(job_id="ftjob-1", state="running", raw_status="running", at=now),
            TuneSucceeded(job_id="ftjob-1", provider_model=provider_model, at=now),
        ):
            await self.ledger.change(TUNE, tune_id, lambda _: [event], caller=self.caller)  # noqa: B023 - called here
        return str(tune_id)


def base(connection_id: str, **fields: Any) -> Json:
    return {"connection_id": connection_id, "model": MODEL} | fields


async def paid(sandbox: Sandbox) -> int:
    return await sandbox.count("done", CHAT)
