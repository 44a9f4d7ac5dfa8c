"""The content of an example in its canonical form: OpenAI's chat format as structs, rules and bytes. Pure."""

import json
import re
from collections.abc import Iterator
from typing import Any, Literal, TypeVar, assert_never

import msgspec

from service.datasets.examples.chat_parts import Closed, TextPart, UserPart
from service.errors import Fault, Invalid

# Far below Python's recursion limit, so that accepted content can be read at any depth of the call stack.
MAX_DEPTH = 64
SURROGATE = re.compile("[\ud800-\udfff]")
UNPRINTABLE = dict.fromkeys([0, *range(0xD800, 0xE000)], "\ufffd")

T = TypeVar("T")


class CalledFunction(Closed, frozen=True, kw_only=True):
    """`arguments` is JSON in a string, as models write it."""

    name: str
    """The name of the function."""
    arguments: str
    """The arguments, as JSON in a string."""


class ToolCall(Closed, frozen=True, kw_only=True):
    id: str
    """The id of the call; the tool's result refers to it."""
    type: Literal["function"]
    """Always `function`."""
    function: CalledFunction
    """The called function and its arguments."""


class System(Closed, frozen=True, kw_only=True, tag_field="role", tag="system"):
    content: str | tuple[TextPart, ...]
    """The instructions, as text or text parts."""
    name: str | None = None
    """A name for the author of the message."""


class Developer(System, frozen=True, kw_only=True, tag_field="role", tag="developer"):
    """A system message under the name that newer models of OpenAI read; other targets get it as `system`."""


class User(Closed, frozen=True, kw_only=True, tag_field="role", tag="user"):
    content: str | tuple[UserPart, ...]
    """The message, as text or as parts: text, images, audio, video, files."""
    name: str | None = None
    """A name for the author of the message."""


class Assistant(Closed, frozen=True, kw_only=True, tag_field="role", tag="assistant"):
    """`weight` 0 keeps the message out of the training loss."""

    content: str | tuple[TextPart, ...] | None = None
    """The answer, as text or text parts. Null if the message only calls tools."""
    reasoning: str | None = None
    """The model's reasoning before the answer."""
    tool_calls: tuple[ToolCall, ...] | None = None
    """The tools that the message calls."""
    name: str | None = None
    """A name for the author of the message."""
    weight: Literal[0, 1] | None = None
    """0 keeps the message out of the training loss."""

    def __post_init__(self) -> None:
        if self.tool_calls is not None and not self.tool_calls:  # providers refuse an empty list
            msgspec.structs.force_setattr(self, "tool_calls", None)


class ToolResult(Closed, frozen=True, kw_only=True, tag_field="role", tag="tool"):
    content: str | tuple[TextPart, ...]
    """What the tool returned, as text or text parts."""
    tool_call_id: str
    """The id of the tool call that this answers."""
    name: str | None = None
    """A name for the author of the message."""


Message = System | Developer | User | Assistant | ToolResult


class Function(Closed, frozen=True, kw_only=True):
    """`parameters` is a JSON Schema; its keys keep their order, since the model reads them in it."""

    name: str
    """The name by which the model calls the function."""
    description: str | None = None
    """What the function does, for the model."""
    parameters: dict[str, Any] | None = None
    """JSON Schema of the arguments."""
    strict: bool | None = None
    """Whether the arguments must match the schema exactly."""


class Tool(Closed, frozen=True, kw_only=True):
    type: Literal["function"]
    """Always `function`."""
    function: Function
    """The function that the model may call."""


class Content(Closed, frozen=True, kw_only=True):
    """A conversation that ends with the answer to learn; a preference has `chosen` and `rejected` instead."""

    messages: tuple[Message, ...]
    """The conversation. It ends with the assistant's answer, unless there are `chosen` and `rejected`."""
    tools: tuple[Tool, ...] | None = None
    """The tools that the model may call."""
    parallel_tool_calls: bool | None = None
    """Whether the model may call several tools in one message."""
    chosen: Assistant | None = None
    """The better answer of a preference."""
    rejected: Assistant | None = None
    """The worse answer of a preference."""

    def __post_init__(self) -> None:
        if self.tools is not None and not self.tools:
            msgspec.structs.force_setattr(self, "tools", None)


OnUnanswered = Literal["refuse", "keep"]
"""What happens to a conversation that ends without an answer."""
ENCODER = msgspec.json.Encoder()
DECODER = msgspec.json.Decoder(Content)


def encode_canonical(content: Content) -> bytes:
    """Encode as UTF-8 JSON without spaces: fields in the structs' order, defaults left out. One line of chat JSONL."""
    return ENCODER.encode(content)


