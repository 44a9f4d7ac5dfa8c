# Generated from openapi/openapi.json by `make clients`.
"""Structs of prompts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import (
    Assistant,
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
    """What a version was built from, where a task was asked for it."""

    task_id: str
    """The task."""
    task_version: int
    """The task's version, from 1."""
    style: OneOf["basic", "chain_of_thought", "few_shot", "multi_shot", "repairs", "training"]
    """The style in which the prompt was built."""
    examples: list[DrawnExample] = []
    """The examples copied into the messages."""


class ExampleDraw(Shape, frozen=True, kw_only=True):
    """Which `k` examples of a dataset are shown before the question, each as a question and its answer.

    In an order that follows from the seed, the repaired ones first where that is wanted. `version` (of the
    dataset) or `as_of` says of which moment; without either it is that of the rendering. Of all `tags`, each has
    to be there. A repaired example that nobody has rated since counts as good enough.
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
    """What came of an example. `text` is null once erased, or where nothing was said; `failure` says why it is no
    use.

    `cost` is null where no price is known; `reused`: the answer of an earlier run was taken for free. `latency_ms`
    in milliseconds. `call_id` is null where no model was asked.
    """

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
    """A line of numbered versions. `labels` says at which versions each stands, and with what weight."""

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


class PromptAnswer(Shape, frozen=True, kw_only=True):
    """What the model answered. `failure` says why it is of no use, where it is of none; `cost` is null without a
    price.

    `latency_ms` is what the provider took, in milliseconds.
    """

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
    """What differs: `fields` names what does, `text` shows it line by line, as `diff -u` would."""

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
    """A version as it can be sent to `POST /prompts/{prompt_id}/versions`. `built` names each example it shows."""

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
    """Why there is no answer to be used; `faults` says where one does not match its schema."""

    code: str
    """Why there is no usable answer."""
    detail: str
    """The reason in words."""
    faults: list[Fault] = []
    """Where the answer does not match its schema; at most 20."""


class PromptLabelMove(Shape, frozen=True, kw_only=True):
    """A move of a label; `seq` is its event in the workspace's log."""

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
    """One page of a label's moves, the newest first."""

    data: list[PromptLabelMove]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class PromptPage(Shape, frozen=True, kw_only=True):
    """One page of prompts, the oldest first."""

    data: list[Prompt]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class PromptParameters(Shape, frozen=True, kw_only=True):
    """How a model is to answer. An answer is to be JSON of the schema, where there is one."""

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
    """What a model would be asked. `examples` are those shown, in order, drawn at the seq `drawn_at`."""

    prompt_id: str
    """The prompt."""
    version: int
    """The version that was rendered."""
    label: str | None
    """The label you asked for."""
    messages: list[System | User | Assistant | ToolResult]
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
    """A batch run; its id is its operation's. `weights` and `served` by version number; `seq` is the moment asked of.

    Of `total` examples, `done` are done.
    """

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
    """One page of batch runs, the newest first."""

    data: list[PromptRun]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class PromptTurn(Shape, frozen=True, kw_only=True):
    """A message. `{{name}}` is where the value of a variable goes; `{{{{` stands for `{{`."""

    role: OneOf["assistant", "system", "user"]
    """Who speaks."""
    content: str
    """The text, with `{{name}}` where a variable's value goes."""


class PromptVariable(Shape, frozen=True, kw_only=True):
    """What may be put in. With a default it need not be given; otherwise, not required, it is an empty text."""

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
    """A version, which never changes. `messages` and `variables` are null once erased.

    `task_version` is that of the task whose schema it took over.
    """

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
    """One page of versions, the newest first."""

    data: list[PromptVersion]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""
