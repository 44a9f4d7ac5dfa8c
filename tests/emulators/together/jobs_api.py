"""The routes of jobs: create, list without pages, read, cancel, delete, and what is told about each."""

from collections import deque
from contextlib import suppress
from typing import Any

from aiohttp import web

from tests.emulators.faults import Clock
from tests.emulators.together import jobs
from tests.emulators.together.catalog import LORA_ONLY, MODELS, describe_limits
from tests.emulators.together.files import Files
from tests.emulators.together.jobs import ENDED, Job
from tests.emulators.together.wire import Refusal, answer, read_json

SUFFIX_LENGTH = 40
USER_LIMIT = 25.0


class Jobs:
    """`outcomes`: how the next jobs end; `settings`: fields of all new jobs. `list_lag`: seconds until one is listed.

    `endless`: the list, which has no pages, has no end either.
    """

    def __init__(self, files: Files, clock: Clock, pace: float) -> None:
        self.files = files
        self.clock = clock
        self.pace = pace
        self.stored: dict[str, Job] = {}
        self.outcomes: deque[str] = deque()
        self.list_lag = 0.0
        self.endless = False
        self.settings: dict[str, Any] = {}
        self.bodies: list[dict[str, Any]] = []

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/v1/fine-tunes/models/supported", self.supported),
            web.get("/v1/fine-tunes/models/limits", self.limits),
            web.post("/v1/fine-tunes/estimate-price", self.estimate),
            web.post("/v1/fine-tunes", self.create),
            web.get("/v1/fine-tunes", self.list),
            web.get("/v1/fine-tunes/{id}", self.read),
            web.delete("/v1/fine-tunes/{id}", self.delete),
            web.post("/v1/fine-tunes/{id}/cancel", self.cancel),
            web.get("/v1/fine-tunes/{id}/events", self.events),
            web.get("/v1/fine-tunes/{id}/metrics", self.metrics),
            web.get("/v1/fine-tunes/{id}/checkpoints", self.checkpoints),
        ]

    async def supported(self, _: web.Request) -> web.Response:
        detailed = [{"name": model, "parent_model": model} for model in MODELS]
        return answer({"models": list(MODELS), "detailed_models": detailed})

    async def limits(self, request: web.Request) -> web.Response:
        return answer(describe_limits(self._check_model(request.query.get("model_name"))))

    async def estimate(self, request: web.Request) -> web.Response:
        body = await read_json(request)
        try:
            job = self._build(body)
        except Refusal as refusal:
            if refusal.body["error"]["code"] != "invalid_file":
                raise
            return answer({"estimation_available": False, "unavailable_reason": "train_file_not_validated"})
        total = jobs.price(job)
        return answer(
            {
                "estimation_available": True,
                "estimated_total_price": total,
                "allowed_to_proceed": total <= USER_LIMIT,
                "user_limit": USER_LIMIT,
                "estimated_train_token_count": float(job.tokens),
                "estimated_eval_token_count": 0.0,
            }
        )

    async def create(self, request: web.Request) -> web.Response:
        body = await read_json(request)
        self.bodies.append(body)
        job = self._build(body)
        if self.outcomes:
            self.outcomes.popleft()
        self.stored[job.id] = job
        return answer(jobs.describe(job, full=False))

    async def list(self, request: web.Request) -> web.StreamResponse:
        if self.endless:
            return await send_without_end(request)
        visible = (job for job in self.stored.values() if job.listed_at <= self.clock.now())
        return answer({"data": [jobs.describe(job, full=False) for job in visible]})

    async def read(self, request: web.Request) -> web.Response:
        return answer(jobs.describe(self.find(request), full=True))

    async def delete(self, request: web.Request) -> web.Response:
        del self.stored[self.find(request).id]
        return answer({"message": "Fine-tune job deleted"})

    async def cancel(self, request: web.Request) -> web.Response:
        job = self.find(request)
        if job.status in ENDED:
            raise Refusal(400, f"Job {job.id} is already {job.status}.", code="invalid_status")
        job.cancelled_at = self.clock.now()
        return answer(jobs.describe(job, full=False))

    async def events(self, request: web.Request) -> web.Response:
        job = self.find(request)
        return answer({"data": [jobs.build_event(job, *event) for event in jobs.list_happened(job)]})

    async def metrics(self, request: web.Request) -> web.Response:
        last = request.query.get("global_step_to")
        first = int(request.query.get("global_step_from", 0))
        rows = jobs.list_metrics(self.find(request), first=first, last=int(last) if last else None)
        return answer({"metrics": rows})

    async def checkpoints(self, request: web.Request) -> web.Response:
        return answer({"data": jobs.list_checkpoints(self.find(request))})

    def find(self, request: web.Request) -> Job:
        job = self.stored.get(request.match_info["id"])
        if job is None:
            raise Refusal(404, f"Fine-tune job {request.match_info['id']} not found.", code="not_found")
        return job

    def find_by_name(self, name: str) -> Job | None:
        return next((job for job in self.stored.values() if job.output_name == name), None)

    def _build(self, body: dict[str, Any]) -> Job:
        if body.get("model") and body.get("from_checkpoint"):
            raise Refusal(400, "Give a model or a checkpoint, not both.", param="from_checkpoint")
        base = self._find_start(body["from_checkpoint"]).model if body.get("from_checkpoint") else body.get("model")
        model = self._check_model(base)
        validation = body.get("validation_file")
        job = Job(
            id=f"ft-{len(self.bodies):08d}-{len(self.stored):08x}",
            body=body,
            training=self.files.find_ready(body.get("training_file"), "training_file"),
            validation=self.files.find_ready(validation, "validation_file") if validation else None,
            clock=self.clock,
            pace=self.pace,
            model=model,
            created_at=self.clock.now(),
            listed_at=self.clock.now() + self.list_lag,
            **self.settings | ({"outcome": self.outcomes[0]} if self.outcomes else {}),
        )
        check_body(body, job, describe_limits(model))
        return job

    def _find_start(self, checkpoint: str) -> Job:
        name = checkpoint.partition(":")[0]
        job = self.stored.get(name) or self.find_by_name(name)
        if job is None:
            raise Refusal(400, f"No checkpoint {checkpoint}.", param="from_checkpoint")
        return job

    def _check_model(self, model: object) -> str:
        if model not in MODELS:
            message = f"Model {model} is not supported for fine-tuning."
            raise Refusal(404, message, code="model_not_found", param="model")
        return str(model)