def decode(data: bytes) -> Content:
    """Decode canonical bytes, or any JSON of that format. Raises Invalid with the fault."""
    content = decode_or_fault(DECODER, data)
    if isinstance(content, Fault):
        raise Invalid("The content of the example cannot be read.", errors=[content])
    return content


def find_faults(content: Content, *, at: str = "", unanswered: OnUnanswered = "refuse") -> list[Fault]:
    """Find everything that is wrong with `content`. `at` is the JSON pointer of the content in the body."""
    return encode_and_check(content, at=at, unanswered=unanswered)[1]


def encode_and_check(
    content: Content, *, at: str = "", unanswered: OnUnanswered = "refuse"
) -> tuple[bytes, list[Fault]]:
    """The canonical bytes and the faults. For imports: encoding is also the fastest search for bad characters."""
    faults = [*_find_answer_faults(content, at, unanswered), *_find_message_faults(content, at)]
    for index, tool in enumerate(content.tools or ()):
        if is_deeper_than(tool.function.parameters, MAX_DEPTH):
            return b"", [*faults, build_too_deep_fault(f"{at}/tools/{index}/function/parameters")]
    try:
        data = encode_canonical(content)
    except UnicodeEncodeError:
        return b"", [*faults, *find_text_faults(msgspec.to_builtins(content), at=at)]
    if b"\\u0000" in data:
        faults.extend(find_text_faults(msgspec.json.decode(data), at=at))
    return data, faults


def get_output_text(content: Content) -> str:
    """The text of the answer: the chosen one, or the last assistant message. Empty when it only calls tools."""
    answer = _get_answer(content)
    if answer is None or answer.content is None:
        return ""
    return answer.content if isinstance(answer.content, str) else "".join(part.text for part in answer.content)


def replace_output(content: Content, text: str) -> Content:
    """The same conversation with `text` as its answer, also in place of tool calls. Weight and reasoning stay."""
    answer = _get_answer(content)
    if answer is None:
        return msgspec.structs.replace(content, messages=(*content.messages, Assistant(content=text)))
    better = msgspec.structs.replace(answer, content=text, tool_calls=None)
    if content.chosen is not None:
        return msgspec.structs.replace(content, chosen=better)
    return msgspec.structs.replace(content, messages=(*content.messages[:-1], better))


def is_unanswered(content: Content) -> bool:
    """Whether it ends without an answer, and is no preference."""
    is_preference = content.chosen is not None or content.rejected is not None
    return not is_preference and bool(content.messages) and not isinstance(content.messages[-1], Assistant)


def get_prompt(content: Content) -> tuple[Message, ...]:
    """The messages before the answer."""
    last_is_answer = content.chosen is None and _get_answer(content) is not None
    return content.messages[:-1] if last_is_answer else content.messages


def _get_answer(content: Content) -> Assistant | None:
    if content.chosen is not None:
        return content.chosen
    last = content.messages[-1] if content.messages else None
    return last if isinstance(last, Assistant) else None


def _find_answer_faults(content: Content, at: str, unanswered: OnUnanswered) -> Iterator[Fault]:
    if not content.messages:
        yield Fault(pointer=f"{at}/messages", detail="At least one message is needed.", code="empty")
    is_preference = content.chosen is not None or content.rejected is not None
    if not is_preference:
        if is_unanswered(content) and unanswered == "refuse":
            where = f"{at}/messages/{len(content.messages) - 1}/role"
            detail = "The last message has to be the assistant's; with on_unanswered=keep it waits for an answer."
            yield Fault(pointer=where, detail=detail, code="no_answer")
        return
    for name, answer in (("chosen", content.chosen), ("rejected", content.rejected)):
        if answer is None:
            yield Fault(pointer=f"{at}/{name}", detail=f"A preference needs {name} too.", code="required")
        elif not has_answer(answer):
            yield _build_empty_answer_fault(f"{at}/{name}")
    if content.messages and isinstance(content.messages[-1], Assistant):
        where = f"{at}/messages/{len(content.messages) - 1}/role"
        yield Fault(pointer=where, detail="With chosen and rejected, leave out the last answer.", code="two_answers")


def _find_message_faults(content: Content, at: str) -> Iterator[Fault]:
    called: set[str] = set()
    for index, message in enumerate(content.messages):
        match message:
            case Assistant():
                if message.tool_calls:
                    called.update(call.id for call in message.tool_calls)
                elif not has_answer(message):
                    yield _build_empty_answer_fault(f"{at}/messages/{index}")
            case ToolResult():
                if message.tool_call_id not in called:
                    detail = f"No earlier tool call has the id {message.tool_call_id[:64]!r}."
                    yield Fault(pointer=f"{at}/messages/{index}/tool_call_id", detail=detail, code="unknown_call")
            case User() | System():
                if message.content == ():
                    where = f"{at}/messages/{index}/content"
                    yield Fault(pointer=where, detail="At least one part is needed.", code="empty")
            case _:
                assert_never(message)


