"""Customization jobs: create (once for each request token), list in pages, read, stop; and the models they make."""

import base64
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.emulators.bedrock.wire import ACCOUNT, REGION, Refusal, read_body, read_id
from tests.emulators.faults import Clock

BASE_MODELS = ("amazon.nova-lite-v1:0:300k", "meta.llama3-1-8b-instruct-v1:0:128k")
PREFIX = f"arn:aws:bedrock:{REGION}:{ACCOUNT}"
# After how many paces a job is validated, its data processed, and it is trained.
VALIDATED, PROCESSED, TRAINED = 2.0, 3.0, 6.0
ENDED = frozenset({"Completed", "Failed", "Stopped"})


@dataclass
class Job:
    """`stubborn`: it completes although it was stopped. `odd_status`: reported in place of its own."""

    body: dict[str, Any]
    number: int
    clock: Clock
    pace: float
    created_at: float
    outcome: str = "Completed"
    stubborn: bool = False
    odd_status: str | None = None
    stopped_at: float | None = None
    failure: str = "The learning rate is too high: the loss is not a number."
    metrics: dict[str, Any] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        base = self.body["baseModelIdentifier"].rpartition("/")[2].replace(":", ".")
        return f"{PREFIX}:model-customization-job/{base}/{self.number:012x}"

    @property
    def model_arn(self) -> str:
        return self.arn.replace("model-customization-job", "custom-model")

    @property
    def age(self) -> float:
        return (self.clock.now() - self.created_at) / self.pace

    @property
    def status(self) -> str:
        if self.odd_status:
            return self.odd_status
        if self.stopped_at is not None and not self.stubborn:
            return "Stopped" if self.clock.now() > self.stopped_at + self.pace / 2 else "Stopping"
        if self.age >= TRAINED:
            return self.outcome
        return "InProgress" if self.stopped_at is None else "Stopping"

    def details(self) -> dict[str, Any]:
        bounds = {
            "validationDetails": (0.0, VALIDATED),
            "dataProcessingDetails": (VALIDATED, PROCESSED),
            "trainingDetails": (PROCESSED, TRAINED),
        }
        return {name: {"status": tell_stage(self.age, *bound)} for name, bound in bounds.items()}


def tell_stage(age: float, begins: float, ends: float) -> str:
    return "NotStarted" if age < begins else "InProgress" if age < ends else "Completed"


class Jobs:
    """`settings`: fields of all new jobs. `endless`: lists of jobs have no end."""

    def __init__(self, clock: Clock, pace: float) -> None:
        self.clock, self.pace = clock, pace
        self.stored: dict[str, Job] = {}
        self.models: dict[str, Job] = {}
        self.settings: dict[str, Any] = {}
        self.endless = False

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/foundation-models", self.foundation_models),
            web.post("/model-customization-jobs", self.create),
            web.get("/model-customization-jobs", self.list),
            web.get("/model-customization-jobs/{id}", self.read),
            web.post("/model-customization-jobs/{id}/stop", self.stop),
            web.get("/custom-models/{id}", self.read_model),
            web.delete("/custom-models/{id}", self.delete_model),
        ]

    async def foundation_models(self, _: web.Request) -> web.Response:
        lifecycle = {"status": "LEGACY", "endOfLifeTime": "2027-06-30T00:00:00Z"}
        models = [{"modelId": name, "modelArn": f"arn:aws:bedrock:{REGION}::{name}"} for name in BASE_MODELS]
        return web.json_response({"modelSummaries": [models[0], {**models[1], "modelLifecycle": lifecycle}]})

    async def create(self, request: web.Request) -> web.Response:
        body = await read_body(request, "bedrock", "CreateModelCustomizationJobRequest")
        for job in self.stored.values():
            if job.body.get("clientRequestToken") == body.get("clientRequestToken") and job.body == body:
                return web.json_response({"jobArn": job.arn}, status=201)
            if job.body["jobName"] == body["jobName"]:
                raise Refusal(400, "ConflictException", "The job name is in use.")
        return web.json_response({"jobArn": self.add(body).arn}, status=201)

    def add(self, body: dict[str, Any]) -> Job:
        number = len(self.stored) + 1
        job = Job(
            body=body, number=number, clock=self.clock, pace=self.pace, created_at=self.clock.now(), **self.settings
        )
        self.stored[job.arn] = self.models[job.model_arn] = job
        return job

    async def list(self, request: web.Request) -> web.Response:
        query = request.query
        jobs = [job for job in self.stored.values() if query.get("nameContains", "") in job.body["jobName"]]
        if query.get("sortOrder") == "Descending":
            jobs.reverse()
        return web.json_response(page(jobs, query, "modelCustomizationJobSummaries", describe_briefly, self.endless))

    async def read(self, request: web.Request) -> web.Response:
        return web.json_response(describe(self.find(request), self.clock))

    async def stop(self, request: web.Request) -> web.Response:
        job = self.find(request)
        if job.status in ENDED:
            raise Refusal(400, "ConflictException", f"The job is {job.status}.")
        job.stopped_at = self.clock.now()
        return web.json_response({})

    async def read_model(self, request: web.Request) -> web.Response:
        job = self.models.get(read_id(request))
        if job is None:
            raise Refusal(404, "ResourceNotFoundException", "The custom model is not found.")
        base = f"arn:aws:bedrock:{REGION}::foundation-model/{job.body['baseModelIdentifier']}"
        return web.json_response({"modelArn": job.model_arn, "jobArn": job.arn, "baseModelArn": base})

    async def delete_model(self, request: web.Request) -> web.Response:
        if self.models.pop(read_id(request), None) is None:
            raise Refusal(404, "ResourceNotFoundException", "The custom model is not found.")
        return web.json_response({})

    def find(self, request: web.Request) -> Job:
        wanted = read_id(request)
        for job in self.stored.values():
            if wanted in {job.arn, job.body["jobName"]}:
                return job
        raise Refusal(404, "ResourceNotFoundException", f"Job {wanted} is not found.")


