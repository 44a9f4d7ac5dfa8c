"""Resolve the targets of a request: their current model versions and prompt versions."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from service.errors import Fault, Invalid, NotFound, Unprocessable
from service.evaluations.domain import REFERENCE, PromptUsed, TargetUsed
from service.evaluations.targets.schemas import NewTarget, PromptAsked
from service.inference.domain import Served
from service.inference.targets import resolve_target
from service.ledger.store import Ledger
from service.models.domain import MODEL
from service.prompts.domain import PROMPT, PromptState
from service.prompts.render import few_shot as drawing
from service.prompts.render.renderer import candidate_versions, load_version_texts
from service.prompts.versions import definitions

MAX_NAME_LENGTH = 200


async def resolve_targets(ledger: Ledger, workspace_id: UUID, asked: Sequence[NewTarget]) -> tuple[TargetUsed, ...]:
    """In the order in which they were asked for. Raises Invalid, Unprocessable and Conflict, with pointers."""
    _check_names([target.name for target in asked])
    found: list[TargetUsed] = []
    for number, target in enumerate(asked):
        at = f"/targets/{number}"
        served = await resolve_target(ledger, workspace_id, target, pointer=at)
        prompt, called = await _resolve_prompt(ledger, workspace_id, target.prompt, at=f"{at}/prompt")
        name = target.name or f"{await _default_name(ledger, workspace_id, served)}{called}"
        taken = {each.name for each in found} | {other.name for other in asked if other is not target}
        found.append(TargetUsed(name=name if target.name else _free_name(name, taken), served=served, prompt=prompt))
    return tuple(found)


def _check_names(names: Sequence[str | None]) -> None:
    faults = []
    for number, name in enumerate(names):
        if name is not None and name in names[:number]:
            detail = "Duplicate name. Target names must be unique in the evaluation."
            faults.append(Fault(pointer=f"/targets/{number}/name", detail=detail, code="duplicate"))
        if name == REFERENCE:
            detail = "This name is reserved for the examples' own answers. Choose another."
            faults.append(Fault(pointer=f"/targets/{number}/name", detail=detail, code="reserved"))
    if faults:
        raise Invalid(faults[0].detail, errors=faults)


async def _default_name(ledger: Ledger, workspace_id: UUID, served: Served) -> str:
    if served.model_id is None:
        return served.provider_model
    model = await ledger.get(MODEL, workspace_id, served.model_id)
    return f"{model.state.name} {served.model_version}"


def _free_name(name: str, taken: set[str | None]) -> str:
    short = name[: MAX_NAME_LENGTH - 5]
    return next(each for each in (short, *(f"{short} ({n})" for n in range(2, 100))) if each not in taken)


async def _resolve_prompt(
    ledger: Ledger, workspace_id: UUID, asked: PromptAsked | None, *, at: str
) -> tuple[PromptUsed | None, str]:
    """The version that asks, and what it adds to the target's name."""
    if asked is None:
        return None, ""
    prompt = await _find_prompt(ledger, workspace_id, asked.prompt_id, at=at)
    number = _choose_version(prompt, asked, at=at)
    event = prompt.versions[number]
    texts = await load_version_texts(ledger, workspace_id, asked.prompt_id, event)
    if faults := definitions.find_faults(texts, asked.inputs):
        raise Unprocessable(faults[0].detail, errors=_prefix_pointers(faults, at))
    used = PromptUsed(prompt_id=asked.prompt_id, number=number, inputs=asked.inputs)
    if event.examples is not None:
        # Drawn once and for all rows, so that which examples were shown is known, and no row shows what it asks.
        selection = await drawing.resolve_selection(ledger, workspace_id, event.examples)
        shown = await drawing.draw_examples(ledger.engine, workspace_id, event.examples, selection)
        refs = tuple(each.drawn for each in shown)
        used = msgspec.structs.replace(used, dataset_id=event.examples.dataset_id, examples=refs)
    return used, f" with {prompt.name} {number}"


async def _find_prompt(ledger: Ledger, workspace_id: UUID, prompt_id: UUID, *, at: str) -> PromptState:
    try:
        return (await ledger.get(PROMPT, workspace_id, prompt_id)).state
    except NotFound as error:
        raise Unprocessable(error.detail, errors=[Fault(pointer=f"{at}/prompt_id", detail=error.detail)]) from error


def _choose_version(prompt: PromptState, asked: PromptAsked, *, at: str) -> int:
    try:
        weights = candidate_versions(prompt, version=asked.version, label=asked.label)
    except (Invalid, Unprocessable) as problem:
        raise type(problem)(problem.detail, errors=_prefix_pointers(problem.errors, at)) from problem
    if len(weights) > 1:
        detail = f"The label {asked.label} splits traffic between several versions. Give the version to measure."
        raise Unprocessable(detail, errors=[Fault(pointer=f"{at}/label", detail=detail, code="several_versions")])
    return next(iter(weights))


def _prefix_pointers(faults: Sequence[Fault], at: str) -> list[Fault]:
    return [msgspec.structs.replace(fault, pointer=at + fault.pointer) for fault in faults]
