# Generated from openapi/openapi.json by `make clients`.
"""Structs of prompts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import (
    Assistant,
    Developer,
    DrawnExample,
    Fault,
    Filter,
    ModelChoice,
    Served,
    System,
    ToolResult,
    User,
)


class BuiltFrom(Shape, frozen=True, kw_only=True):
    """The task and examples that a version was built from."""

    task_id: str
    """The task."""
    task_version: int
    """The task's version, from 1."""
    style: OneOf["basic", "chain_of_thought", "few_shot", "multi_shot", "repairs", "training"]
    """The style in which the prompt was built."""
    examples: list[DrawnExample] = []
    """The examples copied into the messages."""


class ExampleDraw(Shape, frozen=True, kw_only=True):
    """Which examples of a dataset to show before the question, each as a question and its answer.

    The seed decides the order. Without `version` and `as_of` the dataset is read as it is when rendering. A
    repaired example without a newer rating counts as good enough.
    """

    dataset_id: str
    """The dataset to draw from."""
    k: int
    """How many examples to show, 1 to 50."""
    as_of: str | None = None
    """A past state of the dataset to draw from: a time, an event's seq, or the name of a version."""
    rating_gte: float | None = 4
    """The lowest rating in stars; null draws unrated examples too."""
    repaired_first: bool = True
    """Whether repaired examples come first."""
    seed: int = 0
    """The same seed draws the same examples."""
    split: OneOf["test", "train", "validation"] | None = "train"
    """Only examples of this split; null draws from all."""
    tags: list[str] = []
    """Only examples that have all these tags."""
    version: str | None = None
    """A frozen dataset version to draw from."""


class Prediction(Shape, frozen=True, kw_only=True):
    """A model's answer for one example, or the reason why there is none."""

    example_id: str
    """The example that was asked about."""
    example_version: int
    """The example's revision."""
    prompt_version: int
    """The prompt version that asked."""
    state: OneOf["failed", "succeeded"]
    """`succeeded`, or `failed` when there is no usable answer."""
    text: str | None
    """The answer; null once erased, or when there is none."""
    tool_calls: list[dict[str, Any]]
    """The answer's tool calls, in OpenAI's shape."""
    finish_reason: str | None
    """Why the model stopped, in the provider's word."""
    failure: PromptFailure | None
    """Why there is no usable answer; null when there is one."""
    call_id: str | None
    """The call of the operation that asked; null when no model was asked."""
    provider_model: str | None
    """The model that answered, by the provider's name."""
    input_tokens: int | None
    """Tokens of the question, as the provider counted them."""
    output_tokens: int | None
    """Tokens of the answer, as the provider counted them."""
    cost: dict[str, str] | None
    """`amount` and `currency`; null when no price is known."""
    latency_ms: int | None
    """Milliseconds that the provider took."""
    reused: bool
    """Whether the answer of an earlier run was reused for free."""
    recorded_at: dt.datetime
    """When the prediction was recorded."""


class PredictionPage(Shape, frozen=True, kw_only=True):
    """One page of predictions, by example id."""

    data: list[Prediction]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class Prompt(Shape, frozen=True, kw_only=True):
    """A prompt: a name with numbered versions, and labels that point at them."""

    id: str
    """The prompt's id."""
    name: str
    """Unique in the workspace."""
    description: str | None
    """What the prompt is for."""
    task_id: str | None
    """The task the prompt solves."""
    latest_version: int | None
    """The number of the latest version; null before the first."""
    labels: dict[str, dict[str, float]]
    """The versions that each label points at, with their weights."""
    created_at: dt.datetime
    """When the prompt was created."""
    created_by: str
    """Who created it."""
    updated_at: dt.datetime
    """When it last changed."""
    updated_by: str
    """Who changed it last."""
    archived_at: dt.datetime | None
    """When it was archived; null unless it is."""


class PromptAnswer(Shape, frozen=True, kw_only=True):
    """The model's answer, with its tokens, cost and latency."""

    prompt_id: str
    """The prompt."""
    version: int
    """The version that was asked."""
    label: str | None
    """The label you asked for."""
    served: Served
    """The model that answered."""
    text: str
    """The answer."""
    tool_calls: list[dict[str, Any]]
    """The answer's tool calls, in OpenAI's shape."""
    finish_reason: str | None
    """Why the model stopped, in the provider's word."""
    failure: PromptFailure | None
    """Why the answer cannot be used; null when it can."""
    input_tokens: int | None
    """Tokens of the question, as the provider counted them."""
    output_tokens: int | None
    """Tokens of the answer, as the provider counted them."""
    cost: dict[str, str] | None
    """`amount` and `currency`; null when no price is known."""
    latency_ms: int
    """Milliseconds that the provider took."""
    provider_model: str
    """The model that answered, by the provider's name."""
    examples: list[DrawnExample]
    """The examples shown, in order."""


class PromptDiff(Shape, frozen=True, kw_only=True):
    """The differences between two versions of a prompt."""

    prompt_id: str
    """The prompt."""
    before: int
    """The number of the first version."""
    after: int
    """The number of the second version."""
    fields: list[str]
    """The names of the fields that differ."""
    text: str
    """The differences line by line, as `diff -u` prints them."""


class PromptDraft(Shape, frozen=True, kw_only=True):
    """A version, ready to send to `POST /prompts/{prompt_id}/versions`."""

    messages: list[PromptTurn]
    """The messages, with variables."""
    variables: list[PromptVariable]
    """The variables that the messages use."""
    parameters: PromptParameters
    """How the model should answer."""
    inputs: dict[str, str]
    """Where in an example each variable's value is, as a JSON pointer."""
    built: BuiltFrom
    """What the draft was built from."""


