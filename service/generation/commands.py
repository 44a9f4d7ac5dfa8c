"""Making and changing generations: what they name has to be there."""

from typing import Any
from uuid import UUID

import msgspec

from service.database.engine import new_id
from service.datasets.domain import DATASET
from service.errors import Fault, NotFound, Unprocessable
from service.generation import domain as generations
from service.generation.domain import GENERATION, GenerationCreated, PromptChoice
from service.generation.domain import GenerationState as State
from service.generation.schemas import GenerationChanges, NewGeneration, generation_of
from service.http.responses import StoredResponse, encode_response
from service.inference.targets import ModelChoice, resolve_target
from service.ledger.decider import Decider, StreamState
from service.ledger.store import Caller, Ledger
from service.prompts.domain import PROMPT, PromptTarget
from service.prompts.render.renderer import candidate_versions
from service.tasks.domain import TASK


async def create_generation(ledger: Ledger, caller: Caller, data: NewGeneration) -> StoredResponse:
    """Raises Unprocessable for what it names and is not there."""
    dataset = (await _there(ledger, DATASET, caller.workspace_id, data.dataset_id, "/dataset_id")).state
    task_id = data.task_id or dataset.task_id
    if task_id is not None:
        await _there(ledger, TASK, caller.workspace_id, task_id, "/task_id")
    await _require_prompt(ledger, caller.workspace_id, data.prompt)
    generation_id = new_id()
    event = GenerationCreated(
        dataset_id=data.dataset_id,
        target=await _target(ledger, caller.workspace_id, data.target),
        name=data.name,
        task_id=task_id,
        guidance=data.guidance,
        template=data.template,
        prompt=data.prompt,
    )

    def sent(stored: StreamState[State]) -> StoredResponse:
        location = f"/v1/generations/{generation_id}"
        return encode_response(generation_of(stored), status=201, version=stored.version, location=location)

    return sent(await ledger.change(GENERATION, generation_id, lambda _: [event], caller=caller, respond=sent))


async def update_generation(
    ledger: Ledger, caller: Caller, generation_id: UUID, data: GenerationChanges, *, version: int | None
) -> StreamState[State]:
    """Raises NotFound, Stale, and Unprocessable for what it names and is not there."""
    given = {name: value for name in generations.EDITABLE if (value := getattr(data, name)) is not msgspec.UNSET}
    changes: dict[str, Any] = dict(given)
    if isinstance(data.target, ModelChoice):
        changes["target"] = await _target(ledger, caller.workspace_id, data.target)
    if isinstance(data.prompt, PromptChoice):
        await _require_prompt(ledger, caller.workspace_id, data.prompt)
    return await ledger.change(
        GENERATION,
        generation_id,
        lambda now: generations.edit(now, changes, reason=data.reason),
        caller=caller,
        expected=version,
    )


async def _target(ledger: Ledger, workspace_id: UUID, choice: ModelChoice) -> PromptTarget:
    """As it was said, once it is known to lead somewhere."""
    await resolve_target(ledger, workspace_id, choice, pointer="/target")
    return msgspec.convert(msgspec.structs.asdict(choice), PromptTarget)


async def _require_prompt(ledger: Ledger, workspace_id: UUID, choice: PromptChoice | None) -> None:
    if choice is not None:
        prompt = (await _there(ledger, PROMPT, workspace_id, choice.prompt_id, "/prompt/prompt_id")).state
        candidate_versions(prompt, version=choice.version, label=choice.label)


async def _there(
    ledger: Ledger, decider: Decider[Any, Any], workspace_id: UUID, id_: UUID, pointer: str
) -> StreamState[Any]:
    try:
        return await ledger.get(decider, workspace_id, id_)
    except NotFound as error:
        fault = Fault(pointer=pointer, detail=error.detail, code="not_found")
        raise Unprocessable(error.detail, errors=[fault]) from error
