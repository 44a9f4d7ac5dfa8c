"""From what a caller asks of a generation to a run's order: targets, prompt, task and moment as they are now."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec

from service.database.engine import new_id
from service.datasets.examples.filters import Selection
from service.errors import Fault, NotFound, Unprocessable
from service.generation import domain as generations
from service.generation import queries
from service.generation.domain import GENERATION, GenerationState, PromptChoice, RunKind
from service.generation.runs import failed_examples as bugs
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
from service.generation.topics.domain import MAX_DEPTH, MAX_TOPICS, find_leaves, path_to
from service.http.as_of import resolve_as_of
from service.http.responses import StoredResponse, fill_recorded_at
from service.inference.domain import RUN, Served, build_run_request
from service.inference.targets import ModelChoice, resolve_target
from service.ledger.decider import PENDING, StreamState
from service.ledger.retry import retry_on_conflict
from service.ledger.store import Batch, Caller, Entry, Ledger
from service.operations.accepted_response import respond_accepted
from service.operations.domain import Operation, Progress
from service.prompts.domain import PROMPT, PromptTarget
from service.prompts.render.renderer import candidate_versions
from service.tasks.domain import TASK, TaskState

UNITS: dict[RunKind, str] = {"topics": "topics", "generation": "questions", "documents": "chunks"}
Build = Callable[[StreamState[GenerationState], dict[str, Any]], Awaitable[RunSpec]]


async def order_topics(ledger: Ledger, caller: Caller, generation_id: UUID, data: NewTopics) -> StoredResponse:
    """Raises Unprocessable for a parent that is not there, and for a tree that would be too deep or too large."""

    async def build(stored: StreamState[GenerationState], basis: dict[str, Any]) -> RunSpec:
        tree = stored.state.topics
        if data.parent is not None and data.parent not in tree:
            raise _refusal("/parent", "There is no such topic.", code="no_such_topic")
        if len(path_to(tree, data.parent).path) + data.depth > MAX_DEPTH:
            raise _refusal("/depth", f"A tree is at most {MAX_DEPTH} topics deep.", code="too_deep")
        more = sum(data.count**level for level in range(1, data.depth + 1))
        if len(tree) + more > MAX_TOPICS:
            raise _refusal("/count", f"A tree has at most {MAX_TOPICS:,} topics; this could make {more:,} more.")
        return TopicsSpec(count=data.count, depth=data.depth, parent=data.parent, **basis)

    return await _ordered(ledger, caller, generation_id, "topics", build)


async def order_rows(ledger: Ledger, caller: Caller, generation_id: UUID, data: NewGenerationRun) -> StoredResponse:
    """Raises Unprocessable with what keeps the run from making anything."""

    async def build(stored: StreamState[GenerationState], basis: dict[str, Any]) -> RunSpec:
        task = await _task(ledger, caller.workspace_id, basis)
        _require_rows(stored.state, task, data)
        return RowsSpec(
            low=data.temperature.min,
            high=data.temperature.max,
            per_topic=data.inputs_per_topic,
            total=data.total,
            categories=dict(data.categories) if data.categories else None,
            judge=await _judge(ledger, caller.workspace_id, data.judge, basis["served"]),
            prompt=await _prompt(ledger, caller.workspace_id, stored.state.prompt),
            near=data.near_duplicates,
            max_tokens=data.max_tokens,
            **basis,
        )

    return await _ordered(ledger, caller, generation_id, "generation", build)


async def order_pairs(ledger: Ledger, caller: Caller, generation_id: UUID, data: NewPairs) -> StoredResponse:
    """Raises Unprocessable with each document that is not there or could not be read."""

    async def build(stored: StreamState[GenerationState], basis: dict[str, Any]) -> RunSpec:
        ids = tuple(dict.fromkeys(data.document_ids))
        found = await queries.load_upload_texts(ledger.engine, caller.workspace_id, stored.id, ids)
        faults = [
            Fault(pointer=f"/document_ids/{number}", detail=detail, code=code)
            for number, id_ in enumerate(data.document_ids)
            for code, detail in _unusable(found.get(id_))
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
            **basis,
        )

    return await _ordered(ledger, caller, generation_id, "documents", build)


def _unusable(row: Any) -> list[tuple[str, str]]:
    if row is None:
        return [("no_such_document", "The generation has no such document.")]
    if row.text is None:
        return [("unreadable", "Nothing could be read of this document: see its findings.")]
    return [] if row.body is not None else [("erased", "The text of this document was erased.")]


async def _ordered(ledger: Ledger, caller: Caller, generation_id: UUID, kind: RunKind, build: Build) -> StoredResponse:
    async def attempt() -> StoredResponse:
        stored = await ledger.get(GENERATION, caller.workspace_id, generation_id)
        order = await build(stored, await _basis(ledger, caller.workspace_id, stored))
        run_id = new_id()
        sent = _accepted(caller, run_id, generation_id, kind)
        written = await ledger.write(caller, _batch(caller, stored, order, run_id=run_id, kind=kind, sent=sent))
        return fill_recorded_at(sent, written.recorded_at)

    return await retry_on_conflict(attempt, subject="the generation")


async def _basis(ledger: Ledger, workspace_id: UUID, stored: StreamState[GenerationState]) -> dict[str, Any]:
    state = stored.state
    task = await ledger.find(TASK, workspace_id, state.task_id) if state.task_id else None
    seq = await resolve_as_of(ledger.engine, workspace_id, None)
    selection = Selection(dataset_id=state.dataset_id, seq=seq)
    learnt = state.template == "bugs_seen"
    basis = BaseSpec(
        generation_id=stored.id,
        version=stored.version,
        dataset_id=state.dataset_id,
        moment=seq,
        served=await resolve_target(ledger, workspace_id, to_model_choice(state.target), pointer="/target"),
        task_id=state.task_id,
        task_version=task.version if task else None,
        bugs=await bugs.find_failed_examples(ledger.engine, workspace_id, selection) if learnt else (),
    )
    return msgspec.structs.asdict(basis)


def to_model_choice(target: PromptTarget) -> ModelChoice:
    return msgspec.convert(msgspec.structs.asdict(target), ModelChoice)


async def _task(ledger: Ledger, workspace_id: UUID, basis: dict[str, Any]) -> TaskState | None:
    stored = await ledger.find(TASK, workspace_id, basis["task_id"]) if basis["task_id"] else None
    return stored.state if stored else None


def _require_rows(state: GenerationState, task: TaskState | None, data: NewGenerationRun) -> None:
    """Raises Unprocessable for counts that are none or too many, and where nothing says what to write."""
    given = [name for name in ("inputs_per_topic", "total", "categories") if getattr(data, name) is not None]
    if len(given) != 1:
        raise _refusal("/inputs_per_topic", "Give inputs_per_topic, total or categories, one of the three.")
    if data.temperature.min > data.temperature.max:
        raise _refusal("/temperature", "The least temperature is above the highest.")
    if task is None and not state.guidance.inputs:
        detail = "Without a task, guidance has to say what inputs to write."
        raise _refusal("/guidance/inputs", detail, code="required")
    if task is None and state.prompt is None and not state.guidance.outputs:
        detail = "Without a task or a prompt, guidance has to say how to answer."
        raise _refusal("/guidance/outputs", detail, code="required")
    known = {*(task.categories if task else ()), *([task.fallback_category] if task and task.fallback_category else [])}
    for name in data.categories or {}:
        if name not in known:
            raise _refusal("/categories", f"The task has no category {name!r}.", code="no_such_category")
    rows = plan_portions(
        find_leaves(state.topics), per_topic=data.inputs_per_topic, total=data.total, categories=data.categories
    )
    if (number := sum(portion.count for portion in rows)) > MAX_ROWS:
        raise _refusal(f"/{given[0]}", f"A run makes at most {MAX_ROWS:,} candidates; this would be {number:,}.")


async def _judge(ledger: Ledger, workspace_id: UUID, judge: NewJudge | None, own: Served) -> JudgeSpec | None:
    if judge is None:
        return None
    served = own
    if judge.target is not None:
        served = await resolve_target(ledger, workspace_id, judge.target, pointer="/judge/target")
    return JudgeSpec(served=served, minimum=judge.minimum)


async def _prompt(ledger: Ledger, workspace_id: UUID, choice: PromptChoice | None) -> PromptSpec | None:
    if choice is None:
        return None
    try:
        prompt = (await ledger.get(PROMPT, workspace_id, choice.prompt_id)).state
    except NotFound as error:
        raise _refusal("/prompt/prompt_id", error.detail, code="not_found") from error
    weights = candidate_versions(prompt, version=choice.version, label=choice.label)
    return PromptSpec(prompt_id=choice.prompt_id, weights=weights, label=choice.label)


def _batch(
    caller: Caller,
    stored: StreamState[GenerationState],
    order: RunSpec,
    *,
    run_id: UUID,
    kind: RunKind,
    sent: StoredResponse,
) -> Batch:
    [event] = generations.order_run(stored.state, run_id=run_id, kind=kind)
    run = build_run_request(
        kind=kind,
        order=encode_spec(order),
        asked_by=caller.actor,
        asked_in=caller.request_id,
        resource=_resource(stored.id, kind),
        unit=UNITS[kind],
    )
    entries = [
        Entry(stream=GENERATION.stream, stream_id=stored.id, after=stored.version, event=event),
        Entry(stream=RUN.stream, stream_id=run_id, after=0, event=run),
    ]
    return Batch(entries=entries, response=sent if caller.claim else None)


def _resource(generation_id: UUID, kind: RunKind) -> str:
    return f"/v1/generations/{generation_id}/{'topics' if kind == 'topics' else 'candidates'}"


def _accepted(caller: Caller, run_id: UUID, generation_id: UUID, kind: RunKind) -> StoredResponse:
    queued = Operation(
        id=run_id,
        kind=kind,
        state="queued",
        progress=Progress(done=0, total=None, unit=UNITS[kind]),
        result=None,
        error=None,
        resource=_resource(generation_id, kind),
        cancel_requested=False,
        created_at=PENDING,
        created_by=caller.actor,
        updated_at=PENDING,
        finished_at=None,
    )
    return respond_accepted(queued)


def _refusal(pointer: str, detail: str, *, code: str = "invalid") -> Unprocessable:
    return Unprocessable(detail, errors=[Fault(pointer=pointer, detail=detail, code=code)])
