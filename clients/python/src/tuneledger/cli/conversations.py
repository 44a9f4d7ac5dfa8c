"""Texts of an example for tables: its question, its answer, or the whole conversation."""

from typing import Any

import msgspec

from tuneledger.cli.output import excerpt


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
