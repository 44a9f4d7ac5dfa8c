"""Start a batch run: resolve versions, models and examples as they are now, and queue an operation."""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from service.database.engine import new_id
from service.datasets.domain import DATASET
from service.datasets.examples.queries import count_examples
from service.datasets.filters.selection import Filter, FilterIn, Selection, Words, to_filter
from service.datasets.projection import load_version
from service.datasets.splits import Split
from service.datasets.versions.version_as_of import resolve_as_of_in
from service.errors import Fault, Invalid, NotFound, Unprocessable
from service.http.bodies import Body
from service.http.responses import StoredResponse, fill_recorded_at
from service.inference.domain import RUN, Served, build_run_request
from service.inference.targets import ModelChoice, resolve_target
from service.ledger.decider import PENDING
from service.ledger.store import Batch, Caller, Entry, Ledger
from service.operations.accepted_response import encode_accepted
from service.operations.domain import Operation, Progress
from service.prompts.domain import PROMPT, DrawnExample, PromptVersionAdded, require_active
from service.prompts.queries import load_subject_texts
from service.prompts.render.few_shot import draw_examples, resolve_selection
from service.prompts.render.renderer import candidate_versions, load_version_texts
from service.prompts.render.variables import choose_inputs
from service.prompts.runs.domain import PROMPT_RUN, PromptRunRequested, build_order
from service.prompts.schemas import Inputs, LabelText, VersionNumber, target_of
from service.prompts.versions import definitions

KIND = "prompt_run"
UNIT = "examples"


class NewPromptRun(Body):
    """Which version of the prompt to ask, and about which examples of a dataset.

    `variables` are the same for all examples; `inputs` fills the others from each example.
    """

    dataset_id: UUID
    """The dataset whose examples to ask about."""
    version: VersionNumber | None = None
    """A prompt version by its number. Give this or `label`; without either it is the latest."""
    label: LabelText | None = None
    """A label. With several versions, each example always gets the same one."""
    dataset_version: Words | None = None
    """A frozen dataset version to read."""
    as_of: Words | None = None
    """A past state of the dataset to read: a time, an event's seq, or the name of a version. Now by default."""
    split: Split | None = None
    """Only examples of this split."""
    filter: FilterIn = Filter()
    """Only examples that match. Not with `dataset_version`, which has its own filter."""
    limit: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    """The most examples to ask about."""
    target: ModelChoice | None = None
    """The model to ask, instead of the version's own target."""
    variables: dict[str, Any] = {}
    """Values that are the same for every example, by variable name."""
    inputs: Inputs = {}
    reuse: bool = False
    """Whether to take the answer of an earlier run that asked exactly the same, for free."""


async def create_run(ledger: Ledger, caller: Caller, prompt_id: UUID, data: NewPromptRun) -> StoredResponse:
    """Record the run and queue its operation. Raises with every fault of the request."""
    workspace_id = caller.workspace_id
    prompt = require_active((await ledger.get(PROMPT, workspace_id, prompt_id)).state)
    weights = candidate_versions(prompt, version=data.version, label=data.label)
    selection = await _resolve_selection(ledger, workspace_id, data)
    served: dict[int, Served] = {}
    shown: dict[int, tuple[DrawnExample, ...]] = {}
    for number in weights:
        event = prompt.versions[number]
        await _check_filled(ledger, workspace_id, prompt_id, event, data)
        served[number] = await _resolve_model(ledger, workspace_id, event, data)
        shown[number] = await _draw_shown(ledger, workspace_id, event)
    total = await count_examples(ledger.engine, workspace_id, selection)
    if total == 0:
        detail = "No example matches. Change the filter, split or dataset."
        raise Unprocessable(detail, errors=[Fault(pointer="/filter", detail=detail, code="no_examples")])
    texts = await load_subject_texts(ledger.engine, workspace_id, prompt_id)
    request = PromptRunRequested(
        run_id=new_id(),
        prompt_id=prompt_id,
        weights=weights,
        served=served,
        dataset_id=data.dataset_id,
        moment=selection.seq,
        label=data.label,
        dataset_version=data.dataset_version,
        filter=selection.filter,
        split=data.split,
        limit=data.limit,
        inputs=data.inputs,
        reuse=data.reuse,
        given=texts.add_json(data.variables) if data.variables else None,
        shown={number: refs for number, refs in shown.items() if refs},
    )
    batch = _build_batch(request, caller, total=min(total, data.limit or total))
    written = await ledger.write(caller, msgspec.structs.replace(batch, attachments=texts.attachments))
    response = _build_response(request, caller, total=min(total, data.limit or total))
    return fill_recorded_at(response, written.recorded_at)