async def send_without_end(request: web.Request) -> web.StreamResponse:
    """Entries until the client has had enough."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"data": [')
    with suppress(ConnectionError):
        while True:
            await response.write(b'{"id": "ft-other", "status": "running"}, ' * 20_000)
    return response


def check_body(body: dict[str, Any], job: Job, limits: dict[str, Any]) -> None:
    """Refuses what Together refuses."""
    if len(body.get("suffix") or "") > SUFFIX_LENGTH:
        raise Refusal(400, "suffix: at most 40 characters.", param="suffix")
    for name, highest in (("n_epochs", "max_num_epochs"), ("learning_rate", "max_learning_rate")):
        if name in body and not 0 < body[name] <= limits[highest]:
            raise Refusal(400, f"{name}: at most {limits[highest]}.", param=name)
    check_training_type(body.get("training_type"), limits)
    method = (body.get("training_method") or {}).get("method")
    wanted = "PREFERENCE_OPENAI" if method == "dpo" else "CONVERSATION"
    if method not in {"sft", "dpo"} or job.training.format != wanted:
        raise Refusal(400, f"training_method: {method} needs a dataset of {wanted}.", param="training_method")
    if body.get("early_stopping_enabled"):
        needed = body.get("early_stopping_patience", 2) + body.get("early_stopping_warmup_evals", 1) + 1
        if not job.validation or (body.get("n_evals") or 0) < needed:
            raise Refusal(400, f"Early stopping needs a validation file and {needed} n_evals.", param="n_evals")


def check_training_type(training_type: Any, limits: dict[str, Any]) -> None:
    if training_type is None:
        return
    if training_type.get("type") == "Full":
        if limits["model_name"] == LORA_ONLY:
            raise Refusal(400, "training_type: only LoRA is offered for this model.", param="training_type")
        return
    rank, alpha = training_type.get("lora_r"), training_type.get("lora_alpha")
    highest = limits["lora_training"]["max_rank"]
    if not isinstance(rank, int) or not isinstance(alpha, int) or not 0 < rank <= highest:
        raise Refusal(400, f"training_type: lora_r (at most {highest}) and lora_alpha are required.", param="lora_r")
