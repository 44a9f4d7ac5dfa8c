# Generated from openapi/openapi.json by `make clients`.
"""What several areas of the API share."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Literal

from tuneledger._shapes import OneOf, Shape


class Assistant(Shape, frozen=True, kw_only=True, tag_field="role", tag="assistant"):
    """`weight` 0 keeps the message out of the training loss."""

    role: ClassVar[OneOf["assistant"]] = "assistant"
    content: str | list[TextPart] | None = None
    name: str | None = None
    reasoning: str | None = None
    tool_calls: list[ToolCall] | None = None
    weight: Literal[0, 1] | None = None


class CalledFunction(Shape, frozen=True, kw_only=True):
    """`arguments` is JSON in a string, as models write it."""

    name: str
    arguments: str


class Category(Shape, frozen=True, kw_only=True):
    """One answer there is; `children` are asked only of what got it."""

    name: str
    children: list[Question] = []
    description: str | None = None


class Change(Shape, frozen=True, kw_only=True):
    """A field's value before and after; null where there was none."""

    before: Any
    after: Any


class Content(Shape, frozen=True, kw_only=True):
    """A conversation that ends with the answer to learn; a preference has `chosen` and `rejected` in its place."""

    messages: list[System | User | Assistant | ToolResult]
    chosen: Assistant | None = None
    parallel_tool_calls: bool | None = None
    rejected: Assistant | None = None
    tools: list[Tool] | None = None


class DrawnExample(Shape, frozen=True, kw_only=True):
    """An example at one of its versions."""

    example_id: str
    version: int


class ExampleLabel(Shape, frozen=True, kw_only=True):
    """The categories chosen, by question, and how they were found."""

    answers: dict[str, list[str]]
    rule: OneOf["adjudicated", "majority", "weighted"]


class Fault(Shape, frozen=True, kw_only=True):
    """One thing wrong with what was sent: `pointer` is a JSON pointer into the body, or `?name` of a parameter."""

    detail: str
    code: str = "invalid"
    line: int | None = None
    pointer: str = ""


class FeedEvent(Shape, frozen=True, kw_only=True):
    """A fact. `data` is its content as it was recorded, byte by byte; `leaf` is its hash in the log, in hex.

    `seq` numbers the workspace's events without a gap, `version` those of the stream. `actor` is who caused it, in
    the request `request_id`.
    """

    seq: int
    stream: str
    stream_id: str
    version: int
    type: str
    data: dict[str, Any]
    actor: str
    request_id: str
    recorded_at: dt.datetime
    leaf: str


class Filter(Shape, frozen=True, kw_only=True):
    """Conditions that all must hold; absent ones ask for nothing. `rating_gte` compares the mean in stars."""

    external_id: str | None = None
    label: str | None = None
    labelled: bool | None = None
    q: str | None = None
    rated: bool | None = None
    rating_gte: float | None = None
    repaired: bool | None = None
    source: OneOf["document", "human", "import", "log", "synthetic"] | None = None
    split: OneOf["test", "train", "validation"] | None = None
    tag: str | None = None
    valid: bool | None = None


class Function(Shape, frozen=True, kw_only=True):
    """`parameters` is a JSON Schema; its keys keep their order, since the model reads them in it."""

    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class HistoryEntry(Shape, frozen=True, kw_only=True):
    """One change of a resource. `seq` is its event in the workspace's log, `version` the ETag that came of it."""

    seq: int
    version: int
    type: str
    at: str
    actor: str
    request_id: str
    reason: str | None
    changes: dict[str, Change]


class HistoryLine(Shape, frozen=True, kw_only=True):
    """What happened, in a sentence. `resource` is what it happened to, as the filter of that name takes it.

    `seq` is the event's number in the log, `version` the ETag the resource got by it.
    """

    seq: int
    version: int
    at: str
    actor: str
    request_id: str
    resource: str
    type: str
    sentence: str
    reason: str | None


class HistoryPage(Shape, frozen=True, kw_only=True):
    """One page of a history, the oldest change first."""

    data: list[HistoryEntry]
    next_cursor: str | None
    count: int | None = None


