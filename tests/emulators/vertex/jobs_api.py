"""The routes of tuning jobs: create, list in pages with a filter, read, cancel; and the endpoints that jobs leave."""

import re
from itertools import count
from typing import Any

from aiohttp import web

from tests.emulators.faults import Clock
from tests.emulators.vertex import jobs
from tests.emulators.vertex.bucket import Bucket
from tests.emulators.vertex.jobs import ENDED, LOCATION, NUMBER, SPECS, Job
from tests.emulators.vertex.wire import Refusal, read_json

PROJECT = "acme-tunes"
MODELS = ("gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-2.5-pro")
PARENT = "/{version:v1|v1beta1}/projects/{project}/locations/{location}"
FIELDS = frozenset({"baseModel", "preTunedModel", "tunedModelDisplayName", "description", "labels", "encryptionSpec"})
PARAMETERS = {
    "supervisedTuningSpec": {"epochCount", "learningRateMultiplier", "adapterSize", "batchSize", "learningRate"},
    "preferenceOptimizationSpec": {"epochCount", "learningRateMultiplier", "adapterSize", "beta"},
}
SIZES = {"ADAPTER_SIZE_ONE", "ADAPTER_SIZE_TWO", "ADAPTER_SIZE_FOUR", "ADAPTER_SIZE_EIGHT", "ADAPTER_SIZE_SIXTEEN"}
LABEL = re.compile(r"[a-z0-9_-]{0,63}")
FILTER = re.compile(r'labels\.([a-z0-9_-]+)\s*=\s*"([^"]*)"')
MAX_PAGE = 100


class Jobs:
    """`settings`: fields of all new jobs. `endless`: there is always a next page. `no_filter`: filters are refused.

    `list_lag`: seconds until a new job is listed.
    """

    def __init__(self, bucket: Bucket, clock: Clock, pace: float) -> None:
        self.bucket = bucket
        self.clock = clock
        self.pace = pace
        self.stored: dict[str, Job] = {}
        self.settings: dict[str, Any] = {}
        self.endless = False
        self.no_filter = False
        self.list_lag = 0.0
        self._pages = count(1)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(f"{PARENT}/tuningJobs", self.create),
            web.get(f"{PARENT}/tuningJobs", self.list),
            web.get(f"{PARENT}/tuningJobs/{{id}}", self.read),
            web.post(f"{PARENT}/tuningJobs/{{id}}:cancel", self.cancel),
            web.get(f"{PARENT}/endpoints/{{id}}", self.endpoint),
        ]

    async def create(self, request: web.Request) -> web.Response:
        check_parent(request)
        body = await read_json(request)
        spec_name = check_body(body)
        job = Job(
            id=f"{7_000_000_000 + len(self.stored)}",
            body=body,
            clock=self.clock,
            pace=self.pace,
            created_at=self.clock.now(),
            base_model=self._find_base(body),
            **self.settings,
        )
        self._read_rows(job, SPECS[spec_name])
        self.stored[job.id] = job
        return web.json_response(jobs.describe(job))

    async def list(self, request: web.Request) -> web.Response:
        """The newest first."""
        check_parent(request)
        if self.endless:
            return web.json_response({"tuningJobs": [], "nextPageToken": f"page-{next(self._pages)}"})
        listed = [job for job in reversed(self.stored.values()) if job.created_at + self.list_lag <= self.clock.now()]
        found = [job for job in listed if self._is_wanted(job, request.query.get("filter"))]
        size = min(int(request.query.get("pageSize", MAX_PAGE)) or MAX_PAGE, MAX_PAGE)
        begin = int(request.query.get("pageToken", 0))
        page = {"tuningJobs": [jobs.describe(job) for job in found[begin : begin + size]]}
        following = {"nextPageToken": str(begin + size)} if begin + size < len(found) else {}
        return web.json_response((page if page["tuningJobs"] else {}) | following)

    async def read(self, request: web.Request) -> web.Response:
        return web.json_response(jobs.describe(self.find(request)))

    async def cancel(self, request: web.Request) -> web.Response:
        job = self.find(request)
        if job.state in ENDED:
            raise Refusal(400, f"The job is in the state {job.state}.", word="FAILED_PRECONDITION")
        job.cancelled_at = self.clock.now()
        return web.json_response({})

    async def endpoint(self, request: web.Request) -> web.Response:
        check_parent(request)
        found = self.find_served(f"{jobs.PARENT}/endpoints/{request.match_info['id']}")
        if found is None:
            raise Refusal(404, "The endpoint is not found.")
        job, checkpoint = found
        deployed = {"id": "1", "model": job.model, "modelVersionId": "1", "checkpointId": checkpoint}
        return web.json_response({"name": job.endpoint, "deployedModels": [deployed]})

    def find(self, request: web.Request) -> Job:
        check_parent(request)
        job = self.stored.get(request.match_info["id"])
        if job is None:
            raise Refusal(404, f"TuningJob {request.match_info['id']} not found.")
        return job

    def find_served(self, endpoint: str) -> tuple[Job, str] | None:
        """The job and the checkpoint that an endpoint serves."""
        for job in self.stored.values():
            checkpoints = jobs.describe(job).get("tunedModel", {}).get("checkpoints", [])
            for checkpoint in checkpoints:
                if checkpoint["endpoint"] == endpoint:
                    return job, checkpoint["checkpointId"]
        return None

    def _is_wanted(self, job: Job, text: str | None) -> bool:
        if text is None:
            return True
        found = FILTER.fullmatch(text)
        if found is None or self.no_filter:
            raise Refusal(400, "Invalid filter.")
        return bool(job.body.get("labels", {}).get(found[1]) == found[2])

    def _find_base(self, body: dict[str, Any]) -> str:
        if "preTunedModel" not in body:
            if body["baseModel"] not in MODELS:
                raise Refusal(400, f"Base model {body['baseModel']} is not supported.")
            return str(body["baseModel"])
        wanted = str(body["preTunedModel"].get("tunedModelName")).partition("@")[0]
        found = next((job for job in self.stored.values() if job.model == wanted), None)
        if found is None:
            raise Refusal(404, f"The model {wanted} is not found.")
        return found.base_model

    def _read_rows(self, job: Job, wanted: str) -> None:
        """As Vertex does it once the job runs; the emulator knows beforehand how it will end."""
        content = self.bucket.find(job.spec["trainingDatasetUri"])
        if content is None:
            job.fault = job.fault or "The training dataset cannot be read."
            return
        job.examples, job.tokens, fault = jobs.check_rows(content, wanted)
        job.fault = job.fault or fault