def page(items: list[Any], query: Any, name: str, describe_item: Any, endless: bool = False) -> dict[str, Any]:
    """A page from the offset that `nextToken` holds. Its padding shows whether a query is signed as it is spelled."""
    first, size = read_offset(query.get("nextToken")), int(query.get("maxResults", 100))
    if not 1 <= size <= 1000:
        raise Refusal(400, "ValidationException", "maxResults: 1 to 1000.")
    more = endless or first + size < len(items)
    following = base64.b64encode(f"{first + size}/?>".encode()).decode() if more else None
    shown = [describe_item(item) for item in items[first : first + size]]
    return {name: shown, **({"nextToken": following} if following else {})}


def read_offset(token: str | None) -> int:
    return int(base64.b64decode(token).split(b"/")[0]) if token else 0


def describe_briefly(job: Job) -> dict[str, Any]:
    ended = job.status in ENDED
    at = {"creationTime": job.clock.timestamp(job.created_at), "lastModifiedTime": job.clock.timestamp()}
    made = {"customModelArn": job.model_arn} if job.status == "Completed" else {}
    return {
        "jobArn": job.arn,
        "jobName": job.body["jobName"],
        "customModelName": job.body["customModelName"],
        "baseModelArn": f"arn:aws:bedrock:{REGION}::foundation-model/{job.body['baseModelIdentifier']}",
        "status": job.status,
        "statusDetails": job.details(),
        **at,
        **made,
        **({"endTime": job.clock.timestamp()} if ended else {}),
    }


def describe(job: Job, clock: Clock) -> dict[str, Any]:
    known = describe_briefly(job)
    body = job.body
    known |= {name: body[name] for name in ("clientRequestToken", "roleArn", "hyperParameters") if name in body}
    known |= {"outputModelName": known.pop("customModelName"), "outputDataConfig": body["outputDataConfig"]}
    known |= {"trainingDataConfig": body["trainingDataConfig"], "validationDataConfig": {"validators": []}}
    known |= {"outputModelArn": known.pop("customModelArn")} if "customModelArn" in known else {}
    if job.status == "Failed":
        known["failureMessage"] = job.failure
    if job.status == "Completed":
        known |= {"trainingMetrics": {"trainingLoss": 0.5}}
        if "validationDataConfig" in body:
            known |= {
                "validationMetrics": [{"validationLoss": 0.6}],
                "validationDataConfig": body["validationDataConfig"],
            }
    return known