def has_answer(message: Assistant) -> bool:
    """Whether it calls a tool or has more than whitespace: no provider trains on a blank answer."""
    if message.tool_calls:
        return True
    content = message.content
    text = content if isinstance(content, str) else "".join(part.text for part in content or ())
    return bool(text) and not text.isspace()


def _build_empty_answer_fault(where: str) -> Fault:
    return Fault(
        pointer=f"{where}/content",
        detail="An assistant message needs content that is not blank, or tool_calls.",
        code="empty",
    )


def is_deeper_than(value: object, depth: int) -> bool:
    """Whether a decoded JSON value nests objects and arrays more than `depth` deep. Does not recurse."""
    level = [value]
    for _ in range(depth):
        level = [child for item in level if isinstance(item, dict | list) for child in _children(item)]
        if not level:
            return False
    return any(isinstance(item, dict | list) for item in level)


def _children(item: dict[str, Any] | list[Any]) -> list[Any]:
    return list(item.values()) if isinstance(item, dict) else item


def build_too_deep_fault(where: str) -> Fault:
    return Fault(pointer=where, detail=f"This is nested more than {MAX_DEPTH} levels deep.", code="too_deep")


def find_text_faults(value: object, *, at: str = "") -> Iterator[Fault]:
    """Find characters that Postgres or UTF-8 cannot store, in any string or key of a JSON value. Does not recurse."""
    waiting = [(at, value)]
    while waiting:
        where, item = waiting.pop()
        if isinstance(item, str):
            if "\0" in item:
                yield Fault(pointer=where, detail="NUL characters cannot be stored; remove them.", code="nul_character")
            if SURROGATE.search(item):
                yield Fault(pointer=where, detail="Half of a surrogate pair is not a character.", code="lone_surrogate")
        elif isinstance(item, dict):
            for key, child in item.items():
                inside = f"{where}/{_escape(key.translate(UNPRINTABLE))}"
                waiting += [(inside, child), (inside, key)]
        elif isinstance(item, list | tuple):
            waiting += [(f"{where}/{index}", child) for index, child in enumerate(item)]


def decode_or_fault(decoder: msgspec.json.Decoder[T], data: bytes, *, at: str = "") -> T | Fault:
    """The decoded value, or the one fault that keeps it from being decoded."""
    try:
        return decoder.decode(data)
    except RecursionError:
        return build_too_deep_fault(at)
    except UnicodeDecodeError:
        return Fault(pointer=at, detail="A string is not UTF-8.", code="not_utf8")
    except msgspec.ValidationError as error:
        return _parse_validation_error(str(error), at)
    except msgspec.DecodeError as error:
        return next(_find_surrogates(data, at), None) or Fault(
            pointer=at, detail=f"This is not JSON: {error}.", code="malformed"
        )


def _find_surrogates(data: bytes, at: str) -> Iterator[Fault]:
    """Find lone surrogates: msgspec only calls them malformed JSON; the standard library reads them."""
    try:
        yield from find_text_faults(json.loads(data), at=at)
    except (ValueError, RecursionError):
        return


def _parse_validation_error(message: str, at: str) -> Fault:
    detail, _, path = message.rpartition(" - at `$") if " - at `$" in message else (message, "", "")
    # `[...]` stands for an unknown key of a free-form object: the pointer ends before it.
    steps = re.findall(r"\.([^.\[`]+)|\[(\d+)\]", path.partition("[...]")[0])
    where = at + "".join(f"/{name or index}" for name, index in steps)
    if match := re.fullmatch(r"Object (missing required|contains unknown) field `(.*)`", detail, re.DOTALL):
        name = match[2][:128].translate(UNPRINTABLE)
        what, code = ("is required", "required") if match[1].startswith("missing") else ("is unknown", "unknown_field")
        return Fault(pointer=f"{where}/{_escape(name)}", detail=f"The field {name!r} {what}.", code=code)
    code = "wrong_type" if ", got `" in detail else "invalid_value"
    return Fault(pointer=where, detail=detail[:200].translate(UNPRINTABLE), code=code)


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def get_question(content: Content) -> str | None:
    """The text of the last user message; None if there is none."""
    messages = [message for message in get_prompt(content) if isinstance(message, User)]
    return get_text(messages[-1]) if messages else None


def get_text(message: User | System) -> str:
    """The text of a message, without its images."""
    if isinstance(message.content, str):
        return message.content
    return "".join(getattr(part, "text", "") for part in message.content)
