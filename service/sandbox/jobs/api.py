"""Fine-tuning jobs over HTTP."""

import secrets
import time
from collections.abc import Callable
from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath
from msgspec.structs import replace

from service.sandbox.jobs import domain, job_requests
from service.sandbox.jobs.domain import Change, Record
from service.sandbox.models_api import resolve_base_model
from service.sandbox.state import Sandbox, SandboxOf, get_job, require
from service.sandbox.wire import (
    CreateJob,
    Job,
    Page,
    Refusal,
    build_page,
    parse_body,
    parse_integer,
    parse_metadata_filter,
)

ATTEMPTS = 100


@post("/v1/fine_tuning/jobs", status_code=200, sync_to_thread=True)
def create_job(body: bytes, sandbox: SandboxOf) -> Job:
    data = parse_body(body, CreateJob)
    model = resolve_base_model(sandbox, data.model)
    for param, file_id in (("training_file", data.training_file), ("validation_file", data.validation_file)):
        if file_id is not None:
            _require_training_file(sandbox, param, file_id)
    change = domain.create_job(
        data,
        job_id=f"ftjob-{secrets.token_hex(12)}",
        model=model,
        seed=secrets.randbelow(2**31) if data.seed is None else data.seed,
        now=time.time(),
        pace=sandbox.pace,
    )
    sandbox.store.add_job(change)
    return change.record.job


def _require_training_file(sandbox: Sandbox, param: str, file_id: str) -> None:
    file = sandbox.store.file(file_id)
    if file is None:
        raise Refusal(f"invalid {param}: {file_id}", param=param)
    if file.purpose != "fine-tune":
        message = f"File '{file_id}' has purpose '{file.purpose}'; a job needs 'fine-tune'."
        raise Refusal(message, param=param, code="invalid_file_purpose")


@get("/v1/fine_tuning/jobs", sync_to_thread=True)
def list_jobs(request: Request[Any, Any, Any], sandbox: SandboxOf) -> Page:
    query = request.query_params
    limit, after = parse_integer(query, "limit", default=20), query.get("after")
    if after is not None:
        get_job(sandbox, after)
    records = sandbox.store.jobs(
        after=after, limit=limit + 1, metadata=parse_metadata_filter(list(query.multi_items()))
    )
    return build_page([_apply_status_fault(record, request, sandbox) for record in records], limit=limit)


@get("/v1/fine_tuning/jobs/{job_id:str}", sync_to_thread=True)
def read_job(job_id: FromPath[str], request: Request[Any, Any, Any], sandbox: SandboxOf) -> Job:
    return _apply_status_fault(get_job(sandbox, job_id), request, sandbox)


def _apply_status_fault(record: Record, request: Request[Any, Any, Any], sandbox: Sandbox) -> Job:
    """The job as it is; or, when that fault was asked for, in a state nobody has heard of."""
    if sandbox.faults.take("unknown_status", method="GET", path=request.url.path):
        return replace(record.job, status="rebalancing")
    return record.job


@post("/v1/fine_tuning/jobs/{job_id:str}/cancel", status_code=200, sync_to_thread=True)
def cancel_job(job_id: FromPath[str], request: Request[Any, Any, Any], sandbox: SandboxOf) -> Job:
    status = get_job(sandbox, job_id).job.status
    ignores_cancel = status not in domain.END_STATUSES and sandbox.faults.take(
        "cancel_then_succeed", method="POST", path=request.url.path
    )
    return _change(
        sandbox,
        job_id,
        lambda record: job_requests.cancel(
            record, ignores_cancel=bool(ignores_cancel) or record.stubborn, now=time.time()
        ),
    )


@post("/v1/fine_tuning/jobs/{job_id:str}/pause", status_code=200, sync_to_thread=True)
def pause_job(job_id: FromPath[str], sandbox: SandboxOf) -> Job:
    return _change(sandbox, job_id, lambda record: job_requests.pause(record, now=time.time()))


@post("/v1/fine_tuning/jobs/{job_id:str}/resume", status_code=200, sync_to_thread=True)
def resume_job(job_id: FromPath[str], sandbox: SandboxOf) -> Job:
    return _change(sandbox, job_id, lambda record: job_requests.resume(record, now=time.time(), pace=sandbox.pace))


def _change(sandbox: Sandbox, job_id: str, decide: Callable[[Record], Change]) -> Job:
    """Decide on the job as it is; again when a step came in between."""
    for _ in range(ATTEMPTS):
        change = decide(get_job(sandbox, job_id))
        if sandbox.store.save(change):
            return change.record.job
    raise Refusal("The job is changing too fast; try again.", status=409, code="conflict")


@get("/v1/fine_tuning/jobs/{job_id:str}/events", sync_to_thread=True)
def list_events(job_id: FromPath[str], request: Request[Any, Any, Any], sandbox: SandboxOf) -> Page:
    get_job(sandbox, job_id)
    limit = parse_integer(request.query_params, "limit", default=20, maximum=1000)
    after = request.query_params.get("after")
    options = {} if after is None else {"before": _parse_seq(after, "ftevent-")}
    return build_page(list(sandbox.store.events(job_id, limit=limit + 1, **options)), limit=limit)


@get("/v1/fine_tuning/jobs/{job_id:str}/checkpoints", sync_to_thread=True)
def list_checkpoints(job_id: FromPath[str], request: Request[Any, Any, Any], sandbox: SandboxOf) -> Page:
    get_job(sandbox, job_id)
    limit = parse_integer(request.query_params, "limit", default=10)
    after = request.query_params.get("after")
    options = {} if after is None else {"before": _parse_seq(after, "ftckpt_")}
    return build_page(list(sandbox.store.checkpoints(job_id, limit=limit + 1, **options)), limit=limit)


def _parse_seq(after: str, prefix: str) -> int:
    number = after.removeprefix(prefix)
    seq = int(number) if number.isascii() and number.isdigit() and len(number) == 24 else None  # noqa: PLR2004
    return min(require(seq, "object", after), 2**62)
