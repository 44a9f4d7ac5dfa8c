"""The texts of a row: the instructions, what the model is asked, and what it learns to answer. Pure."""

from typing import Any

import msgspec

from service.providers.training_rows.row_parts import Row

INSTRUCTING = ("system", "developer")


class Conversation(msgspec.Struct, frozen=True, gc=False):
    """`question` is all before the answer but the instructions; `answer` has tool calls as JSON, `answer_text` none."""

    system: str
    question: str
    answer: str
    answer_text: str


def read_conversation(content: Row) -> Conversation:
    messages, answer = split_answer(content)
    instructions = [join_texts(message) for message in messages if message["role"] in INSTRUCTING]
    asked = [read_message(message) for message in messages if message["role"] not in INSTRUCTING]
    return Conversation(
        "\n".join(instructions),
        "\n".join(asked),
        read_message(answer) if answer else "",
        join_texts(answer) if answer else "",
    )


def collect_private_text(content: Row) -> str:
    """All that a person may have written: without the instructions, with reasoning and both answers."""
    answers = [content[name] for name in ("chosen", "rejected") if content.get(name)]
    messages = [message for message in content["messages"] if message["role"] not in INSTRUCTING]
    return "\n".join(
        part for message in [*messages, *answers] for part in (read_message(message), message.get("reasoning")) if part
    )


def split_answer(content: Row) -> tuple[list[Any], Any | None]:
    """The messages before the answer, and the answer: the chosen one, or the last message if it is the assistant's."""
    messages = content["messages"]
    if content.get("chosen"):
        return messages, content["chosen"]
    if messages and messages[-1]["role"] == "assistant":
        return messages[:-1], messages[-1]
    return messages, None


def read_message(message: Any) -> str:
    """The text of a message; its tool calls follow as JSON."""
    text = join_texts(message)
    calls = message.get("tool_calls")
    if not calls:
        return text
    called = [[call["function"]["name"], call["function"]["arguments"]] for call in calls]
    return f"{text}\n{msgspec.json.encode(called).decode()}"


def join_texts(message: Any) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content or () if part.get("type") == "text")
