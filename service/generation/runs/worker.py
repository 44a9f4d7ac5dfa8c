"""Run a generation: write inputs about each topic, drop repeats, then answer each input."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.datasets.filters.selection import Selection
from service.errors import Unprocessable
from service.generation import queries
from service.generation.candidates.domain import CandidateMade, derive_candidate_id
from service.generation.duplicates import Duplicate, DuplicateIndex
from service.generation.runs.input_synthesis import Row, write_inputs
from service.generation.runs.json_answers import Judgment
from service.generation.runs.model_answers import (
    CheckedAnswer,
    Rejection,
    ask_parsed,
    ask_with_schema,
    build_candidate,
    build_dialogue,
    save_candidate,
)
from service.generation.runs.presets import list_guidance
from service.generation.runs.prompt_texts import JUDGMENT, build_judge_messages, is_strict
from service.generation.runs.quotas import spread_temperatures
from service.generation.runs.run_context import RunContext, RunPrompt, load_context, load_prompts, pick_version
from service.generation.runs.spec import RowsSpec, decode_spec
from service.inference.executor import Job, ModelQuestion
from service.tasks.category_match import find_category

KIND = "generation"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    spec: RowsSpec
    context: RunContext
    prompts: dict[int, RunPrompt]


async def generate(job: Job) -> dict[str, Any]:
    """Raises Conflict when the texts of the prompt it needs were erased."""
    spec = decode_spec(job.order, RowsSpec)
    context = await load_context(job, spec)
    guidance = list_guidance(context.generation.template, context.generation.guidance, "outputs")
    plan = Plan(spec=spec, context=context, prompts=await load_prompts(job, context, spec.prompt, guidance))
    rows = await write_inputs(job, spec, context)
    new_rows = await _drop_repeats(job, plan, rows)

    async def answer(row: Row) -> None:
        await _answer_row(job, plan, row)

    await job.each(new_rows, answer, total=job.done + len(new_rows))
    await job.advance(job.done, job.done)
    return await queries.count_candidates(job.engine, job.workspace_id, job.run_id)


async def _drop_repeats(job: Job, plan: Plan, rows: Sequence[Row]) -> list[Row]:
    """The rows that repeat nothing, each with its temperature. Repeats are saved as dropped candidates."""
    spec = plan.spec
    temperatures = spread_temperatures(spec.low, spec.high, len(rows))
    with_temperature = [replace(row, temperature=temperatures[number]) for number, row in enumerate(rows)]
    by_id = {derive_candidate_id(job.run_id, row.key): row for row in with_temperature}
    index = DuplicateIndex(spec.near)
    repeats: dict[UUID, Duplicate] = await asyncio.to_thread(_find_repeats_in_run, index, by_id)
    selection = Selection(dataset_id=spec.dataset_id, seq=spec.moment)
    earlier_inputs = (
        queries.iterate_dataset_inputs(job.engine, job.workspace_id, selection),
        queries.iterate_candidate_inputs(job.engine, job.workspace_id, spec.generation_id, seq=spec.moment),
    )
    for pages in earlier_inputs if by_id else ():
        await _find_repeats_of(index, pages, repeats)
    for id_, twin in repeats.items():
        await _save_repeat(job, plan, by_id[id_], twin)
    return [row for id_, row in by_id.items() if id_ not in repeats]


def _find_repeats_in_run(index: DuplicateIndex, rows: dict[UUID, Row]) -> dict[UUID, Duplicate]:
    twins = {id_: index.add(id_, row.text) for id_, row in rows.items()}
    return {id_: twin for id_, twin in twins.items() if twin is not None}


async def _find_repeats_of(
    index: DuplicateIndex, pages: AsyncIterator[list[tuple[UUID, str]]], repeats: dict[UUID, Duplicate]
) -> None:
    """Add to `repeats` the rows that repeat one of these earlier texts."""
    async for page in pages:
        for earlier_id, similar in await asyncio.to_thread(_find_similar, index, page):
            for row_id, similarity in similar:
                repeats.setdefault(row_id, Duplicate(of=earlier_id, similarity=similarity))


def _find_similar(index: DuplicateIndex, page: list[tuple[UUID, str]]) -> list[tuple[UUID, list[tuple[UUID, float]]]]:
    return [(id_, index.find_similar(text)) for id_, text in page if text]


async def _save_repeat(job: Job, plan: Plan, row: Row, twin: Duplicate) -> None:
    is_exact = twin.similarity == 1
    event = replace(
        _build_row_candidate(job, plan, row),
        state="dropped",
        code="duplicate" if is_exact else "near_duplicate",
        detail="The input repeats `twin`." if is_exact else f"The input is {twin.similarity:.0%} similar to `twin`.",
        twin=twin.of,
        similarity=twin.similarity,
    )
    await save_candidate(job, row.key, event, metadata={"input": row.text})


async def _answer_row(job: Job, plan: Plan, row: Row) -> None:
    event = _build_row_candidate(job, plan, row)
    number = pick_version(plan.spec.prompt, row.key)
    if plan.spec.prompt is not None:
        event = replace(event, prompt_id=plan.spec.prompt.prompt_id, prompt_version=number)
    try:
        output = await _ask_for_output(job, plan, row, plan.prompts[number])
    except Unprocessable as error:
        code = error.errors[0].code if error.errors else error.code
        await _save_failed_row(job, row, event, code=code, detail=error.detail)
        return
    event = replace(event, calls=event.calls | output.calls)
    if output.rejection is not None:
        await _save_failed_row(job, row, event, code=output.rejection.code, detail=output.rejection.detail)
        return
    event = _check_category(plan, row, output.text, event)
    event = await _judge_answer(job, plan, row, output.text, event)
    await save_candidate(job, row.key, event, build_dialogue(row.text, output.text))


async def _save_failed_row(job: Job, row: Row, event: CandidateMade, *, code: str, detail: str) -> None:
    failed = replace(event, state="failed", code=code, detail=detail)
    await save_candidate(job, row.key, failed, metadata={"input": row.text})


async def _ask_for_output(job: Job, plan: Plan, row: Row, prompt: RunPrompt) -> CheckedAnswer:
    schema = plan.context.task.output_schema if plan.context.task else None
    schema = schema or prompt.parameters.response_schema
    question = ModelQuestion(
        served=plan.spec.served,
        messages=prompt.build_messages(row.text),
        max_tokens=plan.spec.max_tokens or prompt.parameters.max_tokens,
        temperature=row.temperature,
        options=prompt.options,
        schema=schema if schema is not None and is_strict(schema) else None,
    )
    return await ask_with_schema(job, row.key, question, schema)


def _build_row_candidate(job: Job, plan: Plan, row: Row) -> CandidateMade:
    return build_candidate(
        job,
        row.key,
        origin="topic",
        served=plan.spec.served,
        calls=row.calls,
        topic_id=row.topic.id,
        topic_path=row.topic.path,
        category=row.category,
        temperature=row.temperature,
        task_version=plan.spec.task_version,
    )


def _check_category(plan: Plan, row: Row, answer: str, event: CandidateMade) -> CandidateMade:
    """The candidate, dropped when the answer names another category than the row's."""
    task = plan.context.task
    if row.category is None or task is None:
        return event
    category = find_category(answer, task.categories, task.fallback_category)
    if category == row.category:
        return event
    detail = f"Expected the category {row.category}; the answer names {category or 'none'}."
    return replace(event, state="dropped", code="other_category", detail=detail)


async def _judge_answer(job: Job, plan: Plan, row: Row, answer: str, event: CandidateMade) -> CandidateMade:
    """The candidate with the judge's score. When the judge's answer is unusable it stays proposed, without a score."""
    judge = plan.spec.judge
    if judge is None or event.state != "proposed":
        return event
    messages = build_judge_messages(plan.context.task, row.text, answer)
    response = await ask_parsed(
        job, f"judge/{row.key}", judge.served, messages, schema=JUDGMENT, kind=Judgment, temperature=0
    )
    event = replace(event, calls=event.calls | {"judge": response.call_id})
    if isinstance(response, Rejection):
        return replace(event, code="not_judged", detail=f"The judge gave no score: {response.detail}"[:500])
    score = min(5.0, max(1.0, response.value.score))
    if score >= judge.minimum:
        return replace(event, score=score)
    detail = f"The judge's score {score:g} is below the minimum {judge.minimum:g}."
    return replace(event, score=score, state="dropped", code="low_score", detail=detail)
