"""The work of synthesizing: inputs about each topic, none that repeats another, then an answer to each."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.datasets.examples.filters import Selection
from service.errors import Unprocessable
from service.generation import queries
from service.generation.candidates.domain import CandidateMade, candidate_id
from service.generation.duplicates import Duplicate, DuplicateIndex
from service.generation.runs.input_synthesis import Row, write_inputs
from service.generation.runs.json_answers import Judgment
from service.generation.runs.model_answers import (
    CheckedAnswer,
    Rejection,
    ask_parsed,
    ask_with_schema,
    dialogue,
    new_candidate,
    save_candidate,
)
from service.generation.runs.presets import guidance_for
from service.generation.runs.prompt_texts import JUDGMENT, is_strict, judge_messages
from service.generation.runs.quotas import spread_temperatures
from service.generation.runs.run_context import RunContext, RunPrompt, load_context, load_prompts, pick_version
from service.generation.runs.spec import RowsSpec, decode_spec
from service.inference.executor import Job, ModelQuestion
from service.tasks.category_match import find_category

KIND = "generation"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    order: RowsSpec
    at: RunContext
    prompts: dict[int, RunPrompt]


async def generate(job: Job) -> dict[str, Any]:
    """Raises Conflict when the prompt it is to ask with was erased."""
    order = decode_spec(job.order, RowsSpec)
    at = await load_context(job, order)
    guidance = guidance_for(at.generation.template, at.generation.guidance, "outputs")
    plan = Plan(order=order, at=at, prompts=await load_prompts(job, at, order.prompt, guidance))
    rows = await write_inputs(job, order, at)
    fresh = await _new(job, plan, rows)

    async def one(row: Row) -> None:
        await _answered(job, plan, row)

    await job.each(fresh, one, total=job.done + len(fresh))
    await job.advance(job.done, job.done)
    return await queries.count_candidates(job.engine, job.workspace_id, job.run_id)


async def _new(job: Job, plan: Plan, rows: Sequence[Row]) -> list[Row]:
    """The rows that repeat nothing, each with its temperature. What does is kept as dropped."""
    order = plan.order
    heat = spread_temperatures(order.low, order.high, len(rows))
    warm = [replace(row, temperature=heat[at]) for at, row in enumerate(rows)]
    by_id = {candidate_id(job.run_id, row.key): row for row in warm}
    twins = DuplicateIndex(order.near)
    repeated: dict[UUID, Duplicate] = await asyncio.to_thread(_among_themselves, twins, by_id)
    selection = Selection(dataset_id=order.dataset_id, seq=order.moment)
    there = (
        queries.iterate_dataset_inputs(job.engine, job.workspace_id, selection),
        queries.iterate_candidate_inputs(job.engine, job.workspace_id, order.generation_id, seq=order.moment),
    )
    for known in there if by_id else ():
        await _against(twins, known, repeated)
    for id_, twin in repeated.items():
        await _drop_repeat(job, plan, by_id[id_], twin)
    return [row for id_, row in by_id.items() if id_ not in repeated]


def _among_themselves(twins: DuplicateIndex, rows: dict[UUID, Row]) -> dict[UUID, Duplicate]:
    found = {id_: twins.add(id_, row.text) for id_, row in rows.items()}
    return {id_: twin for id_, twin in found.items() if twin is not None}


async def _against(
    twins: DuplicateIndex, known: AsyncIterator[list[tuple[UUID, str]]], repeated: dict[UUID, Duplicate]
) -> None:
    async for page in known:
        for theirs, alike in await asyncio.to_thread(_alike, twins, page):
            for ours, similarity in alike:
                repeated.setdefault(ours, Duplicate(of=theirs, similarity=similarity))


def _alike(twins: DuplicateIndex, page: list[tuple[UUID, str]]) -> list[tuple[UUID, list[tuple[UUID, float]]]]:
    return [(id_, twins.like(text)) for id_, text in page if text]


async def _drop_repeat(job: Job, plan: Plan, row: Row, twin: Duplicate) -> None:
    exact = twin.similarity == 1
    why = "It is the same as another." if exact else f"It is {twin.similarity:.0%} like another."
    event = _begun(job, plan, row)
    code = "duplicate" if exact else "near_duplicate"
    event = replace(event, state="dropped", code=code, detail=why, twin=twin.of, similarity=twin.similarity)
    await save_candidate(job, row.key, event, metadata={"input": row.text})


async def _answered(job: Job, plan: Plan, row: Row) -> None:
    event = _begun(job, plan, row)
    number = pick_version(plan.order.prompt, row.key)
    if plan.order.prompt is not None:
        event = replace(event, prompt_id=plan.order.prompt.prompt_id, prompt_version=number)
    try:
        said = await _asked(job, plan, row, plan.prompts[number])
    except Unprocessable as error:
        code = error.errors[0].code if error.errors else error.code
        await save_candidate(
            job, row.key, replace(event, state="failed", code=code, detail=error.detail), metadata={"input": row.text}
        )
        return
    event = replace(event, calls=event.calls | said.calls)
    if said.lost is not None:
        failed = replace(event, state="failed", code=said.lost.code, detail=said.lost.detail)
        await save_candidate(job, row.key, failed, metadata={"input": row.text})
        return
    judged = await _judged(job, plan, row, said.text, _of_category(plan, row, said.text, event))
    await save_candidate(job, row.key, judged, dialogue(row.text, said.text))


async def _asked(job: Job, plan: Plan, row: Row, prompt: RunPrompt) -> CheckedAnswer:
    schema = plan.at.task.output_schema if plan.at.task else None
    schema = schema or prompt.parameters.response_schema
    ask = ModelQuestion(
        served=plan.order.served,
        messages=prompt.messages(row.text),
        max_tokens=plan.order.max_tokens or prompt.parameters.max_tokens,
        temperature=row.temperature,
        options=prompt.options,
        schema=schema if schema is not None and is_strict(schema) else None,
    )
    return await ask_with_schema(job, row.key, ask, schema)


def _begun(job: Job, plan: Plan, row: Row) -> CandidateMade:
    return new_candidate(
        job,
        row.key,
        origin="topic",
        served=plan.order.served,
        calls=row.calls,
        topic_id=row.place.id,
        topic_path=row.place.path,
        category=row.category,
        temperature=row.temperature,
        task_version=plan.order.task_version,
    )


def _of_category(plan: Plan, row: Row, answer: str, event: CandidateMade) -> CandidateMade:
    task = plan.at.task
    if row.category is None or task is None:
        return event
    found = find_category(answer, task.categories, task.fallback_category)
    if found == row.category:
        return event
    detail = f"It was to be {row.category}, and was answered {found or 'with none of the categories'}."
    return replace(event, state="dropped", code="other_category", detail=detail)


async def _judged(job: Job, plan: Plan, row: Row, answer: str, event: CandidateMade) -> CandidateMade:
    """With the judge's mark. Where the judge says nothing of use, the candidate waits unmarked, and says so."""
    judge = plan.order.judge
    if judge is None or event.state != "proposed":
        return event
    messages = judge_messages(plan.at.task, row.text, answer)
    got = await ask_parsed(
        job, f"judge/{row.key}", judge.served, messages, schema=JUDGMENT, kind=Judgment, temperature=0
    )
    event = replace(event, calls=event.calls | {"judge": got.call_id})
    if isinstance(got, Rejection):
        return replace(event, code="not_judged", detail=f"The judge gave no mark: {got.detail}"[:500])
    score = min(5.0, max(1.0, got.value.score))
    if score >= judge.minimum:
        return replace(event, score=score)
    detail = f"The judge gave {score:g}, under {judge.minimum:g}."
    return replace(event, score=score, state="dropped", code="low_score", detail=detail)
