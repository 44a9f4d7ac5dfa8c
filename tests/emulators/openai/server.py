"""The routes of the emulator."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.emulators.faults import Clock, Faults, serve
from tests.emulators.openai.jobs import EmulatedJob

JOBS = "/v1/fine_tuning/jobs"
SECRET = "sk-emulated-openai-0123456789"


class OpenAIEmulator:
    """`seconds` and `steps` are those of jobs created from now on; `list_delay`: how late lists show them;
    `create_delay`: how long a create takes, also when its client has left.

    `endless`: lists of jobs have no end. `faults` answers calls in other ways, such as `POST /v1/files`.
    """

    def __init__(self, *, seconds: float = 0.5, steps: int = 4) -> None:
        self.base_url = ""
        self.seconds, self.steps = seconds, steps
        self.list_delay = self.create_delay = 0.0
        self.endless = False
        self.faults = Faults()
        self.clock = Clock(running=True)
        self.epoch = time.time()
        self.jobs: dict[str, EmulatedJob] = {}
        self.files: dict[str, tuple[str, bytes]] = {}

    def add_job(self, body: dict[str, Any], **settings: Any) -> EmulatedJob:
        now = self.clock.now()
        defaults: dict[str, Any] = {"created": now, "seconds": self.seconds, "steps": self.steps}
        defaults |= {"id": f"ftjob-{uuid.uuid4().hex[:24]}", "listed_at": now + self.list_delay}
        job = EmulatedJob(body=body, **defaults | settings)
        self.jobs[job.id] = job
        return job

    def jobs_with(self, token: str) -> list[EmulatedJob]:
        return [job for job in self.jobs.values() if job.token == token]

    def running_with(self, token: str) -> list[EmulatedJob]:
        """Those with this token that nobody has cancelled."""
        return [job for job in self.jobs_with(token) if job.cancelled_at is None]

    def build(self) -> web.Application:
        app = web.Application(middlewares=[self.faults.handle, authenticate], client_max_size=1 << 30)
        app.add_routes(
            [
                web.get("/v1/models", self._models),
                web.get("/v1/models/{id}", self._read_model),
                web.post("/v1/files", self._upload),
                web.get("/v1/files", self._list_files),
                web.get("/v1/files/{id}/content", self._content),
                web.delete("/v1/files/{id}", self._delete_file),
                web.post(JOBS, self._create),
                web.get(JOBS, self._list),
                web.get(f"{JOBS}/{{id}}", self._read),
                web.post(f"{JOBS}/{{id}}/cancel", self._cancel),
                web.get(f"{JOBS}/{{id}}/events", self._events),
                web.get(f"{JOBS}/{{id}}/checkpoints", self._checkpoints),
                web.post("/v1/chat/completions", self._chat),
            ]
        )
        return app

    async def _models(self, _: web.Request) -> web.Response:
        return answer({"object": "list", "data": [{"id": "gpt-emulated", "object": "model"}]})

    async def _read_model(self, request: web.Request) -> web.Response:
        name, now = request.match_info["id"], self.clock.now()
        made = {job.describe(now, self.epoch)["fine_tuned_model"] for job in self.jobs.values()}
        return answer({"id": name, "object": "model"}) if name in {"gpt-emulated", *made} else missing("model")

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        sent: Any = form["file"]
        file_id = f"file-{uuid.uuid4().hex[:24]}"
        self.files[file_id] = (sent.filename, await asyncio.to_thread(sent.file.read))
        return answer(self._describe_file(file_id))

    def _describe_file(self, file_id: str) -> dict[str, Any]:
        name, content = self.files[file_id]
        return {"id": file_id, "object": "file", "filename": name, "bytes": len(content), "status": "processed"}

    async def _list_files(self, request: web.Request) -> web.Response:
        return page(request, [self._describe_file(file_id) for file_id in reversed(self.files)], default=10_000)

    async def _content(self, request: web.Request) -> web.Response:
        file_id = request.match_info["id"]
        if file_id.startswith("result-"):
            job = self.jobs[file_id.removeprefix("result-")]
            rows = "".join(f"{step},{2.0 / step}\n" for step in range(1, job.steps + 1))
            return web.Response(text=f"step,train_loss\n{rows}")
        return web.Response(body=self.files[file_id][1]) if file_id in self.files else missing("file")

    async def _delete_file(self, request: web.Request) -> web.Response:
        gone = self.files.pop(request.match_info["id"], None)
        return answer({"deleted": True}) if gone else missing("file")

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.json()
        await asyncio.sleep(self.create_delay)
        for name in ("training_file", "validation_file"):
            if body.get(name) and body[name] not in self.files:
                return refuse(400, f"No such file: {body[name]}", code="invalid_file")
        return answer(self._describe(self.add_job(body)))

    def _describe(self, job: EmulatedJob) -> dict[str, Any]:
        return job.describe(self.clock.now(), self.epoch)

    async def _list(self, request: web.Request) -> web.Response:
        wanted = request.query.get("metadata[tuneledger_job_id]")
        now = self.clock.now()
        found = [job for job in reversed(self.jobs.values()) if job.listed_at <= now and wanted in (None, job.token)]
        return page(request, found, describe=self._describe, endless=self.endless)

    async def _read(self, request: web.Request) -> web.Response:
        job = self.jobs.get(request.match_info["id"])
        return answer(self._describe(job)) if job else missing("job")

    async def _cancel(self, request: web.Request) -> web.Response:
        job = self.jobs.get(request.match_info["id"])
        if job is None:
            return missing("job")
        if job.ended_at(self.clock.now()) is not None:
            return refuse(400, "The job has ended.", code="job_ended")
        job.cancelled_at = self.clock.now()
        if job.end != "succeeded_though_cancelled":
            job.end = "cancelled"
        else:
            job.end = "succeeded"
        return answer(self._describe(job))

    async def _events(self, request: web.Request) -> web.Response:
        job = self.jobs.get(request.match_info["id"])
        return page(request, job.events(self.clock.now(), self.epoch)) if job else missing("job")

    async def _checkpoints(self, request: web.Request) -> web.Response:
        job = self.jobs.get(request.match_info["id"])
        return page(request, job.checkpoints(self.clock.now(), self.epoch)) if job else missing("job")

    async def _chat(self, request: web.Request) -> web.Response:
        body = await request.json()
        choice = {"index": 0, "message": {"role": "assistant", "content": "sports"}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6}
        return answer({"id": "chatcmpl-1", "model": body["model"], "choices": [choice], "usage": usage})


@web.middleware
async def authenticate(request: web.Request, handler: Any) -> web.StreamResponse:
    if request.headers.get("authorization") != f"Bearer {SECRET}":
        return refuse(401, "Incorrect API key provided.", code="invalid_api_key")
    response: web.StreamResponse = await handler(request)
    return response


def answer(body: Any) -> web.Response:
    return web.Response(body=json.dumps(body).encode(), content_type="application/json")


def refuse(status: int, message: str, *, code: str) -> web.Response:
    return web.json_response({"error": {"message": message, "code": code, "type": code, "param": None}}, status=status)


def missing(what: str) -> web.Response:
    return refuse(404, f"No such {what}.", code="not_found")


def page(
    request: web.Request, items: Sequence[Any], *, describe: Any = None, default: int = 20, endless: bool = False
) -> web.Response:
    """One page of a list, the newest first."""
    limit, after = int(request.query.get("limit", default)), request.query.get("after")
    ids = [getattr(item, "id", None) or item["id"] for item in items] if after else []
    start = ids.index(after) + 1 if after in ids else 0
    shown = items[start : start + limit]
    body = [describe(item) for item in shown] if describe else list(shown)
    if endless:
        filler = {"id": f"ftjob-{uuid.uuid4().hex}", "object": "fine_tuning.job", "status": "succeeded"}
        return answer({"object": "list", "data": [*body, filler], "has_more": True})
    return answer({"object": "list", "data": body, "has_more": start + limit < len(items)})


@asynccontextmanager
async def emulate(*, port: int = 0, **settings: Any) -> AsyncIterator[OpenAIEmulator]:
    """An emulator in this event loop, until the end of the block."""
    emulator = OpenAIEmulator(**settings)
    async with serve(emulator.build(), port=port) as address:
        emulator.base_url = f"{address}/v1"
        yield emulator
