"""Look up the targets of a request: their current model and prompt versions."""

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
from service.prompts.render import few_shot
from service.prompts.render.renderer import candidate_versions, load_version_texts
from service.prompts.versions import definitions

MAX_NAME_LENGTH = 200


async def resolve_targets(
    ledger: Ledger, workspace_id: UUID, new_targets: Sequence[NewTarget]
) -> tuple[TargetUsed, ...]:
    """Look up the targets, in the order of the request. Raises Invalid, Unprocessable and Conflict, with pointers."""
    _check_names([target.name for target in new_targets])
    targets: list[TargetUsed] = []
    for number, target in enumerate(new_targets):
        at = f"/targets/{number}"
        served = await resolve_target(ledger, workspace_id, target, pointer=at)
        prompt, suffix = await _resolve_prompt(ledger, workspace_id, target.prompt, at=f"{at}/prompt")
        name = target.name or f"{await _default_name(ledger, workspace_id, served)}{suffix}"
        taken = {each.name for each in targets} | {other.name for other in new_targets if other is not target}
        targets.append(
            TargetUsed(name=name if target.name else _make_unique(name, taken), served=served, prompt=prompt)
        )
    return tuple(targets)


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


def _make_unique(name: str, taken: set[str | None]) -> str:
    short = name[: MAX_NAME_LENGTH - 5]
    return next(each for each in (short, *(f"{short} ({n})" for n in range(2, 100))) if each not in taken)


async def _resolve_prompt(
    ledger: Ledger, workspace_id: UUID, choice: PromptAsked | None, *, at: str
) -> tuple[PromptUsed | None, str]:
    """Look up the prompt version, and the suffix for the target's default name."""
    if choice is None:
        return None, ""
    prompt = await _find_prompt(ledger, workspace_id, choice.prompt_id, at=at)
    number = _choose_version(prompt, choice, at=at)
    event = prompt.versions[number]
    texts = await load_version_texts(ledger, workspace_id, choice.prompt_id, event)
    if faults := definitions.find_faults(texts, choice.inputs):
        raise Unprocessable(faults[0].detail, errors=_prefix_pointers(faults, at))
    used = PromptUsed(prompt_id=choice.prompt_id, number=number, inputs=choice.inputs)
    if event.examples is not None:
        # Drawn once for all rows: the leakage check then knows which examples are shown.
        selection = await few_shot.resolve_selection(ledger, workspace_id, event.examples)
        drawn = await few_shot.draw_examples(ledger.engine, workspace_id, event.examples, selection)
        refs = tuple(each.drawn for each in drawn)
        used = msgspec.structs.replace(used, dataset_id=event.examples.dataset_id, examples=refs)
    return used, f" with {prompt.name} {number}"


async def _find_prompt(ledger: Ledger, workspace_id: UUID, prompt_id: UUID, *, at: str) -> PromptState:
    try:
        return (await ledger.get(PROMPT, workspace_id, prompt_id)).state
    except NotFound as error:
        raise Unprocessable(error.detail, errors=[Fault(pointer=f"{at}/prompt_id", detail=error.detail)]) from error


def _choose_version(prompt: PromptState, choice: PromptAsked, *, at: str) -> int:
    weights = candidate_versions(prompt, version=choice.version, label=choice.label, at=at)
    if len(weights) > 1:
        detail = f"The label {choice.label} splits traffic between several versions. Give the version to measure."
        raise Unprocessable(detail, errors=[Fault(pointer=f"{at}/label", detail=detail, code="several_versions")])
    return next(iter(weights))


def _prefix_pointers(faults: Sequence[Fault], at: str) -> list[Fault]:
    return [msgspec.structs.replace(fault, pointer=at + fault.pointer) for fault in faults]