def _build_batch(request: PromptRunRequested, caller: Caller, *, total: int) -> Batch:
    prompt_run_id = new_id()
    run = build_run_request(
        kind=KIND,
        order=build_order(prompt_run_id),
        asked_by=caller.actor,
        asked_in=caller.request_id,
        resource=_resource_path(request.run_id),
        total=total,
        unit=UNIT,
    )
    entries = [
        Entry(stream=PROMPT_RUN.stream, stream_id=prompt_run_id, after=0, event=request),
        Entry(stream=RUN.stream, stream_id=request.run_id, after=0, event=run),
    ]
    return Batch(entries=entries, response=_build_response(request, caller, total=total) if caller.claim else None)


def _resource_path(run_id: UUID) -> str:
    return f"/v1/runs/{run_id}/predictions"


def _build_response(request: PromptRunRequested, caller: Caller, *, total: int) -> StoredResponse:
    queued = Operation(
        id=request.run_id,
        kind=KIND,
        state="queued",
        progress=Progress(done=0, total=total, unit=UNIT),
        result=None,
        error=None,
        resource=_resource_path(request.run_id),
        cancel_requested=False,
        created_at=PENDING,
        created_by=caller.actor,
        updated_at=PENDING,
        finished_at=None,
    )
    return encode_accepted(queued)


async def _resolve_selection(ledger: Ledger, workspace_id: UUID, data: NewPromptRun) -> Selection:
    """Raises NotFound for an unknown dataset, Unprocessable for an unknown version, Invalid for a wrong `as_of`."""
    await ledger.get(DATASET, workspace_id, data.dataset_id)
    if data.dataset_version is None:
        seq = await resolve_as_of_in(ledger, workspace_id, data.dataset_id, data.as_of, parameter="/as_of")
        return Selection(dataset_id=data.dataset_id, seq=seq, filter=to_filter(data.filter), split=data.split)
    if data.as_of is not None or to_filter(data.filter) != Filter():
        pointer = "/as_of" if data.as_of is not None else "/filter"
        detail = "A frozen version has its own as_of and filter; leave these out."
        raise Invalid(detail, errors=[Fault(pointer=pointer, detail=detail)])
    try:
        frozen = await load_version(ledger.engine, workspace_id, data.dataset_id, data.dataset_version)
    except NotFound as error:
        fault = Fault(pointer="/dataset_version", detail=error.detail, code="no_such_version")
        raise Unprocessable(error.detail, errors=[fault]) from error
    return frozen.selection(data.split)


async def _check_filled(
    ledger: Ledger, workspace_id: UUID, prompt_id: UUID, event: PromptVersionAdded, data: NewPromptRun
) -> None:
    """Raises Unprocessable for invalid constants, and for variables that nothing fills."""
    texts = await load_version_texts(ledger, workspace_id, prompt_id, event)
    faults = [
        *definitions.find_constant_faults(texts.variables, data.variables),
        *definitions.find_input_faults(texts.variables, data.inputs),
        *_find_unfilled(texts, event, data),
    ]
    if faults:
        raise Unprocessable(faults[0].detail, errors=faults)


def _find_unfilled(texts: definitions.PromptTexts, event: PromptVersionAdded, data: NewPromptRun) -> Iterator[Fault]:
    filled = {*choose_inputs(texts.variables, data.inputs or event.inputs, data.variables), *data.variables}
    for variable in texts.variables:
        if variable.needed and variable.name not in filled:
            detail = f"Nothing fills the variable {variable.name}: map it in `inputs`, or give a value in `variables`."
            yield Fault(pointer="/inputs", detail=detail, code="missing_variable")


async def _resolve_model(ledger: Ledger, workspace_id: UUID, event: PromptVersionAdded, data: NewPromptRun) -> Served:
    target = data.target or target_of(event)
    if target is None:
        detail = f"Version {event.number} has no target; give one in `target`."
        raise Unprocessable(detail, errors=[Fault(pointer="/target", detail=detail, code="required")])
    return await resolve_target(ledger, workspace_id, target, pointer="/target")


async def _draw_shown(ledger: Ledger, workspace_id: UUID, event: PromptVersionAdded) -> tuple[DrawnExample, ...]:
    """The examples to show, and one more: a row is never shown with its own answer."""
    if event.examples is None:
        return ()
    selection = await resolve_selection(ledger, workspace_id, event.examples)
    drawn = await draw_examples(ledger.engine, workspace_id, event.examples, selection, more=1)
    return tuple(each.drawn for each in drawn)
