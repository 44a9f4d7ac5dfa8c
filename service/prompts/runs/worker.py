"""Work on a batch run: ask about each example and record the prediction. A failed row does not stop the run."""

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec

from service.datasets.examples.queries import count_examples
from service.datasets.filters.selection import Selection
from service.errors import Erased, Unprocessable
from service.inference.domain import Served, build_reuse_key
from service.inference.executor import Job, ModelQuestion
from service.inference.outcomes import CallFailure
from service.ledger.retry import LostRace
from service.ledger.store import Batch, Entry
from service.prompts.domain import PROMPT, PromptVersionAdded
from service.prompts.labels import domain as labels
from service.prompts.queries import load_subject_texts
from service.prompts.render.answer_check import MAX_FAULTS, PromptFailure, check_answer, provider_options
from service.prompts.render.few_shot import load_shown_examples, shown_example_from_row
from service.prompts.render.renderer import load_version_texts
from service.prompts.render.variables import ShownExample, build_messages, choose_inputs, fill_variables
from service.prompts.runs import queries
from service.prompts.runs.domain import PREDICTION, PROMPT_RUN, PredictionMade, PromptRunRequested, derive_prediction_id
from service.prompts.versions.definitions import PromptTexts

KIND = "prompt_run"
PAGE_ROWS = 200


class PlannedVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version that answers, with everything its questions need."""

    event: PromptVersionAdded
    served: Served
    texts: PromptTexts
    shown: list[ShownExample]
    inputs: Mapping[str, str]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    order: PromptRunRequested
    versions: dict[int, PlannedVersion]
    constants: dict[str, Any]

    @property
    def selection(self) -> Selection:
        order = self.order
        return Selection(dataset_id=order.dataset_id, seq=order.moment, filter=order.filter, split=order.split)


async def predict(job: Job) -> dict[str, Any]:
    """Predict the examples without a prediction. Raises Conflict or Unprocessable if needed texts were erased."""
    plan = await _load_plan(job)
    total = await count_examples(job.engine, job.workspace_id, plan.selection)
    total = min(total, plan.order.limit or total)
    predicted = sum(await queries.count_predictions(job.engine, job.workspace_id, job.run_id))
    await job.advance(predicted, total)

    async def predict_row(row: Any) -> None:
        await _record(job, await _predict_example(job, plan, row))

    await job.each(_iterate_examples(job, plan), predict_row, total=total)
    good, bad = await queries.count_predictions(job.engine, job.workspace_id, job.run_id)
    return {"predictions": good + bad, "succeeded": good, "failed": bad}


async def _load_plan(job: Job) -> Plan:
    prompt_run_id = UUID(job.order["prompt_run_id"])
    order = (await job.ledger.get(PROMPT_RUN, job.workspace_id, prompt_run_id)).state.asked
    prompt = (await job.ledger.get(PROMPT, job.workspace_id, order.prompt_id)).state
    constants: dict[str, Any] = {}
    if order.given is not None:
        stored_texts = await load_subject_texts(job.engine, job.workspace_id, order.prompt_id)
        if order.given not in stored_texts.bodies:
            raise Erased("The run's variables were erased.")
        constants = msgspec.json.decode(stored_texts.bodies[order.given])
    versions = {}
    for number, served in order.served.items():
        event = prompt.versions[number]
        texts = await load_version_texts(job.ledger, job.workspace_id, order.prompt_id, event)
        refs, draw = order.shown.get(number, ()), event.examples
        versions[number] = PlannedVersion(
            event=event,
            served=served,
            texts=texts,
            shown=await load_shown_examples(job.engine, job.workspace_id, draw.dataset_id, refs) if draw else [],
            inputs=choose_inputs(texts.variables, order.inputs or event.inputs, constants),
        )
    return Plan(order=order, versions=versions, constants=constants)


async def _iterate_examples(job: Job, plan: Plan) -> AsyncIterator[Any]:
    """The examples that have no prediction yet, read a page at a time."""
    after: UUID | None = None
    left = plan.order.limit
    while left is None or left > 0:
        limit = min(PAGE_ROWS, left or PAGE_ROWS)
        page = await queries.list_examples_to_predict(
            job.engine, job.workspace_id, plan.selection, job.run_id, after=after, limit=limit
        )
        for row, made in page:
            if not made:
                yield row
        if len(page) < limit:
            return
        after = page[-1][0].example_id
        left = None if left is None else left - len(page)


async def _predict_example(job: Job, plan: Plan, row: Any) -> PredictionMade:
    order = plan.order
    number = labels.pick_version(order.weights, str(row.example_id), prompt_id=order.prompt_id, label=order.label or "")
    prediction = PredictionMade(
        run_id=job.run_id, example_id=row.example_id, example_version=row.version, prompt_version=number
    )
    if row.content is None:
        failure = PromptFailure(code="erased", detail="The text of this example was erased.")
        return msgspec.structs.replace(prediction, failure=failure)
    version = plan.versions[number]
    try:
        ask = _build_question(plan, version, shown_example_from_row(row))
    except Unprocessable as error:
        return msgspec.structs.replace(prediction, failure=_failure_from(error))
    response = await job.ask(f"example/{row.example_id}", ask)
    if isinstance(response, CallFailure):
        failure = PromptFailure(code=response.code, detail=response.detail)
        return msgspec.structs.replace(prediction, call_id=response.call_id, failure=failure)
    schema = version.event.parameters.response_schema
    wrong = None if response.tool_calls else await check_answer(job.workspace_id, response.text, schema)
    return msgspec.structs.replace(prediction, call_id=response.call_id, failure=wrong)


def _build_question(plan: Plan, version: PlannedVersion, example: ShownExample) -> ModelQuestion:
    """Raises Unprocessable for an example that does not fill the variables."""
    values = fill_variables(version.texts.variables, example.facts, version.inputs, plan.constants)
    parameters, draw = version.event.parameters, version.event.examples
    # An example is never shown with its own answer.
    others = [each for each in version.shown if each.drawn.example_id != example.drawn.example_id]
    others = others[: draw.k] if draw else []
    named = (example.drawn, version.event, version.served, plan.order.inputs, plan.order.given)
    return ModelQuestion(
        served=version.served,
        messages=build_messages(version.texts, values, others, version.inputs),
        max_tokens=parameters.max_tokens,
        temperature=parameters.temperature,
        options=provider_options(parameters),
        schema=parameters.response_schema,
        reuse=build_reuse_key(KIND, *named, [each.drawn for each in others]) if plan.order.reuse else None,
    )


def _failure_from(error: Unprocessable) -> PromptFailure:
    code = error.errors[0].code if error.errors else error.code
    return PromptFailure(code=code, detail=error.detail, faults=error.errors[:MAX_FAULTS])


async def _record(job: Job, prediction: PredictionMade) -> None:
    id_ = derive_prediction_id(job.run_id, prediction.example_id)
    entry = Entry(stream=PREDICTION.stream, stream_id=id_, after=0, event=prediction)
    with suppress(LostRace):  # it was recorded before
        await job.ledger.write(job.caller, Batch(entries=[entry]))