def check_parent(request: web.Request) -> None:
    if request.match_info["project"] not in {PROJECT, NUMBER}:
        raise Refusal(403, "Permission denied on resource project.", details=[{"reason": "CONSUMER_INVALID"}])
    if request.match_info["location"] != LOCATION:
        raise Refusal(400, "Request contains an invalid location.")


def check_body(body: dict[str, Any]) -> str:
    """Refuses what Vertex refuses. Returns the spec's name."""
    specs = [name for name in SPECS if name in body]
    if unknown := body.keys() - FIELDS - set(SPECS):
        raise_unknown(min(unknown), "tuning_job")
    if len(specs) != 1 or ("baseModel" in body) == ("preTunedModel" in body):
        raise Refusal(400, "One spec, and a base model or a tuned one, are required.")
    for name, value in body.get("labels", {}).items():
        if not LABEL.fullmatch(name) or not LABEL.fullmatch(value):
            raise Refusal(400, f"Invalid label {name}.")
    if len(body.get("tunedModelDisplayName", "")) > 128:
        raise Refusal(400, "The display name has more than 128 characters.")
    spec = body[specs[0]]
    given = spec.get("hyperParameters", {})
    if unknown := given.keys() - PARAMETERS[specs[0]]:
        raise_unknown(min(unknown), f"tuning_job.{specs[0]}.hyper_parameters")
    if given.get("adapterSize", "ADAPTER_SIZE_ONE") not in SIZES:
        raise Refusal(400, "Invalid value for adapter_size.")
    if "trainingDatasetUri" not in spec:
        raise Refusal(400, "training_dataset_uri is required.")
    return specs[0]


def raise_unknown(name: str, place: str) -> None:
    words = f"Invalid JSON payload received. Unknown name \"{name}\" at '{place}': Cannot find field."
    violation = {"field": place, "description": words}
    details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}]
    raise Refusal(400, words, details=details)
