"""Render a prompt: choose the version, draw its examples, and build the messages."""

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from service.datasets.examples.chat_content import Message
from service.errors import Erased, Fault, Invalid, Unprocessable
from service.ledger.store import Ledger
from service.prompts import queries
from service.prompts.domain import PROMPT, DrawnExample, LabelWeights, PromptState, PromptVersionAdded
from service.prompts.labels import domain as labels
from service.prompts.render import few_shot
from service.prompts.render.variables import ShownExample, build_messages, choose_inputs
from service.prompts.versions.definitions import PromptTexts


class Rendering(msgspec.Struct, frozen=True, kw_only=True):
    """`drawn_at` is the seq of the dataset state that the examples were drawn from."""

    version: PromptVersionAdded
    messages: tuple[Message, ...]
    examples: tuple[DrawnExample, ...]
    drawn_at: int | None


def candidate_versions(prompt: PromptState, *, version: int | None, label: str | None, at: str = "") -> LabelWeights:
    """The versions that may answer: one by number, those of a label, or the latest. Raises Invalid, Unprocessable."""
    if version is not None and label is not None:
        detail = "Give version or label, not both."
        raise Invalid(detail, errors=[Fault(pointer=f"{at}/label", detail=detail)])
    if label is not None and label not in prompt.labels:
        raise _missing_error(f"{at}/label", f"{prompt.name} has no label {label}.", code="no_such_label")
    if label is not None:
        return prompt.labels[label]
    number = version if version is not None else prompt.latest
    if number is None or number not in prompt.versions:
        detail = f"{prompt.name} has no version {number}." if number else f"{prompt.name} has no version yet."
        raise _missing_error(f"{at}/version", detail, code="no_such_version")
    return {number: 1.0}


def _missing_error(pointer: str, detail: str, *, code: str) -> Unprocessable:
    return Unprocessable(detail, errors=[Fault(pointer=pointer, detail=detail, code=code)])


def choose_version(weights: LabelWeights, key: str | None, *, prompt_id: UUID, label: str | None) -> int:
    """The version for a key; without a key a random one."""
    return labels.pick_version(
        weights, secrets.token_hex() if key is None else key, prompt_id=prompt_id, label=label or ""
    )


async def render(
    ledger: Ledger,
    workspace_id: UUID,
    prompt_id: UUID,
    *,
    version: int | None,
    label: str | None,
    key: str | None,
    variables: dict[str, Any],
    examples: Sequence[DrawnExample] | None,
) -> Rendering:
    """Raises NotFound, and Unprocessable with every fault of the values."""
    prompt = (await ledger.get(PROMPT, workspace_id, prompt_id)).state
    weights = candidate_versions(prompt, version=version, label=label)
    event = prompt.versions[choose_version(weights, key, prompt_id=prompt_id, label=label)]
    texts = await load_version_texts(ledger, workspace_id, prompt_id, event)
    shown, drawn_at = await _load_examples(ledger, workspace_id, event, examples)
    return Rendering(
        version=event,
        messages=build_messages(texts, variables, shown, choose_inputs(texts.variables, event.inputs, {})),
        examples=tuple(each.drawn for each in shown),
        drawn_at=drawn_at,
    )


async def _load_examples(
    ledger: Ledger, workspace_id: UUID, event: PromptVersionAdded, examples: Sequence[DrawnExample] | None
) -> tuple[list[ShownExample], int | None]:
    draw = event.examples
    if draw is None:
        if examples:
            detail = f"Version {event.number} shows no examples."
            raise Unprocessable(detail, errors=[Fault(pointer="/examples", detail=detail, code="no_examples")])
        return [], None
    if examples is not None:
        return await few_shot.load_shown_examples(ledger.engine, workspace_id, draw.dataset_id, examples), None
    selection = await few_shot.resolve_selection(ledger, workspace_id, draw)
    return await few_shot.draw_examples(ledger.engine, workspace_id, draw, selection), selection.seq


async def load_version_texts(
    ledger: Ledger, workspace_id: UUID, prompt_id: UUID, event: PromptVersionAdded
) -> PromptTexts:
    """Raises Conflict if the texts were erased."""
    row = await queries.get_version(ledger.engine, workspace_id, prompt_id, event.number)
    if row.body is None:
        raise Erased(f"The texts of version {event.number} were erased.")
    return msgspec.json.decode(row.body, type=PromptTexts)
