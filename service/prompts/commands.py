"""Build a new version: check that everything it names exists, and report all faults at once."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from service.access.domain import Scope, is_allowed
from service.datasets.domain import DATASET
from service.datasets.projection import load_version
from service.datasets.versions.version_as_of import resolve_as_of_in
from service.errors import Fault, Forbidden, Invalid, NotFound, Unprocessable
from service.inference.targets import ModelChoice, resolve_target
from service.ledger.store import Ledger
from service.ledger.texts import SubjectTexts
from service.prompts.domain import (
    BuiltFrom,
    ExampleDraw,
    PromptParameters,
    PromptState,
    PromptTarget,
    PromptVersionAdded,
)
from service.prompts.schemas import NewPromptVersion
from service.prompts.versions import definitions
from service.tasks.domain import TASK
from service.tasks.json_schema import check_schema


async def build_version(
    ledger: Ledger, workspace_id: UUID, prompt: PromptState, data: NewPromptVersion, wording: SubjectTexts
) -> PromptVersionAdded:
    """The version's event, not numbered yet. Raises Invalid, Unprocessable or NotFound with each fault."""
    if faults := definitions.find_faults(data.texts, data.inputs):
        raise Unprocessable(faults[0].detail, errors=faults)
    parameters, task_version = await _resolve_parameters(ledger, workspace_id, prompt, data)
    if data.target is not None:
        await resolve_target(ledger, workspace_id, data.target, pointer="/target")
    if data.examples is not None:
        await check_draw(ledger, workspace_id, data.examples)
    if data.built is not None:
        await _check_task_version(ledger, workspace_id, data.built)
    return PromptVersionAdded(
        number=0,
        texts=wording.add_json(data.texts),
        parameters=parameters,
        target=to_prompt_target(data.target) if data.target else None,
        examples=data.examples,
        inputs=data.inputs,
        built=data.built,
        task_version=task_version,
        notes=data.notes,
    )


def to_prompt_target(target: ModelChoice) -> PromptTarget:
    return msgspec.convert(msgspec.structs.asdict(target), PromptTarget)


async def _resolve_parameters(
    ledger: Ledger, workspace_id: UUID, prompt: PromptState, data: NewPromptVersion
) -> tuple[PromptParameters, int | None]:
    """The parameters and, with `use_task_schema`, the task's version; they then include the task's schema."""
    own = data.parameters.response_schema
    if own is not None and (faults := check_schema(own, at="/parameters/response_schema")):
        raise Invalid(faults[0].detail, errors=faults)
    if not data.use_task_schema:
        return data.parameters, None
    task = await ledger.get(TASK, workspace_id, prompt.task_id) if prompt.task_id else None
    if own is not None or task is None or task.state.output_schema is None:
        detail = (
            "The prompt's task has no output schema."
            if own is None
            else "Give either response_schema or use_task_schema."
        )
        raise Unprocessable(detail, errors=[Fault(pointer="/use_task_schema", detail=detail)])
    schema = task.state.output_schema
    return msgspec.structs.replace(data.parameters, response_schema=schema), task.version


def check_may_draw(scopes: Iterable[Scope], data: NewPromptVersion) -> None:
    """Raises Forbidden if examples are to be drawn and the key may not read datasets."""
    if data.examples is not None and not is_allowed(scopes, "datasets:read"):
        raise Forbidden("Drawing examples needs the scope datasets:read; this API key lacks it.")


async def check_draw(ledger: Ledger, workspace_id: UUID, draw: ExampleDraw) -> None:
    """Raises NotFound for an unknown dataset, Unprocessable for an unknown version, Invalid for a wrong `as_of`."""
    await ledger.get(DATASET, workspace_id, draw.dataset_id)
    if draw.version is not None and draw.as_of is not None:
        detail = "Give either version or as_of."
        raise Invalid(detail, errors=[Fault(pointer="/examples/as_of", detail=detail)])
    if draw.version is not None:
        try:
            await load_version(ledger.engine, workspace_id, draw.dataset_id, draw.version)
        except NotFound as error:
            fault = Fault(pointer="/examples/version", detail=error.detail, code="no_such_version")
            raise Unprocessable(error.detail, errors=[fault]) from error
    await resolve_as_of_in(ledger, workspace_id, draw.dataset_id, draw.as_of, parameter="/examples/as_of")


async def _check_task_version(ledger: Ledger, workspace_id: UUID, built: BuiltFrom) -> None:
    task = await ledger.get(TASK, workspace_id, built.task_id)
    if built.task_version > task.version:
        detail = f"The task's latest version is {task.version}."
        raise Unprocessable(detail, errors=[Fault(pointer="/built/task_version", detail=detail)])
