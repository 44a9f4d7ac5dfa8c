"""Write inputs about each topic. Where the task has an input schema, each input matches it."""

from typing import Any
from uuid import UUID

import msgspec

from service.generation.runs.failed_examples import load_failed_texts
from service.generation.runs.json_answers import WrittenInputs, to_text
from service.generation.runs.model_answers import Rejection, ask_parsed, ask_to_fix, build_candidate, save_candidate
from service.generation.runs.presets import list_guidance
from service.generation.runs.prompt_texts import build_input_repair_messages, build_inputs_messages, build_inputs_schema
from service.generation.runs.quotas import Portion, plan_portions
from service.generation.runs.run_context import RunContext
from service.generation.runs.spec import RowsSpec
from service.generation.topics.domain import TopicPath, find_leaves
from service.inference.executor import Job, ModelQuestion
from service.tasks.json_schema import encode_schema
from service.tasks.schema_checks import check_output

MAX_KNOWN = 60  # earlier inputs shown to the model so that it does not repeat them
MAX_KNOWN_LENGTH = 200  # characters of each


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """An input to answer."""

    key: str
    topic: TopicPath
    category: str | None
    text: str
    calls: dict[str, UUID]
    temperature: float | None = None


async def write_inputs(job: Job, spec: RowsSpec, context: RunContext) -> list[Row]:
    """Rows in the order of the topics. When the model writes none for a topic, a failed candidate says why."""
    failed = await load_failed_texts(job.engine, job.workspace_id, spec.dataset_id, spec.bugs)
    portions = plan_portions(
        find_leaves(context.generation.topics), per_topic=spec.per_topic, total=spec.total, categories=spec.categories
    )
    rows: dict[str, list[Row]] = {}

    async def write(portion: Portion) -> None:
        rows[portion.key] = await _write_portion(job, spec, context, portion, failed)

    await job.each(portions, write, total=len(portions) + sum(portion.count for portion in portions))
    return [row for portion in portions for row in rows[portion.key]]


async def _write_portion(
    job: Job, spec: RowsSpec, context: RunContext, portion: Portion, failed: list[str]
) -> list[Row]:
    """Batches one after another: each question shows the model the inputs before it."""
    rows: list[Row] = []
    for batch, count in enumerate(portion.batches):
        key = f"{portion.key}/{batch}"
        known = [row.text[:MAX_KNOWN_LENGTH] for row in rows[-MAX_KNOWN:]]
        guidance = list_guidance(context.generation.template, context.generation.guidance, "inputs")
        messages = build_inputs_messages(
            context.task, guidance, portion.topic, count=count, category=portion.category, known=known, bugs=failed
        )
        response = await ask_parsed(
            job,
            f"inputs/{key}",
            spec.served,
            messages,
            schema=build_inputs_schema(context.task),
            kind=WrittenInputs,
            temperature=spec.high,
        )
        calls = {"inputs": response.call_id}
        inputs = [] if isinstance(response, Rejection) else response.value.inputs
        texts = [text for value in inputs if (text := to_text(value))]
        if not texts:
            rejection = response if isinstance(response, Rejection) else _build_no_inputs(response.call_id)
            await _save_failure(job, spec, portion, f"inputs/{key}", rejection, calls=calls)
        for number, text in enumerate(texts[:count]):
            row = Row(key=f"{key}/{number}", topic=portion.topic, category=portion.category, text=text, calls=calls)
            rows += await _fit_to_schema(job, spec, context, portion, row)
    return rows


async def _fit_to_schema(job: Job, spec: RowsSpec, context: RunContext, portion: Portion, row: Row) -> list[Row]:
    """The row with an input that matches the task's schema, after at most one repair; else none, saved as failed."""
    schema = context.task.input_schema if context.task else None
    faults = await check_output(job.workspace_id, encode_schema(schema), row.text) if schema else []
    if not schema or not faults:
        return [row]
    messages = build_input_repair_messages(schema, " > ".join(row.topic.path) or row.text)
    question = ModelQuestion(served=spec.served, messages=messages)
    repair = await ask_to_fix(job, row.key, question, row.text, schema=schema, faults=faults, step="input_repair")
    calls = row.calls | repair.calls
    if repair.rejection is None:
        return [msgspec.structs.replace(row, text=repair.text, calls=calls)]
    await _save_failure(job, spec, portion, row.key, repair.rejection, calls=calls, metadata={"input": row.text})
    return []


async def _save_failure(
    job: Job,
    spec: RowsSpec,
    portion: Portion,
    key: str,
    rejection: Rejection,
    *,
    calls: dict[str, UUID],
    metadata: dict[str, Any] | None = None,
) -> None:
    event = build_candidate(
        job,
        key,
        origin="topic",
        rejection=rejection,
        served=spec.served,
        calls=calls,
        topic_id=portion.topic.id,
        topic_path=portion.topic.path,
        category=portion.category,
        task_version=spec.task_version,
    )
    await save_candidate(job, key, event, metadata=metadata)


def _build_no_inputs(call_id: UUID) -> Rejection:
    return Rejection(code="no_inputs", detail="The model wrote no input.", call_id=call_id)