class ImagePart(Shape, frozen=True, kw_only=True, tag_field="type", tag="image_url"):
    """`ImagePart`."""

    type: ClassVar[OneOf["image_url"]] = "image_url"
    image_url: ImageUrl


class ImageUrl(Shape, frozen=True, kw_only=True):
    """`ImageUrl`."""

    url: str
    detail: OneOf["auto", "high", "low"] | None = None


class Mismatch(Shape, frozen=True, kw_only=True):
    """Where an example fails its task's schema. Only the place: the event holds no content."""

    pointer: str
    code: str


class ModelChoice(Shape, frozen=True, kw_only=True):
    """What answers: `connection_id` and the provider's name of a `model`, or `model_id` with a `version` or `alias`."""

    alias: str | None = None
    connection_id: str | None = None
    model: str | None = None
    model_id: str | None = None
    version: str | None = None


class Operation(Shape, frozen=True, kw_only=True):
    """Work in the background. `resource` is the path of what it makes; `result` is there once it has succeeded."""

    id: str
    kind: str
    state: OneOf["cancelled", "failed", "queued", "running", "succeeded"]
    progress: Progress
    result: dict[str, Any] | None
    error: OperationError | None
    resource: str | None
    cancel_requested: bool
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime
    finished_at: dt.datetime | None


class OperationError(Shape, frozen=True, kw_only=True):
    """Why it failed: `code` is stable and for programs, `detail` for people."""

    code: str
    detail: str


class Progress(Shape, frozen=True, kw_only=True):
    """How much is done; `total` is null while it is not known. `unit` says of what: `rows`, `bytes`."""

    done: int
    total: int | None
    unit: str


class Question(Shape, frozen=True, kw_only=True):
    """What is asked of an example. The fallback is for what fits no category; it need not be listed as one."""

    name: str
    categories: list[Category]
    choice: OneOf["multiple", "single"] = "single"
    fallback: str | None = None
    instruction: str | None = None
    required: bool = True


class Requirement(Shape, frozen=True, kw_only=True):
    """One thing a good answer does, rated by its own measure. Priority 0 matters the most, 3 the least."""

    name: str
    instruction: str
    priority: int = 1
    rating_type: OneOf["pass_fail", "pass_fail_critical", "stars"] = "stars"


class SentFile(Shape, frozen=True, kw_only=True):
    """A file as the provider got it: `digest` is the sha256 of its bytes in hex, `file_id` the provider's name."""

    file_id: str
    digest: str
    bytes: int
    rows: int


class Served(Shape, frozen=True, kw_only=True):
    """What answers: a model of a connection by the provider's name, and which version of ours that is, if it is one."""

    connection_id: str
    provider_model: str
    base_model: str | None = None
    model_id: str | None = None
    model_version: str | None = None


class System(Shape, frozen=True, kw_only=True, tag_field="role", tag="system"):
    """`System`."""

    role: ClassVar[OneOf["system"]] = "system"
    content: str | list[TextPart]
    name: str | None = None


class TextPart(Shape, frozen=True, kw_only=True, tag_field="type", tag="text"):
    """`TextPart`."""

    type: ClassVar[OneOf["text"]] = "text"
    text: str


class Tool(Shape, frozen=True, kw_only=True):
    """`Tool`."""

    type: OneOf["function"]
    function: Function


class ToolCall(Shape, frozen=True, kw_only=True):
    """`ToolCall`."""

    id: str
    type: OneOf["function"]
    function: CalledFunction


class ToolResult(Shape, frozen=True, kw_only=True, tag_field="role", tag="tool"):
    """`ToolResult`."""

    role: ClassVar[OneOf["tool"]] = "tool"
    content: str | list[TextPart]
    tool_call_id: str
    name: str | None = None


class User(Shape, frozen=True, kw_only=True, tag_field="role", tag="user"):
    """`User`."""

    role: ClassVar[OneOf["user"]] = "user"
    content: str | list[TextPart | ImagePart]
    name: str | None = None
