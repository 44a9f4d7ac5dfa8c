"""What is scored: a model's answer with its example, task, figures, ratings and judgements."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec

from service.datasets.examples.chat_content import (
    Assistant,
    CalledFunction,
    Content,
    Message,
    get_output_text,
    get_prompt,
)
from service.errors import Fault
from service.evaluations.judges.verdict_parser import Preference, Verdict

Schema = dict[str, Any]


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """The example's own answer. `text` is None if it only calls tools."""

    text: str | None = None
    tool_calls: tuple[CalledFunction, ...] = ()


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One row to score. `output` is None if there is no answer; an empty answer is an answer.

    `schema`, `categories` and `fallback` are the task's. `repeats` are the texts of all answers to this question.
    `rating` is people's mean, in stars. `verdict` and `preference` come from a judge model; a Fault says why its
    answer could not be read. In a preference, `first` is this answer.
    """

    output: str | None
    tool_calls: tuple[CalledFunction, ...] = ()
    messages: tuple[Message, ...] = ()
    reference: Reference | None = None
    repeats: tuple[str, ...] = ()
    latency_ms: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None
    currency: str | None = None
    schema: Schema | None = None
    categories: tuple[str, ...] = ()
    fallback: str | None = None
    rating: float | None = None
    verdict: Verdict | Fault | None = None
    preference: Preference | Fault | None = None

    @property
    def expected(self) -> str | None:
        """The reference's text, if it has one."""
        return self.reference.text if self.reference is not None else None


def split_example(content: Content) -> tuple[tuple[Message, ...], Reference | None]:
    """Split an example into its question and its own answer, which may be None."""
    last = content.messages[-1] if content.messages else None
    answer = content.chosen or (last if isinstance(last, Assistant) else None)
    if answer is None:
        return get_prompt(content), None
    tool_calls = tuple(call.function for call in answer.tool_calls or ())
    text = get_output_text(content) if answer.content is not None else None
    return get_prompt(content), Reference(text=text, tool_calls=tool_calls)


def read_tool_calls(tool_calls: Iterable[Any]) -> tuple[CalledFunction, ...]:
    """Read a provider's tool calls, structs or JSON values. An unreadable one becomes a call with an empty name."""
    return tuple(_read_tool_call(call) for call in tool_calls)


def _read_tool_call(call: Any) -> CalledFunction:
    builtins = msgspec.to_builtins(call, enc_hook=repr)
    function = builtins.get("function", builtins) if isinstance(builtins, dict) else {}
    if not isinstance(function, dict):
        function = {}
    name, arguments = function.get("name"), function.get("arguments")
    if not isinstance(arguments, str):
        arguments = "" if arguments is None else msgspec.json.encode(arguments).decode()
    return CalledFunction(name=name if isinstance(name, str) else "", arguments=arguments)
