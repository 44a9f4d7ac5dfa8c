"""Texts of an example for tables: its question, its answer, or the whole conversation."""

from collections.abc import Mapping
from typing import Any

import msgspec
from rich.text import Text

from tuneledger.cli.output import encoded, excerpt, shown
from tuneledger.types import Change


def question_excerpt(content: Any) -> str | None:
    """Shorten the user's last message; None if the content was erased."""
    if content is None:
        return None
    return _excerpts([each for each in _messages(content) if each["role"] == "user"])


def answer_excerpt(content: Any) -> str | None:
    """Shorten the answer to train on, or a preference's chosen answer; None if the content was erased."""
    if content is None:
        return None
    chosen = _plain(content).get("chosen")
    return _excerpts([chosen] if chosen else [each for each in _messages(content) if each["role"] == "assistant"])


def conversation(content: Any) -> str | None:
    """Join all messages; None if the content was erased."""
    if content is None:
        return None
    preference = {name: each for name, each in _plain(content).items() if name in {"chosen", "rejected"}}
    turns = [(message["role"], message) for message in _messages(content)] + list(preference.items())
    return "\n\n".join(f"{who}: {_text(message)}" for who, message in turns)


def describe_changes(changes: Mapping[str, Change]) -> Text:
    """Show what each field was, in red, and is now, in green; of a conversation, the answer."""
    return Text("\n").join(_describe_change(*each) for each in changes.items() if any(_sides(each[1])))


def _describe_change(field: str, change: Change) -> Text:
    shorten = answer_excerpt if field == "content" else _value_excerpt
    before, after = (shown(shorten(side)) for side in _sides(change))
    before.stylize("red")
    after.stylize("green")
    return Text.assemble(f"{field} ", before, " → ", after)


def _sides(change: Change) -> tuple[Any, Any]:
    return change.before, change.after


def _value_excerpt(value: Any) -> str | None:
    if value is None:
        return None
    return excerpt(value if isinstance(value, str) else encoded(value).decode(), 60)


def _excerpts(messages: list[dict[str, Any]]) -> str:
    return excerpt(_text(messages[-1])) if messages else ""


def _text(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return " ".join(part.get("text", f"[{part['type']}]") for part in content)
    calls = [f"{call['function']['name']}({call['function']['arguments']})" for call in message.get("tool_calls") or []]
    return "\n".join([*([content] if content else []), *calls])


def _messages(content: Any) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = _plain(content)["messages"]
    return messages


def _plain(content: Any) -> dict[str, Any]:
    plain: dict[str, Any] = content if isinstance(content, dict) else msgspec.to_builtins(content)
    return plain
