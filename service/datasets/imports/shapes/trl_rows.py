"""TRL's shapes: language modelling, prompt and completion, preferences in all their layouts, KTO. Pure."""

import re
from typing import Any

from service.datasets.imports.shapes.chat_messages import (
    add_message,
    add_messages,
    place_media,
    read_answer,
    read_tools,
)
from service.datasets.imports.shapes.conversation_rows import add_system, read_chat
from service.datasets.imports.shapes.draft import Draft, from_json_text
from service.json_type_faults import describe

_TURN = re.compile(r"\n\n(Human|Assistant):")
LABELS = {"true": True, "1": True, "false": False, "0": False, "pass": True, "fail": False}


def read_sft(draft: Draft) -> None:
    """`messages`, or `prompt` and `completion` as texts or lists, or `text`."""
    if "messages" in draft.row:
        read_chat(draft)
    elif "prompt" in draft.row:
        read_completion(draft)
    else:
        read_text(draft)


def read_completion(draft: Draft) -> None:
    """`prompt` and `completion`, each a text or a list of messages."""
    add_system(draft)
    _add_turns(draft, "user", "prompt")
    _add_turns(draft, "assistant", "completion", "response")
    read_tools(draft)
    place_media(draft)


def read_text(draft: Draft) -> None:
    """Raw text, all of which is to be learnt: an answer without a question."""
    text, at = draft.require_text("text")
    draft.add({"role": "assistant", "content": text or "-"}, at)


def read_kto(draft: Draft) -> None:
    """A conversation, or prompt and completion, with `label`: a rating of pass or fail."""
    label, at = draft.pop("label", "kto_tag")
    passed = LABELS.get(str(label).strip().lower())
    if passed is None:
        draft.add_fault(at, f"Found {describe(label)}; allowed is true or false.")
    draft.passed = passed
    read_sft(draft)


def read_pairs(draft: Draft) -> None:
    """`chosen` and `rejected` as texts, lists or objects; the prompt beside them, in `messages`, or at their start."""
    add_system(draft)
    if "messages" in draft.row:
        add_messages(draft, *draft.pop("messages"))
    elif draft.row.get("prompt", draft.row.get("question")) is not None:
        _add_turns(draft, "user", "prompt", "question")
    sides = [_read_side(draft, name) for name in ("chosen", "rejected")]
    if any(side is None for side, _ in sides):
        return
    (chosen, at), (rejected, _) = sides
    shared = _count_shared(chosen or [], rejected or [])
    if not draft.messages:
        for index, message in enumerate((chosen or [])[:shared]):
            add_message(draft, message, f"{at}/{index}")
    for name, (side, where) in zip(("chosen", "rejected"), sides, strict=True):
        rest = (side or [])[shared:]
        if len(rest) == 1:
            draft.answers[name] = (read_answer(draft, rest[0], f"{where}/{shared}" if shared else where), where)
        else:
            detail = f"Found {len(rest)} messages that the other side does not have; allowed is one answer."
            draft.add_fault(where, detail)
    read_tools(draft)
    place_media(draft)


def _read_side(draft: Draft, name: str) -> tuple[list[Any] | None, str]:
    """The messages of one side; a text is one, or a whole dialogue of the form Human, Assistant."""
    side, at = draft.pop(name)
    side = from_json_text(side)
    if isinstance(side, str):
        turns = _TURN.split(side)[1:] if not draft.messages else []
        spoken = zip(turns[::2], turns[1::2], strict=True)
        dialogue: list[Any] = [{"role": speaker, "content": text.strip()} for speaker, text in spoken]
        return dialogue or [{"role": "assistant", "content": side}], at
    if isinstance(side, dict):
        return [side], at
    if isinstance(side, list) and side:
        return side, at
    if side is None:
        draft.add_fault(at, f"The field {name!r} is required.", "required")
    else:
        draft.add_fault(at, f"Found {describe(side)}; allowed is an answer.", "wrong_type")
    return None, at


def _count_shared(chosen: list[Any], rejected: list[Any]) -> int:
    """How many messages both sides begin with: all but the last at most."""
    shared = 0
    while shared < min(len(chosen), len(rejected)) - 1 and chosen[shared] == rejected[shared]:
        shared += 1
    return shared


def _add_turns(draft: Draft, role: str, *names: str) -> None:
    value, at = draft.pop(*names)
    value = from_json_text(value) if isinstance(value, str) and value.lstrip()[:2] == "[{" else value
    if value is None:
        draft.add_fault(at, f"The field {names[0]!r} is required.", "required")
    elif isinstance(value, str):
        draft.add({"role": role, "content": value}, at)
    elif isinstance(value, dict):
        add_message(draft, value, at)
    else:
        add_messages(draft, value, at)
