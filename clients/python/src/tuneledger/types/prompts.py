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
    task_version: int
    style: OneOf["basic", "chain_of_thought", "few_shot", "multi_shot", "repairs", "training"]
    examples: list[DrawnExample] = []


class ExampleDraw(Shape, frozen=True, kw_only=True):
    """Which `k` examples of a dataset are shown before the question, each as a question and its answer.

    In an order that follows from the seed, the repaired ones first where that is wanted. `version` (of the
    dataset) or `as_of` says of which moment; without either it is that of the rendering. Of all `tags`, each has
    to be there. A repaired example that nobody has rated since counts as good enough.
    """

    dataset_id: str
    k: int
    as_of: str | None = None
    rating_gte: float | None = 4
    repaired_first: bool = True
    seed: int = 0
    split: OneOf["test", "train", "validation"] | None = "train"
    tags: list[str] = []
    version: str | None = None


class Prediction(Shape, frozen=True, kw_only=True):
    """What came of an example. `text` is null once erased, or where nothing was said; `failure` says why it is no
    use.

    `cost` is null where no price is known; `reused`: the answer of an earlier run was taken for free. `latency_ms`
    in milliseconds. `call_id` is null where no model was asked.
    """

    example_id: str
    example_version: int
    prompt_version: int
    state: OneOf["failed", "succeeded"]
    text: str | None
    tool_calls: list[dict[str, Any]]
    finish_reason: str | None
    failure: PromptFailure | None
    call_id: str | None
    provider_model: str | None
    input_tokens: int | None
    output_tokens: int | None
    cost: dict[str, str] | None
    latency_ms: int | None
    reused: bool
    recorded_at: dt.datetime


class PredictionPage(Shape, frozen=True, kw_only=True):
    """One page of predictions, by example id."""

    data: list[Prediction]
    next_cursor: str | None
    count: int | None = None


class Prompt(Shape, frozen=True, kw_only=True):
    """A line of numbered versions. `labels` says at which versions each stands, and with what weight."""

    id: str
    name: str
    description: str | None
    task_id: str | None
    latest_version: int | None
    labels: dict[str, dict[str, float]]
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime
    updated_by: str


class PromptAnswer(Shape, frozen=True, kw_only=True):
    """What the model answered. `failure` says why it is of no use, where it is of none; `cost` is null without a
    price.

    `latency_ms` is what the provider took, in milliseconds.
    """

    prompt_id: str
    version: int
    label: str | None
    served: Served
    text: str
    tool_calls: list[dict[str, Any]]
    finish_reason: str | None
    failure: PromptFailure | None
    input_tokens: int | None
    output_tokens: int | None
    cost: dict[str, str] | None
    latency_ms: int
    provider_model: str
    examples: list[DrawnExample]


class PromptDiff(Shape, frozen=True, kw_only=True):
    """What differs: `fields` names what does, `text` shows it line by line, as `diff -u` would."""

    prompt_id: str
    before: int
    after: int
    fields: list[str]
    text: str


class PromptDraft(Shape, frozen=True, kw_only=True):
    """A version as it can be sent to `POST /prompts/{prompt_id}/versions`. `built` names each example it shows."""

    messages: list[PromptTurn]
    variables: list[PromptVariable]
    parameters: PromptParameters
    inputs: dict[str, str]
    built: BuiltFrom


class PromptFailure(Shape, frozen=True, kw_only=True):
    """Why there is no answer to be used; `faults` says where one does not match its schema."""

    code: str
    detail: str
    faults: list[Fault] = []


class PromptLabelMove(Shape, frozen=True, kw_only=True):
    """A move of a label; `seq` is its event in the workspace's log."""

    seq: int
    label: str
    weights: dict[str, float]
    previous: dict[str, float] | None
    reason: str | None
    moved_at: dt.datetime
    moved_by: str


class PromptLabelMovePage(Shape, frozen=True, kw_only=True):
    """One page of a label's moves, the newest first."""

    data: list[PromptLabelMove]
    next_cursor: str | None
    count: int | None = None


class PromptPage(Shape, frozen=True, kw_only=True):
    """One page of prompts, the oldest first."""

    data: list[Prompt]
    next_cursor: str | None
    count: int | None = None


class PromptParameters(Shape, frozen=True, kw_only=True):
    """How a model is to answer. An answer is to be JSON of the schema, where there is one."""

    max_tokens: int | None = None
    response_schema: dict[str, Any] | None = None
    seed: int | None = None
    stop: list[str] = []
    temperature: float | None = None
    top_p: float | None = None


class PromptRendering(Shape, frozen=True, kw_only=True):
    """What a model would be asked. `examples` are those shown, in order, drawn at the seq `drawn_at`."""

    prompt_id: str
    version: int
    label: str | None
    messages: list[System | User | Assistant | ToolResult]
    parameters: PromptParameters
    target: ModelChoice | None
    examples: list[DrawnExample]
    drawn_at: int | None


class PromptRun(Shape, frozen=True, kw_only=True):
    """A batch run; its id is its operation's. `weights` and `served` by version number; `seq` is the moment asked of.

    Of `total` examples, `done` are done.
    """

    id: str
    prompt_id: str
    label: str | None
    weights: dict[str, float]
    served: dict[str, Served]
    dataset_id: str
    dataset_version: str | None
    seq: int
    filter: Filter
    split: OneOf["test", "train", "validation"] | None
    limit: int | None
    inputs: dict[str, str]
    state: OneOf["cancelled", "failed", "queued", "running", "succeeded"]
    done: int
    total: int | None
    created_at: dt.datetime
    created_by: str
    finished_at: dt.datetime | None


class PromptRunPage(Shape, frozen=True, kw_only=True):
    """One page of batch runs, the newest first."""

    data: list[PromptRun]
    next_cursor: str | None
    count: int | None = None


class PromptTurn(Shape, frozen=True, kw_only=True):
    """A message. `{{name}}` is where the value of a variable goes; `{{{{` stands for `{{`."""

    role: OneOf["assistant", "system", "user"]
    content: str


class PromptVariable(Shape, frozen=True, kw_only=True):
    """What may be put in. With a default it need not be given; otherwise, not required, it is an empty text."""

    name: str
    default: Any = None
    description: str | None = None
    required: bool = True
    type: OneOf["boolean", "integer", "json", "number", "text"] = "text"


class PromptVersion(Shape, frozen=True, kw_only=True):
    """A version, which never changes. `messages` and `variables` are null once erased.

    `task_version` is that of the task whose schema it took over.
    """

    prompt_id: str
    number: int
    messages: list[PromptTurn] | None
    variables: list[PromptVariable] | None
    parameters: PromptParameters
    target: ModelChoice | None
    examples: ExampleDraw | None
    inputs: dict[str, str]
    built: BuiltFrom | None
    task_version: int | None
    notes: str | None
    created_at: dt.datetime
    created_by: str


class PromptVersionPage(Shape, frozen=True, kw_only=True):
    """One page of versions, the newest first."""

    data: list[PromptVersion]
    next_cursor: str | None
    count: int | None = None
