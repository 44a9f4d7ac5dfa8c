"""Parse training files into lessons."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

MAX_LINE_BYTES = 16 * 1024 * 1024


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
    tool_call_id: str | None = None
    weight: Literal[0, 1] | None = None

    @property
    def text(self) -> str:
        """The message's content and tool calls as one text."""
        content = self.content or ""
        text_of_content = content if isinstance(content, str) else " ".join(part.text for part in content)
        tool_texts = [f"{call.function.name} {call.function.arguments}" for call in self.tool_calls or ()]
        return " ".join([text_of_content, *tool_texts]).strip()


class Chat(msgspec.Struct, frozen=True, kw_only=True):
    messages: Annotated[list[Message], Meta(min_length=1)]


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    input: Chat
    preferred_output: Annotated[list[Message], Meta(min_length=1)]
    non_preferred_output: Annotated[list[Message], Meta(min_length=1)]


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """One training example: its prompt, its answer, and all texts to learn."""

    prompt: str
    answer: Message
    texts: tuple[str, ...]


class Lessons(msgspec.Struct, frozen=True, kw_only=True):
    """The examples of a job. `remembered` are those that its starting model has learnt."""

    train: list[Lesson]
    valid: list[Lesson] = []
    remembered: list[Lesson] = []


class TrainingFile(msgspec.Struct, frozen=True, kw_only=True):
    examples: int
    lessons: list[Lesson]
    fault: str | None = None


def join_texts(messages: list[Message]) -> str:
    return "\n".join(message.text for message in messages)


def parse_lesson(line: bytes, *, method: str) -> Lesson | str:
    """Parse one line to a lesson, or to a message that says what is wrong."""
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
    return Lesson(prompt=join_texts(messages[:at]), answer=graded[-1], texts=tuple(m.text for m in graded))


def read_training_file(path: Path, *, method: str, keep: int) -> TrainingFile:
    """Check every line of a training file and keep the first `keep` lessons; stops at the first bad line."""
    lessons: list[Lesson] = []
    examples = 0
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        parsed = "the line is too long" if len(line) > MAX_LINE_BYTES else parse_lesson(line, method=method)
        if isinstance(parsed, str):
            return TrainingFile(examples=examples, lessons=[], fault=f"Line {number}: {parsed}")
        examples += 1
        if len(lessons) < keep:
            lessons.append(parsed)
    return TrainingFile(examples=examples, lessons=lessons)


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        # readline with a limit, so that a line of 512 MB does not take 512 MB of memory.
        while line := file.readline(MAX_LINE_BYTES + 1):
            yield line


def build_reply(message: Message) -> dict[str, Any]:
    """Build the message object of a chat completion."""
    fields: dict[str, Any] = {"role": "assistant", "content": message.text, "refusal": None}
    if message.tool_calls:
        fields["content"] = message.content if isinstance(message.content, str) else None
        fields["tool_calls"] = msgspec.to_builtins(message.tool_calls)
    return fields


def load_lessons(path: Path) -> Lessons:
    return msgspec.json.decode(path.read_bytes(), type=Lessons)
