"""Old jobs: they can be read, cancelled and deleted. New ones and datasets are refused with 501."""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.emulators.faults import Clock
from tests.emulators.fireworks.wire import ACCOUNT, HOME, Refusal, answer, list_page, split_verb

COLLECTIONS = ("supervisedFineTuningJobs", "dpoJobs", "reinforcementFineTuningJobs")
MODEL = "accounts/fireworks/models/qwen3-8b"
SECONDS = 4.0
STEPS = ("CREATING", "VALIDATING", "RUNNING", "WRITING_RESULTS")


@dataclass
class OldJob:
    """`ending`: its last state. A `stubborn` one succeeds although it was cancelled."""

    id: str
    collection: str
    created_at: float
    ending: str = "COMPLETED"
    stubborn: bool = False
    cancelled_at: float | None = None
    odd_state: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)


class Jobs:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.stored: dict[str, OldJob] = {}
        self.endless = False

    def add(self, job_id: str, *, collection: str = COLLECTIONS[0], **settings: Any) -> OldJob:
        job = OldJob(job_id, collection, self.clock.now(), **settings)
        self.stored[f"{collection}/{job_id}"] = job
        return job

    def routes(self) -> list[web.RouteDef]:
        one, many = f"{HOME}/{{collection:{'|'.join(COLLECTIONS)}}}/{{id}}", f"{HOME}/{{collection:\\w*Jobs}}"
        closed = [web.post(f"{HOME}/datasets", self.refuse), web.post(f"{HOME}/datasets/{{id}}", self.refuse)]
        return [
            web.post(many, self.refuse),
            web.get(many, self.list),
            web.get(one, self.read),
            web.post(one, self.act),
            web.delete(one, self.delete),
            *closed,
        ]

    async def refuse(self, _: web.Request) -> web.Response:
        raise Refusal(501, "Managed fine-tuning takes no new jobs. Use the Training API.")

    async def list(self, request: web.Request) -> web.Response:
        collection = request.match_info["collection"]
        jobs = [self.describe(job) for job in self.stored.values() if job.collection == collection]
        if self.endless:
            return answer({collection: jobs, "nextPageToken": f"{request.query.get('pageToken', '')}x"})
        return list_page(request, collection, jobs)

    async def read(self, request: web.Request) -> web.Response:
        return answer(self.describe(self._find(request)))

    async def act(self, request: web.Request) -> web.Response:
        job = self._find(request)
        if split_verb(request)[1] != "cancel":
            raise Refusal(404, "Not Found")
        if self.name_state(job) in {"COMPLETED", "FAILED", "CANCELLED"}:
            raise Refusal(412, f"The job is {self.name_state(job)}.")
        job.cancelled_at = self.clock.now()
        return answer({})

    async def delete(self, request: web.Request) -> web.Response:
        job = self._find(request)
        del self.stored[f"{job.collection}/{job.id}"]
        return answer({})

    def name_state(self, job: OldJob) -> str:
        now = self.clock.now()
        if job.cancelled_at is not None:
            ended = now - job.cancelled_at >= 1
            return "CANCELLING" if not ended else "COMPLETED" if job.stubborn else "CANCELLED"
        step = int(now - job.created_at)
        return STEPS[step] if step < len(STEPS) else job.ending

    def describe(self, job: OldJob) -> dict[str, Any]:
        """Fields that have no value are absent; int64 are texts."""
        state = self.name_state(job)
        ended = state in {"COMPLETED", "FAILED", "CANCELLED"}
        percent = 100 if ended else min(99, int(100 * (self.clock.now() - job.created_at) / SECONDS))
        failure = {"code": "INVALID_ARGUMENT", "message": "Row 3 has no assistant message."}
        base = {"baseModel": MODEL}
        described = {
            "name": f"accounts/{ACCOUNT}/{job.collection}/{job.id}",
            "state": job.odd_state or f"JOB_STATE_{state}",
            "status": failure if state == "FAILED" else {"code": "OK"},
            "dataset": f"accounts/{ACCOUNT}/datasets/rows",
            **(base if job.collection == COLLECTIONS[0] else {"trainingConfig": base}),
            "outputModel": f"accounts/{ACCOUNT}/models/{job.id}",
            "jobProgress": {"percent": percent, "epoch": 0},
            "estimatedCost": {"currencyCode": "USD", "units": "2", "nanos": 500_000_000},
            "createTime": self.clock.timestamp(job.created_at),
            "updateTime": self.clock.timestamp(),
        }
        return described | ({"completedTime": self.clock.timestamp()} if ended else {}) | job.fields

    def _find(self, request: web.Request) -> OldJob:
        job_id = split_verb(request)[0]
        job = self.stored.get(f"{request.match_info['collection']}/{job_id}")
        if job is None:
            raise Refusal(404, f"Job {job_id} was not found.")
        return job
