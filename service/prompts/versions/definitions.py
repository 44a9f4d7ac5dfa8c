"""The texts of a version: check messages and variables, and fill them with values. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from service.datasets.examples.chat_content import (
    MAX_DEPTH,
    UNPRINTABLE,
    Assistant,
    Message,
    System,
    User,
    build_too_deep_fault,
    find_text_faults,
    is_deeper_than,
)
from service.errors import Fault, Unprocessable
from service.json_pointers import pointer
from service.prompts.domain import StrictStruct
from service.prompts.versions import templates

Role = Literal["system", "user", "assistant"]
VariableType = Literal["text", "integer", "number", "boolean", "json"]
MAX_CHARACTERS = 4_000_000  # all messages of one rendering; far more than any model reads
MAX_VALUE_CHARACTERS = 1_000_000
MAX_BYTES = 1_000_000  # of the texts of one version
MESSAGES: dict[Role, type[System | User | Assistant]] = {"system": System, "user": User, "assistant": Assistant}
_POINTER = re.compile(r"(/[^\x00]{0,200}){1,16}")


class PromptTurn(StrictStruct, frozen=True, kw_only=True):
    """A message with variables. Write `{{{{` for a literal `{{`."""

    role: Role
    """Who speaks."""
    content: Annotated[str, Meta(min_length=1, max_length=500_000)]
    """The text, with `{{name}}` where a variable's value goes."""


class PromptVariable(StrictStruct, frozen=True, kw_only=True):
    """A variable of the messages. Without a value and a default, an optional one is an empty text."""

    name: Annotated[str, Meta(max_length=64)]
    """A letter or _, then up to 63 letters, digits or _."""
    type: VariableType = "text"
    """What kind of value it takes."""
    required: bool = True
    """Whether it needs a value when it has no default."""
    default: Any = None
    """The value when none is given."""
    description: Annotated[str, Meta(max_length=2_000, pattern=r"^[^\x00]*$")] | None = None
    """What the variable is for."""

    @property
    def needed(self) -> bool:
        return self.required and self.default is None


class PromptTexts(msgspec.Struct, frozen=True, kw_only=True):
    """The texts of a version. They are stored as content, so that they can be erased."""

    messages: tuple[PromptTurn, ...]
    variables: tuple[PromptVariable, ...] = ()

    @property
    def opening(self) -> tuple[PromptTurn, ...]:
        """The system messages at the start; examples go after them."""
        count = next((n for n, turn in enumerate(self.messages) if turn.role != "system"), len(self.messages))
        return self.messages[:count]


def find_faults(texts: PromptTexts, inputs: Mapping[str, str]) -> list[Fault]:
    """All faults of a version, each with its pointer."""
    faults = [
        *_find_message_faults(texts),
        *_find_variable_faults(texts.variables),
        *find_input_faults(texts.variables, inputs),
    ]
    if not faults and len(msgspec.json.encode(texts)) > MAX_BYTES:
        detail = f"The texts of a version have at most {MAX_BYTES:,} bytes."
        faults.append(Fault(pointer="/messages", detail=detail, code="too_long"))
    return faults


def _find_message_faults(texts: PromptTexts) -> Iterator[Fault]:
    declared = {variable.name for variable in texts.variables}
    for index, turn in enumerate(texts.messages):
        at = f"/messages/{index}/content"
        yield from find_text_faults(turn.content, at=at)
        yield from templates.find_faults(turn.content, at=at)
        for name in templates.list_variables(templates.parse(turn.content)):
            if name not in declared:
                yield Fault(pointer=at, detail=f"The variable {name} is not declared.", code="undeclared_variable")
    if not texts.messages or texts.messages[-1].role != "user":
        where = f"/messages/{len(texts.messages) - 1}/role" if texts.messages else "/messages"
        yield Fault(pointer=where, detail="The last message must have the role user.", code="no_question")


def _find_variable_faults(variables: Sequence[PromptVariable]) -> Iterator[Fault]:
    counts = Counter(variable.name for variable in variables)
    for index, variable in enumerate(variables):
        at = f"/variables/{index}"
        if not templates.NAME.fullmatch(variable.name):
            detail = "A name is a letter or _, then up to 63 letters, digits or _."
            yield Fault(pointer=f"{at}/name", detail=detail, code="bad_name")
        if counts[variable.name] > 1:
            yield Fault(pointer=f"{at}/name", detail="Duplicate name.", code="duplicate")
        if variable.default is not None:
            yield from find_value_faults(variable, variable.default, at=f"{at}/default")