class PromptFailure(Shape, frozen=True, kw_only=True):
    """Why there is no usable answer."""

    code: str
    """Why there is no usable answer."""
    detail: str
    """The reason in words."""
    faults: list[Fault] = []
    """Where the answer does not match its schema; at most 20."""


class PromptLabelMove(Shape, frozen=True, kw_only=True):
    """A move of a label."""

    seq: int
    """The move's event in the workspace's log."""
    label: str
    """The label."""
    weights: dict[str, float]
    """The versions it points at since then, with their weights."""
    previous: dict[str, float] | None
    """The versions it pointed at before; null when it was new."""
    reason: str | None
    """Why it was moved."""
    moved_at: dt.datetime
    """When it was moved."""
    moved_by: str
    """Who moved it."""


class PromptLabelMovePage(Shape, frozen=True, kw_only=True):
    """One page of a label's moves, newest first."""

    data: list[PromptLabelMove]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class PromptPage(Shape, frozen=True, kw_only=True):
    """One page of prompts, oldest first."""

    data: list[Prompt]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class PromptParameters(Shape, frozen=True, kw_only=True):
    """How the model should answer. With a `response_schema` the answer is JSON."""

    max_tokens: int | None = None
    """The most tokens the answer may have."""
    response_schema: dict[str, Any] | None = None
    """A JSON Schema that the answer must match."""
    seed: int | None = None
    """A seed for the provider's sampling."""
    stop: list[str] = []
    """At most 16 texts that end the answer."""
    temperature: float | None = None
    """Sampling temperature, 0 to 2."""
    top_p: float | None = None
    """Nucleus sampling, 0 to 1."""


class PromptRendering(Shape, frozen=True, kw_only=True):
    """The messages that a model would be asked, and the examples in them."""

    prompt_id: str
    """The prompt."""
    version: int
    """The version that was rendered."""
    label: str | None
    """The label you asked for."""
    messages: list[System | Developer | User | Assistant | ToolResult]
    """The messages with their values filled in."""
    parameters: PromptParameters
    """How the model should answer."""
    target: ModelChoice | None
    """The model to ask; null when the version names none."""
    examples: list[DrawnExample]
    """The examples shown, in order."""
    drawn_at: int | None
    """The seq of the event up to which examples were drawn; null when none were drawn."""


class PromptRun(Shape, frozen=True, kw_only=True):
    """A batch run of a prompt on the examples of a dataset."""

    id: str
    """The batch run's id, which is also its operation's."""
    prompt_id: str
    """The prompt."""
    label: str | None
    """The label you asked for."""
    weights: dict[str, float]
    """The share of examples that each version answers, by version number."""
    served: dict[str, Served]
    """The model that each version asks, by version number."""
    dataset_id: str
    """The dataset."""
    dataset_version: str | None
    """The frozen dataset version; null when the run reads a past state of the dataset."""
    seq: int
    """The seq of the event up to which the dataset is read."""
    filter: Filter
    """Which examples match."""
    split: OneOf["test", "train", "validation"] | None
    """Only examples of this split; null for all."""
    limit: int | None
    """The most examples to ask about; null for all."""
    inputs: dict[str, str]
    """Where in an example each variable's value is, as a JSON pointer."""
    state: OneOf["cancelled", "failed", "queued", "running", "succeeded"]
    """How the run is doing."""
    done: int
    """How many examples are done."""
    total: int | None
    """How many examples there are."""
    created_at: dt.datetime
    """When the run was requested."""
    created_by: str
    """Who requested it."""
    finished_at: dt.datetime | None
    """When it ended; null until then."""


class PromptRunPage(Shape, frozen=True, kw_only=True):
    """One page of batch runs, newest first."""

    data: list[PromptRun]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class PromptTurn(Shape, frozen=True, kw_only=True):
    """A message with variables. Write `{{{{` for a literal `{{`."""

    role: OneOf["assistant", "system", "user"]
    """Who speaks."""
    content: str
    """The text, with `{{name}}` where a variable's value goes."""


class PromptVariable(Shape, frozen=True, kw_only=True):
    """A variable of the messages. Without a value and a default, an optional one is an empty text."""

    name: str
    """A letter or _, then up to 63 letters, digits or _."""
    default: Any = None
    """The value when none is given."""
    description: str | None = None
    """What the variable is for."""
    required: bool = True
    """Whether it needs a value when it has no default."""
    type: OneOf["boolean", "integer", "json", "number", "text"] = "text"
    """What kind of value it takes."""


class PromptVersion(Shape, frozen=True, kw_only=True):
    """A version of a prompt. It never changes."""

    prompt_id: str
    """The prompt."""
    number: int
    """The version's number, from 1."""
    messages: list[PromptTurn] | None
    """The messages, with variables; null once erased."""
    variables: list[PromptVariable] | None
    """The variables that the messages use; null once erased."""
    parameters: PromptParameters
    """How the model should answer."""
    target: ModelChoice | None
    """The model to ask by default; null without one."""
    examples: ExampleDraw | None
    """The examples to draw when the prompt is rendered; null for none."""
    inputs: dict[str, str]
    """Where in an example each variable's value is, as a JSON pointer."""
    built: BuiltFrom | None
    """The task and examples that the version was built from; null when it was written by hand."""
    task_version: int | None
    """The task version whose output schema it took; null without one."""
    notes: str | None
    """Notes about this version."""
    created_at: dt.datetime
    """When the version was added."""
    created_by: str
    """Who added it."""


class PromptVersionPage(Shape, frozen=True, kw_only=True):
    """One page of versions, newest first."""

    data: list[PromptVersion]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""
