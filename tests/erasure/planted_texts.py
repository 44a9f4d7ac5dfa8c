"""Plant texts with a mark, and a person's key, through every route that takes text."""

import asyncio
import json
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import open_ledger
from service.datasets.imports import worker as imports_worker
from service.evaluations.domain import KIND as EVALUATION
from service.evaluations.worker import evaluate
from service.inference import worker as runs_worker
from service.prompts.runs import worker as prompt_runs
from service.worker.context import WorkerContext
from tests.datasets.example_bodies import Json, chat, make_dataset, ok
from tests.datasets.import_files import send_file
from tests.generation.generation_runs import WORKS, make_generation
from tests.inference.run_world import make_connection, wait_for_end
from tests.models.world import World
from tests.monitoring.production import Production
from tests.prompts.prompt_bodies import add_version, make_prompt
from tests.tunes.conftest import working
from tests.tunes.sandbox import MODEL, Sandbox

MARK = "zqvulpinezq"
PERSON = f"{MARK}@person.example"
ABOUT = {"subject": PERSON}
QUESTION = [{"role": "user", "content": f"Which category is the match of {MARK}?"}]


def marked(number: int) -> Json:
    return {"content": chat(f"Which category is the match number {number} of {MARK}?", f"sports {MARK}")}


async def run_runs(context: WorkerContext, stop: asyncio.Event) -> None:
    await runs_worker.run({**WORKS, prompt_runs.KIND: prompt_runs.predict, EVALUATION: evaluate}, context, stop)


class Planter:
    """`count` examples by POST, and one or a few through every other route."""

    def __init__(self, api: httpx.AsyncClient, engine: AsyncEngine, sandbox: Sandbox, *, count: int) -> None:
        self.api, self.engine, self.sandbox, self.count = api, engine, sandbox, count

    async def post(self, path: str, body: Any, **headers: str) -> Json:
        return await ok(await self.api.post(f"/v1{path}", json=body, headers=headers))

    async def plant(self) -> None:
        self.connection_id = await make_connection(self.api, self.sandbox)
        task = {"name": "topics", "instruction": "Name the category.", "categories": ["sports", "politics"]}
        self.task = await self.post("/tasks", task)
        self.dataset = await make_dataset(self.api, "marked", task_id=self.task["id"])
        await self.plant_examples()
        await self.plant_imports()
        await self.plant_labels()
        await self.plant_documents()
        async with working(self.engine, run_runs):
            await self.plant_runs()
        await self.plant_production()

    async def plant_examples(self) -> None:
        path = f"/datasets/{self.dataset}/examples"
        new = [marked(number) | {"metadata": ABOUT, "split": "test"} for number in range(self.count)]
        body = await self.post(path, {"examples": new[:100]}, **{"Idempotency-Key": "many"})
        for start in range(100, self.count, 100):
            await self.post(path, {"examples": new[start : start + 100]})
        self.example = body["data"][0]["id"]
        one = f"/v1/examples/{self.example}"
        await ok(await self.api.patch(one, json={"content": chat(f"another {MARK}", f"sports {MARK}")}))
        await self.post(f"/examples/{self.example}/repair", {"instruction": f"less {MARK}", "output": f"{MARK}!"})
        await self.post(f"/datasets/{self.dataset}/versions", {"name": "v1"})

    async def plant_imports(self) -> None:
        rows = [json.dumps({"messages": marked(n)["content"]["messages"], "metadata": ABOUT}) for n in (1_001, 1_002)]
        bad = json.dumps({"messages": [{"role": MARK, "content": MARK}], "metadata": ABOUT})
        text = "\n".join([*rows, bad]).encode()
        async with working(self.engine, imports_worker.run):
            sent = await send_file(self.api, self.dataset, text, on_error="skip")
            await wait_for_end(self.api, sent["id"])
        self.unfinished = (await send_file(self.api, self.dataset, text, on_error="skip"))["id"]

    async def plant_labels(self) -> None:
        label = {"example_id": self.example, "text": f"sports, since {MARK} says so"}
        await self.post(f"/datasets/{self.dataset}/labels", label, **{"Idempotency-Key": "label"})

    async def plant_documents(self) -> None:
        self.generation = await make_generation(self.api, self.sandbox)
        sent = await self.api.post(
            f"/v1/generations/{self.generation['id']}/documents",
            content=f"{MARK} plays football on Sundays. The match of {MARK} was long.".encode(),
            params={"subject": PERSON},
            headers={"Content-Type": "text/plain", "Idempotency-Key": "document"},
        )
        self.document = (await ok(sent))["id"]

    async def plant_runs(self) -> None:
        pairs = await self.post(f"/generations/{self.generation['id']}/pairs", {"document_ids": [self.document]})
        prompt = await make_prompt(self.api, "asks")
        target = {"connection_id": self.connection_id, "model": MODEL}
        await add_version(self.api, prompt, target=target)
        shown = {"task_id": self.task["id"], "task_version": 1, "style": "few_shot"}
        built = shown | {"examples": [{"example_id": self.example, "version": 1}]}
        message = [{"role": "user", "content": f"{MARK}: sports. {{{{summary}}}}"}]
        await add_version(self.api, prompt, messages=message, target=target, built=built)
        self.prompt = prompt
        run = await self.post(f"/prompts/{prompt}/runs", {"dataset_id": self.dataset, "version": 1, "limit": 5})
        evaluation = await self.post(
            "/evaluations",
            {
                "name": "measured",
                "dataset_id": self.dataset,
                "version": "v1",
                "limit": 3,
                "targets": [{"name": "base", **target}],
                "scorers": [{"name": "exact_match"}],
            },
        )
        for started in (pairs, run, evaluation):
            await wait_for_end(self.api, started["id"])

    async def plant_production(self) -> None:
        world = await World(self.api, open_ledger(self.engine)).begin()
        live = await Production(world).begin()
        version = {"connection_id": self.connection_id, "base_model": MODEL, "provider_model": MODEL}
        await world.create(f"{live.path}/versions", version)
        logged = [live.call(f"logged {MARK}", output=f"out {MARK}", metadata=ABOUT, client_id=f"c{n}") for n in (1, 2)]
        ids = await live.log(*logged)
        await live.judge(ids[0], stars=1, comment=f"comment {MARK}", correction=f"correction {MARK}")
        await self.post(
            "/requests/promote", {"dataset_id": self.dataset, "request_ids": [ids[0]], "use_correction": True}
        )
        ask = {"model": "headlines:v1.2", "messages": QUESTION, "user": PERSON}
        await self.post("/chat/completions", ask, **{"Idempotency-Key": "chat"})
        streamed = await self.api.post("/v1/chat/completions", json=ask | {"stream": True})
        assert streamed.is_success, streamed.text
        completion = {"version": "v1.2", "messages": QUESTION}
        await self.post(f"/models/{live.model['id']}/completions", completion, **{"Idempotency-Key": "completion"})
