"""Fill a prompt's variables from an example, and build the messages for a model. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from service.datasets.examples.chat_content import (
    Assistant,
    Content,
    Message,
    System,
    get_output_text,
    get_prompt,
    get_question,
    get_text,
)
from service.prompts.domain import DrawnExample
from service.prompts.versions.definitions import (
    MAX_CHARACTERS,
    PromptTexts,
    PromptVariable,
    choose_default_inputs,
    render_turns,
    resolve_values,
    to_text,
    too_long_error,
)

ABSENT = object()


class ShownExample(msgspec.Struct, frozen=True, kw_only=True):
    """An example as prompts show it: the facts that fill variables, and the answer."""

    drawn: DrawnExample
    facts: dict[str, Any]
    answer: Assistant | None


def build_facts(
    content: Content, *, id_: UUID, external_id: str | None, tags: Sequence[str], metadata: bytes | None
) -> dict[str, Any]:
    """The values that pointers of `inputs` refer to."""
    systems = [message for message in get_prompt(content) if isinstance(message, System)]
    facts: dict[str, Any] = {"id": str(id_), "tags": list(tags), "output": get_output_text(content)}
    if (question := get_question(content)) is not None:
        facts["input"] = question
    if systems:
        facts["system"] = "\n\n".join(get_text(message) for message in systems)
    if external_id is not None:
        facts["external_id"] = external_id
    if metadata is not None:
        facts["metadata"] = msgspec.json.decode(metadata)
    return facts


def extract_answer(content: Content) -> Assistant | None:
    """The answer to learn: the chosen one, or the last message; None where one is still waited for."""
    last = content.chosen or content.messages[-1]
    return msgspec.structs.replace(last, weight=None, reasoning=None) if isinstance(last, Assistant) else None


def look_up(facts: Mapping[str, Any], pointer: str) -> Any:
    """The value at a JSON pointer, which may continue into a text that is JSON. ABSENT if there is none."""
    value: Any = facts
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = _get_child(_parse_json(value), name)
        if value is ABSENT:
            return ABSENT
    return value


def _parse_json(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ABSENT


def _get_child(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name, ABSENT)
    if isinstance(value, list) and name.isdecimal() and name.isascii() and len(name) < 7:  # noqa: PLR2004
        return value[int(name)] if int(name) < len(value) else ABSENT
    return ABSENT


def choose_inputs(
    variables: Sequence[PromptVariable], inputs: Mapping[str, str], constants: Mapping[str, Any]
) -> Mapping[str, str]:
    """The JSON pointer for each variable: `inputs`, or the defaults for all that are no constants."""
    return inputs or choose_default_inputs([variable for variable in variables if variable.name not in constants])


def fill_variables(
    variables: Sequence[PromptVariable],
    facts: Mapping[str, Any],
    inputs: Mapping[str, str],
    constants: Mapping[str, Any],
) -> dict[str, Any]:
    """A value for each variable that has one: from the example, or else the constant."""
    kinds = {variable.name: variable.type for variable in variables}
    filled = {name: value for name, value in constants.items() if name not in inputs}
    for name, pointer in inputs.items():
        value = look_up(facts, pointer)
        if value is not ABSENT and value is not None:
            filled[name] = to_text(value) if kinds.get(name) == "text" else value
    return filled


def build_messages(
    texts: PromptTexts,
    values: Mapping[str, Any],
    shown: Sequence[ShownExample] = (),
    inputs: Mapping[str, str] | None = None,
) -> tuple[Message, ...]:
    """The opening messages, then each example as a question with its answer, then the question.

    `values` fill the question. `inputs` are the pointers that fill the same variables from each example.
    Raises Unprocessable with each value that is missing, unknown or invalid, and for messages that are too long.
    """
    question_texts = resolve_values(texts.variables, values)
    opening = texts.opening
    messages = [*render_turns(opening, question_texts)]
    for number, example in enumerate(shown):
        example_values = fill_variables(texts.variables, example.facts, inputs or {}, values)
        example_texts = resolve_values(texts.variables, example_values, at=f"/examples/{number}")
        messages += render_turns(texts.messages[-1:], example_texts)
        messages += [example.answer] if example.answer else []
    messages += render_turns(texts.messages[len(opening) :], question_texts)
    if sum(_count_characters(message) for message in messages) > MAX_CHARACTERS:
        raise too_long_error()
    return tuple(messages)


def _count_characters(message: Message) -> int:
    return len(message.content) if isinstance(message.content, str) else 0
