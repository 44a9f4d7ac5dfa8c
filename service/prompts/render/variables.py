"""From an example to the values of a prompt's variables, and from those to what a model is asked. Pure."""

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
    """An example as prompts see it: what its variables are filled from, and the answer that goes with it."""

    drawn: DrawnExample
    facts: dict[str, Any]
    answer: Assistant


def build_facts(
    content: Content, *, id_: UUID, external_id: str | None, tags: Sequence[str], metadata: bytes | None
) -> dict[str, Any]:
    """What a pointer of `inputs` leads into."""
    systems = [message for message in get_prompt(content) if isinstance(message, System)]
    facts: dict[str, Any] = {"id": str(id_), "tags": list(tags), "output": get_output_text(content)}
    if (asked := get_question(content)) is not None:
        facts["input"] = asked
    if systems:
        facts["system"] = "\n\n".join(get_text(message) for message in systems)
    if external_id is not None:
        facts["external_id"] = external_id
    if metadata is not None:
        facts["metadata"] = msgspec.json.decode(metadata)
    return facts


def extract_answer(content: Content) -> Assistant:
    """The answer to learn: the chosen one, or the last message."""
    last = content.chosen or content.messages[-1]
    assert isinstance(last, Assistant)  # noqa: S101 - no example is without
    return msgspec.structs.replace(last, weight=None, reasoning=None)


def look_up(facts: Mapping[str, Any], pointer: str) -> Any:
    """The value at a JSON pointer, which goes on into a text that is JSON. ABSENT where there is none."""
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
    """From where in an example variables are filled: as `inputs` says, else by custom all that are no constants."""
    return inputs or choose_default_inputs([variable for variable in variables if variable.name not in constants])


def fill_variables(
    variables: Sequence[PromptVariable], facts: Mapping[str, Any], at: Mapping[str, str], constants: Mapping[str, Any]
) -> dict[str, Any]:
    """A value for each variable that has one: what the example says at its place, or else the constant."""
    kinds = {variable.name: variable.type for variable in variables}
    filled = {name: value for name, value in constants.items() if name not in at}
    for name, place in at.items():
        value = look_up(facts, place)
        if value is not ABSENT and value is not None:
            filled[name] = to_text(value) if kinds.get(name) == "text" else value
    return filled


def build_messages(
    texts: PromptTexts, own: Mapping[str, Any], shown: Sequence[ShownExample] = (), at: Mapping[str, str] | None = None
) -> tuple[Message, ...]:
    """The messages: what opens them, the examples as questions in the prompt's own words with their answers, the rest.

    `own` are the values of the question; of those that are filled from examples `at` their places, each has its own.
    Raises Unprocessable with each value that is missing, unknown or not acceptable, and for what is too long.
    """
    values_here = resolve_values(texts.variables, own)
    opening = texts.opening
    messages = [*render_turns(opening, values_here)]
    for number, example in enumerate(shown):
        theirs = fill_variables(texts.variables, example.facts, at or {}, own)
        messages += render_turns(texts.messages[-1:], resolve_values(texts.variables, theirs, at=f"/examples/{number}"))
        messages.append(example.answer)
    messages += render_turns(texts.messages[len(opening) :], values_here)
    if sum(_count_characters(message) for message in messages) > MAX_CHARACTERS:
        raise too_long_error()
    return tuple(messages)


def _count_characters(message: Message) -> int:
    return len(message.content) if isinstance(message.content, str) else 0
