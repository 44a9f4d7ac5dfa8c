"""The first half of synthesizing: inputs about each topic, each of the task's input schema where there is one."""

from typing import Any
from uuid import UUID

import msgspec

from service.generation.runs import failed_examples as bugs
from service.generation.runs.json_answers import WrittenInputs, to_text
from service.generation.runs.model_answers import Rejection, ask_parsed, ask_to_fix, new_candidate, save_candidate
from service.generation.runs.presets import guidance_for
from service.generation.runs.prompt_texts import input_repair_messages, inputs_messages, inputs_schema
from service.generation.runs.quotas import Portion, plan_portions
from service.generation.runs.run_context import RunContext
from service.generation.runs.spec import RowsSpec
from service.generation.topics.domain import TopicPath, find_leaves
from service.inference.executor import Job, ModelQuestion
from service.tasks.json_schema import encode_schema, find_output_faults

MAX_KNOWN = 60  # inputs that the model is shown so that it does not repeat them
MAX_KNOWN_LENGTH = 200  # characters of each


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """An input that is to be answered."""

    key: str
    place: TopicPath
    category: str | None
    text: str
    calls: dict[str, UUID]
    temperature: float | None = None


async def write_inputs(job: Job, order: RowsSpec, at: RunContext) -> list[Row]:
    """In the order of the topics. Where a model writes none, a failed candidate says why."""
    failed = await bugs.load_failed_texts(job.engine, job.workspace_id, order.dataset_id, order.bugs)
    wanted = plan_portions(
        find_leaves(at.generation.topics), per_topic=order.per_topic, total=order.total, categories=order.categories
    )
    rows: dict[str, list[Row]] = {}

    async def one(portion: Portion) -> None:
        rows[portion.key] = await _portion(job, order, at, portion, failed)

    await job.each(wanted, one, total=len(wanted) + sum(portion.count for portion in wanted))
    return [row for portion in wanted for row in rows[portion.key]]


async def _portion(job: Job, order: RowsSpec, at: RunContext, portion: Portion, failed: list[str]) -> list[Row]:
    """Batch by batch, since each is told of those before it."""
    rows: list[Row] = []
    for number, count in enumerate(portion.batches):
        key = f"{portion.key}/{number}"
        known = [row.text[:MAX_KNOWN_LENGTH] for row in rows[-MAX_KNOWN:]]
        guidance = guidance_for(at.generation.template, at.generation.guidance, "inputs")
        messages = inputs_messages(
            at.task, guidance, portion.place, count=count, category=portion.category, known=known, bugs=failed
        )
        schema = inputs_schema(at.task)
        got = await ask_parsed(
            job, f"inputs/{key}", order.served, messages, schema=schema, kind=WrittenInputs, temperature=order.high
        )
        texts = [] if isinstance(got, Rejection) else [text for each in got.value.inputs if (text := to_text(each))]
        if not texts:
            lost = got if isinstance(got, Rejection) else _nothing(got.call_id)
            await _lose(job, order, portion, f"inputs/{key}", lost, calls={"inputs": got.call_id})
        for at_, text in enumerate(texts[:count]):
            row = Row(
                key=f"{key}/{at_}",
                place=portion.place,
                category=portion.category,
                text=text,
                calls={"inputs": got.call_id},
            )
            rows += await _fitting(job, order, at, portion, row)
    return rows


async def _fitting(job: Job, order: RowsSpec, at: RunContext, portion: Portion, row: Row) -> list[Row]:
    """The row with an input of the task's schema, after one repair at most; or none, and a failed candidate."""
    schema = at.task.input_schema if at.task else None
    faults = find_output_faults(encode_schema(schema), row.text) if schema else []
    if not schema or not faults:
        return [row]
    ask = ModelQuestion(
        served=order.served, messages=input_repair_messages(schema, " > ".join(row.place.path) or row.text)
    )
    fixed = await ask_to_fix(job, row.key, ask, row.text, schema=schema, faults=faults, step="input_repair")
    calls = row.calls | fixed.calls
    if fixed.lost is None:
        return [msgspec.structs.replace(row, text=fixed.text, calls=calls)]
    await _lose(job, order, portion, row.key, fixed.lost, calls=calls, metadata={"input": row.text})
    return []


async def _lose(
    job: Job,
    order: RowsSpec,
    portion: Portion,
    key: str,
    lost: Rejection,
    *,
    calls: dict[str, UUID],
    metadata: dict[str, Any] | None = None,
) -> None:
    event = new_candidate(
        job,
        key,
        origin="topic",
        lost=lost,
        served=order.served,
        calls=calls,
        topic_id=portion.place.id,
        topic_path=portion.place.path,
        category=portion.category,
        task_version=order.task_version,
    )
    await save_candidate(job, key, event, metadata=metadata)


def _nothing(call_id: UUID) -> Rejection:
    return Rejection(code="no_inputs", detail="The model wrote no input.", call_id=call_id)
