"""Training files: what a line may hold, and what of it can be learnt."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

LONGEST_LINE = 16 * 1024 * 1024


class Part(msgspec.Struct, frozen=True, kw_only=True):
    type: str
    text: str = ""


class Function(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    arguments: str = "{}"


class ToolCall(msgspec.Struct, frozen=True, kw_only=True):
    id: str = ""
    type: Literal["function"] = "function"
    function: Function


class Message(msgspec.Struct, frozen=True, kw_only=True):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None
    tool_calls: list[ToolCall] | None = None
    weight: Literal[0, 1] | None = None

    @property
    def text(self) -> str:
        """Everything the message says, tool calls included, as one text."""
        content = self.content or ""
        said = content if isinstance(content, str) else " ".join(part.text for part in content)
        called = [f"{call.function.name} {call.function.arguments}" for call in self.tool_calls or ()]
        return " ".join([said, *called]).strip()


class Chat(msgspec.Struct, frozen=True, kw_only=True):
    messages: Annotated[list[Message], Meta(min_length=1)]


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    input: Chat
    preferred_output: Annotated[list[Message], Meta(min_length=1)]
    non_preferred_output: Annotated[list[Message], Meta(min_length=1)]


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """One example as the sandbox learns it: what was asked, what was answered, and every text to fit."""

    prompt: str
    answer: Message
    texts: tuple[str, ...]


class Lessons(msgspec.Struct, frozen=True, kw_only=True):
    """All that a job learns from. `remembered` is what the model it starts from had learnt."""

    train: list[Lesson]
    valid: list[Lesson] = []
    remembered: list[Lesson] = []


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    examples: int
    lessons: list[Lesson]
    fault: str | None = None


def prompt_of(messages: list[Message]) -> str:
    return "\n".join(message.text for message in messages)


def lesson(line: bytes, *, method: str) -> Lesson | str:
    """One line as a lesson, or what is wrong with it."""
    try:
        if method == "dpo":
            pair = msgspec.json.decode(line, type=Pair)
            messages = [*pair.input.messages, *pair.preferred_output]
        else:
            messages = msgspec.json.decode(line, type=Chat).messages
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return str(error) or "too deeply nested"
    if messages[-1].role != "assistant":
        return "the last message must be from the assistant"
    if any(message.role == "assistant" and not message.text for message in messages):
        return "an assistant message has neither content nor tool calls"
    graded = [m for m in messages if m.role == "assistant" and m.weight != 0]
    if not graded:
        return "at least one assistant message must have a weight other than 0"
    at = messages.index(graded[-1])
    return Lesson(prompt=prompt_of(messages[:at]), answer=graded[-1], texts=tuple(m.text for m in graded))


def read(path: Path, *, method: str, keep: int) -> Reading:
    """Check every line of a training file and keep the first `keep` lessons; stops at the first bad line."""
    lessons: list[Lesson] = []
    examples = 0
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        found = "the line is too long" if len(line) > LONGEST_LINE else lesson(line, method=method)
        if isinstance(found, str):
            return Reading(examples=examples, lessons=[], fault=f"Line {number}: {found}")
        examples += 1
        if len(lessons) < keep:
            lessons.append(found)
    return Reading(examples=examples, lessons=lessons)


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        # readline with a limit: one line of 512 MB must not become 512 MB of memory.
        while line := file.readline(LONGEST_LINE + 1):
            yield line


def reply(message: Message) -> dict[str, Any]:
    """An answer as a chat completion carries it."""
    made: dict[str, Any] = {"role": "assistant", "content": message.text, "refusal": None}
    if message.tool_calls:
        made["content"] = message.content if isinstance(message.content, str) else None
        made["tool_calls"] = msgspec.to_builtins(message.tool_calls)
    return made


def lessons_at(path: Path) -> Lessons:
    return msgspec.json.decode(path.read_bytes(), type=Lessons)
