"""Create and change generations."""

from typing import Any
from uuid import UUID

import msgspec

from service.database.engine import new_id
from service.datasets import domain as dataset_domain
from service.datasets.domain import DATASET
from service.errors import Fault, NotFound, Unprocessable
from service.generation import domain as generations
from service.generation.domain import GENERATION, GenerationCreated, GenerationState, PromptChoice
from service.generation.schemas import GenerationChanges, NewGeneration, generation_from_state
from service.http.responses import StoredResponse, encode_response
from service.inference.targets import ModelChoice, resolve_target
from service.ledger.decider import Decider, StreamState
from service.ledger.store import Caller, Ledger
from service.prompts import domain as prompt_domain
from service.prompts.domain import PROMPT, PromptTarget
from service.prompts.render.renderer import candidate_versions
from service.tasks import domain as task_domain
from service.tasks.domain import TASK


async def create_generation(ledger: Ledger, caller: Caller, data: NewGeneration) -> StoredResponse:
    """Raises Unprocessable if the dataset, task, prompt or model does not exist."""
    dataset = (await _require_named(ledger, DATASET, caller.workspace_id, data.dataset_id, "/dataset_id")).state
    dataset_domain.require_active(dataset, pointer="/dataset_id")
    task_id = data.task_id or dataset.task_id
    if task_id is not None:
        task = await _require_named(ledger, TASK, caller.workspace_id, task_id, "/task_id")
        task_domain.require_active(task.state, pointer="/task_id")
    await _check_prompt(ledger, caller.workspace_id, data.prompt)
    generation_id = new_id()
    event = GenerationCreated(
        dataset_id=data.dataset_id,
        target=await _resolve_target(ledger, caller.workspace_id, data.target),
        name=data.name,
        task_id=task_id,
        guidance=data.guidance,
        template=data.template,
        prompt=data.prompt,
    )

    def encode_stored(stored: StreamState[GenerationState]) -> StoredResponse:
        location = f"/v1/generations/{generation_id}"
        return encode_response(generation_from_state(stored), status=201, version=stored.version, location=location)

    stored = await ledger.change(GENERATION, generation_id, lambda _: [event], caller=caller, respond=encode_stored)
    return encode_stored(stored)


async def update_generation(
    ledger: Ledger, caller: Caller, generation_id: UUID, data: GenerationChanges, *, version: int | None
) -> StreamState[GenerationState]:
    """Raises NotFound, Stale, and Unprocessable if the prompt or model does not exist."""
    values = {name: getattr(data, name) for name in generations.EDITABLE}
    changes: dict[str, Any] = {name: value for name, value in values.items() if value is not msgspec.UNSET}
    if isinstance(data.target, ModelChoice):
        changes["target"] = await _resolve_target(ledger, caller.workspace_id, data.target)
    if isinstance(data.prompt, PromptChoice):
        await _check_prompt(ledger, caller.workspace_id, data.prompt)
    return await ledger.change(
        GENERATION,
        generation_id,
        lambda generation: generations.edit(generation, changes, reason=data.reason),
        caller=caller,
        expected=version,
    )


async def _resolve_target(ledger: Ledger, workspace_id: UUID, choice: ModelChoice) -> PromptTarget:
    """The choice as the event stores it, after checking that it resolves to a model."""
    await resolve_target(ledger, workspace_id, choice, pointer="/target")
    return msgspec.convert(msgspec.structs.asdict(choice), PromptTarget)


async def _check_prompt(ledger: Ledger, workspace_id: UUID, choice: PromptChoice | None) -> None:
    if choice is not None:
        prompt = (await _require_named(ledger, PROMPT, workspace_id, choice.prompt_id, "/prompt/prompt_id")).state
        prompt_domain.require_active(prompt, pointer="/prompt/prompt_id")
        candidate_versions(prompt, version=choice.version, label=choice.label, at="/prompt")


async def _require_named(
    ledger: Ledger, decider: Decider[Any, Any], workspace_id: UUID, id_: UUID, pointer: str
) -> StreamState[Any]:
    try:
        return await ledger.get(decider, workspace_id, id_)
    except NotFound as error:
        fault = Fault(pointer=pointer, detail=error.detail, code="not_found")
        raise Unprocessable(error.detail, errors=[fault]) from error
