"""Find what keeps a single row from being trained on, whoever trains. Pure."""

from collections.abc import Iterator
from typing import Any

import msgspec

from service.datasets.checks.rows.conversation import join_texts, split_answer
from service.providers.training_rows.row_parts import Row


def find_structure_faults(content: Row) -> Iterator[str]:
    """The codes of the findings, each once."""
    messages, answer = split_answer(content)
    yield from _find_answer_faults(content, answer)
    if any(message["role"] != "assistant" and _is_blank(message) for message in messages):
        yield "blank_message"
    everything = content["messages"] if answer is None or not content.get("chosen") else [*messages, answer]
    if any(message.get("tool_calls") for message in everything):
        yield from _find_tool_faults(content, everything)


def _find_answer_faults(content: Row, answer: Any | None) -> Iterator[str]:
    if answer is None:
        yield "unanswered"
        return
    if _is_empty(answer) or (content.get("rejected") and _is_empty(content["rejected"])):
        yield "blank_answer"
    if content.get("chosen"):
        if content["chosen"] == content.get("rejected"):
            yield "same_answers"
    elif all(message.get("weight") == 0 for message in content["messages"] if message["role"] == "assistant"):
        yield "untrainable"


def _find_tool_faults(content: Row, messages: list[Any]) -> Iterator[str]:
    calls = [call["function"] for message in messages for call in message.get("tool_calls") or ()]
    if not all(is_json_object(call["arguments"]) for call in calls):
        yield "bad_tool_arguments"
    declared = {tool["function"]["name"] for tool in content.get("tools") or ()}
    if not {call["name"] for call in calls} <= declared:
        yield "undeclared_tool"
    if _lacks_results(messages):
        yield "missing_tool_result"


def _lacks_results(messages: list[Any]) -> bool:
    """Whether a call has no result before the conversation goes on. The last message's calls are the answer."""
    waiting: set[str] = set()
    for message in messages:
        if message["role"] == "tool":
            waiting.discard(message.get("tool_call_id"))
        elif waiting:
            return True
        else:
            waiting = {call["id"] for call in message.get("tool_calls") or ()}
    return bool(waiting) and not messages[-1].get("tool_calls")


def is_json_object(text: str) -> bool:
    try:
        return isinstance(msgspec.json.decode(text), dict)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return False


def _is_empty(message: Any) -> bool:
    return not message.get("tool_calls") and _is_blank(message)


def _is_blank(message: Any) -> bool:
    """Whether a message has neither text nor anything else, such as an image."""
    content = message.get("content")
    has_other_parts = isinstance(content, list) and any(part.get("type") != "text" for part in content)
    return not has_other_parts and not join_texts(message).strip()
