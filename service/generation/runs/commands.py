"""Start runs of a generation: resolve the models, prompt and task as they are now, and queue an operation."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec

from service.database.engine import new_id
from service.datasets.domain import DATASET, require_active
from service.datasets.filters.selection import Selection
from service.errors import Fault, NotFound, Unprocessable
from service.generation import domain as generations
from service.generation import queries
from service.generation.domain import GENERATION, GenerationState, PromptChoice, RunKind
from service.generation.runs.failed_examples import find_failed_examples
from service.generation.runs.quotas import plan_portions
from service.generation.runs.spec import (
    BaseSpec,
    JudgeSpec,
    PairsSpec,
    PromptSpec,
    RowsSpec,
    RunSpec,
    TopicsSpec,
    encode_spec,
)
from service.generation.schemas import MAX_ROWS, NewGenerationRun, NewJudge, NewPairs, NewTopics
from service.generation.topics.domain import MAX_DEPTH, MAX_TOPICS, find_leaves, find_path
from service.http.as_of import resolve_as_of
from service.http.responses import StoredResponse, fill_recorded_at
from service.inference.domain import RUN, Served, build_run_request
from service.inference.targets import ModelChoice, resolve_target
from service.ledger.decider import PENDING, StreamState
from service.ledger.retry import retry_on_conflict
from service.ledger.store import Batch, Caller, Entry, Ledger
from service.operations.accepted_response import encode_accepted
from service.operations.domain import Operation, Progress
from service.prompts.domain import PROMPT, PromptTarget
from service.prompts.render.renderer import candidate_versions
from service.tasks.domain import TASK, TaskState

UNITS: dict[RunKind, str] = {"topics": "topics", "generation": "questions", "documents": "chunks"}
BuildSpec = Callable[[StreamState[GenerationState], dict[str, Any]], Awaitable[RunSpec]]


async def queue_topics(ledger: Ledger, caller: Caller, generation_id: UUID, data: NewTopics) -> StoredResponse:
    """Queue a run that names topics. Raises Unprocessable for an unknown parent, or a tree too deep or too large."""

    async def build_spec(stored: StreamState[GenerationState], base: dict[str, Any]) -> RunSpec:
        tree = stored.state.topics
        if data.parent is not None and data.parent not in tree:
            raise _build_error("/parent", "No such topic.", code="no_such_topic")
        if len(find_path(tree, data.parent).path) + data.depth > MAX_DEPTH:
            raise _build_error("/depth", f"A tree has at most {MAX_DEPTH} levels.", code="too_deep")
        more = sum(data.count**level for level in range(1, data.depth + 1))
        if len(tree) + more > MAX_TOPICS:
            raise _build_error("/count", f"A tree has at most {MAX_TOPICS:,} topics; this could add {more:,}.")
        return TopicsSpec(count=data.count, depth=data.depth, parent=data.parent, **base)

    return await _queue_run(ledger, caller, generation_id, "topics", build_spec)


async def queue_rows(ledger: Ledger, caller: Caller, generation_id: UUID, data: NewGenerationRun) -> StoredResponse:
    """Queue a run that writes inputs and answers them. Raises Unprocessable with every fault of the request."""

    async def build_spec(stored: StreamState[GenerationState], base: dict[str, Any]) -> RunSpec:
        task = await _load_task(ledger, caller.workspace_id, base["task_id"])
        if faults := _find_row_faults(stored.state, task, data):
            raise Unprocessable(faults[0].detail, errors=faults)
        return RowsSpec(
            low=data.temperature.min,
            high=data.temperature.max,
            per_topic=data.inputs_per_topic,
            total=data.total,
            categories=dict(data.categories) if data.categories else None,
            judge=await _build_judge_spec(ledger, caller.workspace_id, data.judge, base["served"]),
            prompt=await _build_prompt_spec(ledger, caller.workspace_id, stored.state.prompt),
            near=data.near_duplicates,
            max_tokens=data.max_tokens,
            **base,
        )

    return await _queue_run(ledger, caller, generation_id, "generation", build_spec)


async def queue_pairs(ledger: Ledger, caller: Caller, generation_id: UUID, data: NewPairs) -> StoredResponse:
    """Queue a run over documents. Raises Unprocessable with each document that is missing or has no text."""

    async def build_spec(stored: StreamState[GenerationState], base: dict[str, Any]) -> RunSpec:
        ids = tuple(dict.fromkeys(data.document_ids))
        rows = await queries.load_document_texts(ledger.engine, caller.workspace_id, stored.id, ids)
        faults = [
            Fault(pointer=f"/document_ids/{number}", detail=detail, code=code)
            for number, id_ in enumerate(data.document_ids)
            for code, detail in _find_document_faults(rows.get(id_))
        ]
        if faults:
            raise Unprocessable(faults[0].detail, errors=faults)
        return PairsSpec(
            document_ids=ids,
            mode=data.mode,
            per_chunk=data.pairs_per_chunk if data.mode == "pairs" else 1,
            chunk_words=data.chunk_words,
            grounding=data.grounding,
            instruction=data.instruction,
            temperature=data.temperature,
            **base,
        )

    return await _queue_run(ledger, caller, generation_id, "documents", build_spec)


def _find_document_faults(row: Any) -> list[tuple[str, str]]:
    if row is None:
        return [("no_such_document", "The generation has no such document.")]
    if row.text is None:
        return [("unreadable", "This document has no readable text; see its findings.")]
    return [] if row.body is not None else [("erased", "The text of this document was erased.")]


async def _queue_run(
    ledger: Ledger, caller: Caller, generation_id: UUID, kind: RunKind, build_spec: BuildSpec
) -> StoredResponse:
    async def attempt() -> StoredResponse:
        stored = await ledger.get(GENERATION, caller.workspace_id, generation_id)
        require_active((await ledger.get(DATASET, caller.workspace_id, stored.state.dataset_id)).state)
        spec = await build_spec(stored, await _load_base_fields(ledger, caller.workspace_id, stored))
        run_id = new_id()
        response = _build_response(caller, run_id, generation_id, kind)
        batch = _build_batch(caller, stored, spec, run_id=run_id, kind=kind, response=response)
        written = await ledger.write(caller, batch)
        return fill_recorded_at(response, written.recorded_at)

    return await retry_on_conflict(attempt, subject="the generation")


async def _load_base_fields(ledger: Ledger, workspace_id: UUID, stored: StreamState[GenerationState]) -> dict[str, Any]:
    """The fields that every kind of run has."""
    state = stored.state
    task = await ledger.find(TASK, workspace_id, state.task_id) if state.task_id else None
    seq = await resolve_as_of(ledger.engine, workspace_id, None)
    selection = Selection(dataset_id=state.dataset_id, seq=seq)
    learns_from_failures = state.template == "bugs_seen"
    base = BaseSpec(
        generation_id=stored.id,
        version=stored.version,
        dataset_id=state.dataset_id,
        moment=seq,
        served=await resolve_target(ledger, workspace_id, to_model_choice(state.target), pointer="/target"),
        task_id=state.task_id,
        task_version=task.version if task else None,
        bugs=await find_failed_examples(ledger.engine, workspace_id, selection) if learns_from_failures else (),
    )
    return msgspec.structs.asdict(base)


def to_model_choice(target: PromptTarget) -> ModelChoice:
    return msgspec.convert(msgspec.structs.asdict(target), ModelChoice)


async def _load_task(ledger: Ledger, workspace_id: UUID, task_id: UUID | None) -> TaskState | None:
    stored = await ledger.find(TASK, workspace_id, task_id) if task_id else None
    return stored.state if stored else None


def _find_row_faults(state: GenerationState, task: TaskState | None, data: NewGenerationRun) -> list[Fault]:
    has_inputs = task is not None or state.guidance.inputs
    has_outputs = task is not None or state.prompt is not None or state.guidance.outputs
    no_inputs = "The generation has no task: say in guidance.inputs what inputs to write."
    no_outputs = "The generation has no task and no prompt: say in guidance.outputs how to answer."
    checks = [
        (data.temperature.min > data.temperature.max, "/temperature", "`min` is above `max`.", "invalid"),
        (not has_inputs, "/guidance/inputs", no_inputs, "required"),
        (not has_outputs, "/guidance/outputs", no_outputs, "required"),
    ]
    return [
        *_find_count_faults(state, data),
        *[Fault(pointer=pointer, detail=detail, code=code) for wrong, pointer, detail, code in checks if wrong],
        *_find_category_faults(task, data),
    ]


def _find_count_faults(state: GenerationState, data: NewGenerationRun) -> list[Fault]:
    counts = [name for name in ("inputs_per_topic", "total", "categories") if getattr(data, name) is not None]
    if len(counts) != 1:
        detail = "Give exactly one of inputs_per_topic, total and categories."
        return [Fault(pointer="/inputs_per_topic", detail=detail, code="invalid")]
    portions = plan_portions(
        find_leaves(state.topics), per_topic=data.inputs_per_topic, total=data.total, categories=data.categories
    )
    number = sum(portion.count for portion in portions)
    if number <= MAX_ROWS:
        return []
    detail = f"A run makes at most {MAX_ROWS:,} candidates; this would make {number:,}."
    return [Fault(pointer=f"/{counts[0]}", detail=detail, code="invalid")]


def _find_category_faults(task: TaskState | None, data: NewGenerationRun) -> list[Fault]:
    known = {*task.categories, task.fallback_category} if task else set()
    return [
        Fault(pointer="/categories", detail=f"The task has no category {name!r}.", code="no_such_category")
        for name in data.categories or {}
        if name not in known
    ]


async def _build_judge_spec(
    ledger: Ledger, workspace_id: UUID, judge: NewJudge | None, own_model: Served
) -> JudgeSpec | None:
    if judge is None:
        return None
    served = own_model
    if judge.target is not None:
        served = await resolve_target(ledger, workspace_id, judge.target, pointer="/judge/target")
    return JudgeSpec(served=served, minimum=judge.minimum)


async def _build_prompt_spec(ledger: Ledger, workspace_id: UUID, choice: PromptChoice | None) -> PromptSpec | None:
    if choice is None:
        return None
    try:
        prompt = (await ledger.get(PROMPT, workspace_id, choice.prompt_id)).state
    except NotFound as error:
        raise _build_error("/prompt/prompt_id", error.detail, code="not_found") from error
    weights = candidate_versions(prompt, version=choice.version, label=choice.label, at="/prompt")
    return PromptSpec(prompt_id=choice.prompt_id, weights=weights, label=choice.label)


def _build_batch(
    caller: Caller,
    stored: StreamState[GenerationState],
    spec: RunSpec,
    *,
    run_id: UUID,
    kind: RunKind,
    response: StoredResponse,
) -> Batch:
    [event] = generations.order_run(stored.state, run_id=run_id, kind=kind)
    run = build_run_request(
        kind=kind,
        order=encode_spec(spec),
        asked_by=caller.actor,
        asked_in=caller.request_id,
        resource=_resource_path(stored.id, kind),
        unit=UNITS[kind],
    )
    entries = [
        Entry(stream=GENERATION.stream, stream_id=stored.id, after=stored.version, event=event),
        Entry(stream=RUN.stream, stream_id=run_id, after=0, event=run),
    ]
    return Batch(entries=entries, response=response if caller.claim else None)


def _resource_path(generation_id: UUID, kind: RunKind) -> str:
    return f"/v1/generations/{generation_id}/{'topics' if kind == 'topics' else 'candidates'}"


def _build_response(caller: Caller, run_id: UUID, generation_id: UUID, kind: RunKind) -> StoredResponse:
    queued = Operation(
        id=run_id,
        kind=kind,
        state="queued",
        progress=Progress(done=0, total=None, unit=UNITS[kind]),
        result=None,
        error=None,
        resource=_resource_path(generation_id, kind),
        cancel_requested=False,
        created_at=PENDING,
        created_by=caller.actor,
        updated_at=PENDING,
        finished_at=None,
    )
    return encode_accepted(queued)


def _build_error(pointer: str, detail: str, *, code: str = "invalid") -> Unprocessable:
    return Unprocessable(detail, errors=[Fault(pointer=pointer, detail=detail, code=code)])