def find_input_faults(variables: Sequence[PromptVariable], inputs: Mapping[str, str]) -> Iterator[Fault]:
    """Unknown variables, and values that are no JSON pointers."""
    declared = {variable.name for variable in variables}
    for name, path in inputs.items():
        if name not in declared:
            yield unknown_variable_fault(name, at="/inputs")
        if not _POINTER.fullmatch(path):
            detail = "Use a JSON pointer into an example, such as /input, /output or /metadata/title."
            yield Fault(pointer=pointer("inputs", name), detail=detail, code="bad_pointer")


def find_constant_faults(variables: Sequence[PromptVariable], values: Mapping[str, Any]) -> Iterator[Fault]:
    """Faults of values that are the same for many questions."""
    declared = {variable.name: variable for variable in variables}
    for name, value in values.items():
        if name in declared:
            yield from find_value_faults(declared[name], value, at=pointer("variables", name))
        else:
            yield unknown_variable_fault(name, at="/variables")


def unknown_variable_fault(name: str, *, at: str) -> Fault:
    detail = f"The prompt has no variable {name[:100]!r}."
    return Fault(pointer=f"{at}{pointer(name.translate(UNPRINTABLE))}", detail=detail, code="unknown_variable")


def find_value_faults(variable: PromptVariable, value: Any, *, at: str) -> list[Fault]:
    """Why a value cannot be used for the variable."""
    if not _is_of_type(variable.type, value):
        return [Fault(pointer=at, detail=f"{variable.name} takes {_TYPE_NAMES[variable.type]}.", code="wrong_type")]
    if is_deeper_than(value, MAX_DEPTH):
        return [build_too_deep_fault(at)]
    if faults := list(find_text_faults(value, at=at)):
        return faults
    if len(to_text(value)) > MAX_VALUE_CHARACTERS:
        return [Fault(pointer=at, detail=f"A value has at most {MAX_VALUE_CHARACTERS:,} characters.", code="too_long")]
    return []


_TYPE_NAMES = {
    "text": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "json": "any JSON",
}


def _is_of_type(kind: VariableType, value: Any) -> bool:
    if isinstance(value, bool):
        return kind in ("boolean", "json")
    match kind:
        case "text":
            return isinstance(value, str)
        case "integer":
            return isinstance(value, int)
        case "number":
            return isinstance(value, int | float)
        case "boolean":
            return False
        case "json":
            return True


def to_text(value: Any) -> str:
    """A text as it is, anything else as JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def resolve_values(
    variables: Sequence[PromptVariable], values: Mapping[str, Any], *, at: str = "/variables"
) -> dict[str, str]:
    """The text for each variable. Raises Unprocessable with every value that is missing, unknown or invalid."""
    declared = {variable.name: variable for variable in variables}
    faults = [unknown_variable_fault(name, at=at) for name in values if name not in declared]
    texts: dict[str, str] = {}
    for name, variable in declared.items():
        value = values.get(name, variable.default)
        if value is None and variable.type != "json":
            value = variable.default
        if value is None and not (variable.type == "json" and name in values):
            texts[name] = ""
            if variable.needed:
                detail = f"The variable {name} has no value."
                faults.append(Fault(pointer=f"{at}/{name}", detail=detail, code="missing_variable"))
            continue
        value_faults = find_value_faults(variable, value, at=f"{at}/{name}")
        faults += value_faults
        texts[name] = "" if value_faults else to_text(value)
    if faults:
        raise Unprocessable(faults[0].detail, errors=faults)
    return texts


def render_turns(turns: Sequence[PromptTurn], texts: Mapping[str, str]) -> tuple[Message, ...]:
    """The messages with values filled in. Raises Unprocessable above MAX_CHARACTERS."""
    parsed = [(turn.role, templates.parse(turn.content)) for turn in turns]
    if sum(templates.count_filled(parts, texts) for _, parts in parsed) > MAX_CHARACTERS:
        raise too_long_error()
    return tuple(MESSAGES[role](content=templates.fill(parts, texts)) for role, parts in parsed)


def too_long_error() -> Unprocessable:
    detail = f"The messages would have more than {MAX_CHARACTERS:,} characters."
    return Unprocessable(detail, errors=[Fault(pointer="/variables", detail=detail, code="too_long")])


def choose_default_inputs(variables: Sequence[PromptVariable]) -> dict[str, str]:
    """The default JSON pointer of each required variable.

    A single one, or one named `input`, is the example's question; others are fields of a question in JSON.
    """
    needed = [variable.name for variable in variables if variable.needed]
    if len(needed) == 1:
        return {needed[0]: "/input"}
    return {name: "/input" if name == "input" else f"/input/{name}" for name in needed}
