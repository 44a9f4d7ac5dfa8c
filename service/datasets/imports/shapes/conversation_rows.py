"""Conversations: OpenAI chat (with Mistral's, Cohere's, typed parts), preference, reinforcement; ShareGPT. Pure."""

from typing import Any

from service.datasets.imports.shapes.chat_messages import add_messages, place_media, read_answer, read_tools
from service.datasets.imports.shapes.draft import Draft, Json, from_json_text
from service.json_type_faults import describe

ANSWERS = ("answer", "reference_answer", "reference", "ground_truth", "solution", "expected", "target", "label")

SHAREGPT_NAMES = {"role": "from", "content": "value"}


def read_chat(draft: Draft) -> None:
    """`messages`, with tools beside them; a preference has `chosen` and `rejected` too."""
    messages, at = draft.pop("messages", "conversations", "conversation")
    if messages is None:
        draft.add_fault(at, "The field 'messages' is required.", "required")
        return
    add_system(draft)
    add_messages(draft, messages, at)
    read_tools(draft)
    draft.parallel_tool_calls = draft.pop("parallel_tool_calls")[0]
    read_pair(draft, ("chosen", "chosen_messages"), ("rejected", "rejected_messages"))
    place_media(draft)


def read_preference(draft: Draft) -> None:
    """`input` with messages and tools, `preferred_output`, `non_preferred_output`."""
    body, at = draft.pop("input")
    if not isinstance(body, dict):
        draft.add_fault(at, f"Found {describe(body)}; allowed is an object with messages.", "wrong_type")
        return
    inner = Draft(body, at=at)
    read_chat(inner)
    for name in ("messages", "places", "tools", "parallel_tool_calls"):
        setattr(draft, name, getattr(inner, name))
    draft.faults += inner.faults
    draft.losses |= inner.losses | {
        f"fields of input: {name[:64]}" for name, value in inner.row.items() if value not in (None, [])
    }
    read_pair(draft, ("preferred_output",), ("non_preferred_output",), required=True)


def read_reinforcement(draft: Draft) -> None:
    """`messages` that end with the user; the reference answer becomes the assistant's, the rest stays as metadata."""
    read_chat(draft)
    if draft.messages and draft.messages[-1]["role"] == "assistant":
        return
    answer, at = draft.pop_text(*ANSWERS)
    if answer is None:
        texts = [
            name for name, value in draft.row.items() if isinstance(value, str) and name not in ("external_id", "split")
        ]
        answer, at = draft.pop_text(texts[0]) if len(texts) == 1 else (None, at)
    draft.add_text("assistant", answer, at)


def read_sharegpt(draft: Draft) -> None:
    """`conversations` of `from` and `value`, with tools as text, calls and observations, and preference pairs."""
    draft.names = SHAREGPT_NAMES
    conversations, at = draft.pop("conversations", "conversation")
    if conversations is None:
        draft.add_fault(at, "The field 'conversations' is required.", "required")
        return
    add_system(draft)
    add_messages(draft, conversations, at)
    read_tools(draft)
    read_pair(draft, ("chosen",), ("rejected",))
    tag, at = draft.pop("kto_tag")
    if tag is None or isinstance(tag, bool):
        draft.passed = tag
    else:
        draft.add_fault(at, f"Found {describe(tag)}; allowed is true or false.")
    place_media(draft)


def add_system(draft: Draft) -> None:
    """A system prompt beside the messages."""
    system, at = draft.pop("system", "system_prompt")
    if isinstance(system, str):
        draft.add_text("system", system, at)
    elif system is not None:
        add_messages(draft, [{"role": "system", "content": system}], at)


def read_pair(draft: Draft, chosen: tuple[str, ...], rejected: tuple[str, ...], *, required: bool = False) -> None:
    """The better and the worse answer, if there are any."""
    for name, fields in (("chosen", chosen), ("rejected", rejected)):
        answer, at = draft.pop(*fields)
        if answer is not None:
            draft.answers[name] = (read_answer(draft, from_json_text(answer), at), at)
        elif required:
            draft.add_fault(at, f"The field {fields[0]!r} is required.", "required")


def has_part(row: Json, *kinds: str) -> bool:
    """Whether a message of the row has a part of one of these types."""
    return any(
        isinstance(part, dict) and part.get("type") in kinds
        for message in get_messages(row)
        if isinstance(message.get("content"), list)
        for part in message["content"]
    )


def get_messages(row: Json, name: str = "messages") -> list[dict[str, Any]]:
    messages = from_json_text(row.get(name))
    return [message for message in messages if isinstance(message, dict)] if isinstance(messages, list) else []
