# Generated from openapi/openapi.json by `make clients`.
"""What several areas of the API share."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar, Literal

from msgspec import UNSET, UnsetType

from tuneledger._shapes import OneOf, Shape


class Artifact(Shape, frozen=True, kw_only=True):
    """A file in the artifact store."""

    id: str
    """The artifact's id."""
    kind: OneOf["export", "model", "weights"]
    """What it is."""
    name: str
    """The file's name."""
    digest: str
    """SHA-256 of the content, in hex. The log has it."""
    bytes: int
    """The size of the content."""
    media_type: str
    """The media type of the content."""
    of: ArtifactOwner
    """What it is of."""
    created_at: dt.datetime
    """When it was stored."""
    created_by: str
    """The actor who stored it."""
    deleted_at: dt.datetime | None
    """When its content was deleted. Null while it is there."""


class ArtifactOwner(Shape, frozen=True, kw_only=True):
    """What an artifact is of."""

    kind: OneOf["dataset", "model", "tune"]
    """What kind of resource."""
    id: str
    """Its id."""


class ArtifactPage(Shape, frozen=True, kw_only=True):
    """One page of artifacts."""

    data: list[Artifact]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class Assistant(Shape, frozen=True, kw_only=True, tag_field="role", tag="assistant"):
    """`weight` 0 keeps the message out of the training loss."""

    role: ClassVar[OneOf["assistant"]] = "assistant"
    content: str | list[TextPart] | None = None
    """The answer, as text or text parts. Null if the message only calls tools."""
    name: str | None = None
    """A name for the author of the message."""
    reasoning: str | None = None
    """The model's reasoning before the answer."""
    tool_calls: list[ToolCall] | None = None
    """The tools that the message calls."""
    weight: Literal[0, 1] | None = None
    """0 keeps the message out of the training loss."""


class AudioPart(Shape, frozen=True, kw_only=True, tag_field="type", tag="input_audio"):
    """`AudioPart`."""

    type: ClassVar[OneOf["input_audio"]] = "input_audio"
    input_audio: InputAudio
    """The audio."""


class AudioUrlPart(Shape, frozen=True, kw_only=True, tag_field="type", tag="audio_url"):
    """`AudioUrlPart`."""

    type: ClassVar[OneOf["audio_url"]] = "audio_url"
    audio_url: MediaUrl
    """The audio."""


class CalledFunction(Shape, frozen=True, kw_only=True):
    """`arguments` is JSON in a string, as models write it."""

    name: str
    """The name of the function."""
    arguments: str
    """The arguments, as JSON in a string."""


class Category(Shape, frozen=True, kw_only=True):
    """A possible answer; `children` are asked only when it was chosen."""

    name: str
    """Unique among the categories of its question."""
    children: list[Question] = []
    """Questions asked only of examples that got this category."""
    description: str | None = None
    """When this category is the right answer."""


class Change(Shape, frozen=True, kw_only=True):
    """A field's value before and after a change."""

    before: Any
    """The value before the change; null where there was none."""
    after: Any
    """The value after the change; null where there is none."""


class Content(Shape, frozen=True, kw_only=True):
    """A conversation that ends with the answer to learn; a preference has `chosen` and `rejected` instead."""

    messages: list[System | Developer | User | Assistant | ToolResult]
    """The conversation. It ends with the assistant's answer, unless there are `chosen` and `rejected`."""
    chosen: Assistant | None = None
    """The better answer of a preference."""
    parallel_tool_calls: bool | None = None
    """Whether the model may call several tools in one message."""
    rejected: Assistant | None = None
    """The worse answer of a preference."""
    tools: list[Tool] | None = None
    """The tools that the model may call."""


class Developer(Shape, frozen=True, kw_only=True, tag_field="role", tag="developer"):
    """A system message under the name that newer models of OpenAI read; other targets get it as `system`."""

    role: ClassVar[OneOf["developer"]] = "developer"
    content: str | list[TextPart]
    """The instructions, as text or text parts."""
    name: str | None = None
    """A name for the author of the message."""


class DrawnExample(Shape, frozen=True, kw_only=True):
    """An example at one of its versions."""

    example_id: str
    """The example."""
    version: int
    """The example's revision, from 1."""


class ExampleLabel(Shape, frozen=True, kw_only=True):
    """The categories chosen, by question, and how they were found."""

    answers: dict[str, list[str]]
    """The chosen categories, by question."""
    rule: OneOf["adjudicated", "majority", "weighted"]
    """How the answers were decided."""


class Fault(Shape, frozen=True, kw_only=True):
    """One fault of the request."""

    detail: str
    """What is wrong, for people; the text may change."""
    code: str | UnsetType = UNSET
    """What is wrong, for programs; stable."""
    line: int | None = None
    """The line of the uploaded file, counted from 1."""
    pointer: str = ""
    """A JSON pointer into the body, `?name` of a query parameter, or the name of a path parameter or header."""


class FeedEvent(Shape, frozen=True, kw_only=True):
    """An event of the log."""

    seq: int
    """The event's number in the workspace's log, without gaps."""
    stream: str
    """The kind of resource that the event changed, such as `example`."""
    stream_id: str
    """The id of the resource."""
    version: int
    """The resource's version after the event."""
    type: str
    """The type of the event, such as `ExampleAdded`."""
    data: dict[str, Any]
    """The event's content, with exactly the bytes that were recorded."""
    actor: str
    """Who caused the event."""
    request_id: str
    """The id of the request that caused the event."""
    recorded_at: dt.datetime
    """When it was recorded, by Postgres's clock."""
    leaf: str
    """The event's hash in the audit tree, as 64 hex digits."""
    key_id: str | None = None
    """The API key of the request that caused it. Null for the server's own work and in older events."""


class FileData(Shape, frozen=True, kw_only=True):
    """`FileData`."""

    file_data: str | None = None
    """The file as a data URL, or its address."""
    file_id: str | None = None
    """The id of a file at the provider."""
    filename: str | None = None
    """The file's name."""


class FilePart(Shape, frozen=True, kw_only=True, tag_field="type", tag="file"):
    """`FilePart`."""

    type: ClassVar[OneOf["file"]] = "file"
    file: FileData
    """A document, such as a PDF."""


class Filter(Shape, frozen=True, kw_only=True):
    """Conditions that all must hold; absent ones ask for nothing. `rating_gte` compares the mean in stars."""

    expression: str | None = None
    """Examples that match this filter expression."""
    external_id: str | None = None
    """The example with this external id."""
    label: str | None = None
    """Examples labelled with this category."""
    labelled: bool | None = None
    """Whether the example has a label."""
    q: str | None = None
    """Examples whose text contains this."""
    rated: bool | None = None
    """Whether the example has a rating."""
    rating_gte: float | None = None
    """Examples with a mean rating of at least this many stars."""
    repaired: bool | None = None
    """Whether the example was repaired."""
    source: OneOf["document", "human", "import", "log", "synthetic"] | None = None
    """Examples from this type of source."""
    split: OneOf["test", "train", "validation"] | None = None
    """Examples of this split."""
    tag: str | None = None
    """Examples that have this tag."""
    valid: bool | None = None
    """Whether the example matches its task's schema."""


class Function(Shape, frozen=True, kw_only=True):
    """`parameters` is a JSON Schema; its keys keep their order, since the model reads them in it."""

    name: str
    """The name by which the model calls the function."""
    description: str | None = None
    """What the function does, for the model."""
    parameters: dict[str, Any] | None = None
    """JSON Schema of the arguments."""
    strict: bool | None = None
    """Whether the arguments must match the schema exactly."""


class HistoryEntry(Shape, frozen=True, kw_only=True):
    """One change of a resource."""

    seq: int
    """The number of the event in the workspace's log."""
    version: int
    """The resource's version after the change; its ETag."""
    type: str
    """The type of the event."""
    at: str
    """When it was recorded."""
    actor: str
    """Who made the change."""
    request_id: str
    """The id of the request that made the change."""
    key_id: str | None
    """The API key of that request. Null for the server's own work and in older events."""
    reason: str | None
    """The reason given with the change, or null."""
    changes: dict[str, Change]
    """The fields that changed, by name."""


class HistoryLine(Shape, frozen=True, kw_only=True):
    """One event as a sentence."""

    seq: int
    """The event's number in the workspace's log."""
    version: int
    """The resource's version after this event; its ETag."""
    at: str
    """When the event was recorded."""
    actor: str
    """Name of the member who caused it, or `tuneledger` for the server itself."""
    request_id: str
    """X-Request-Id of the request that caused it."""
    key_id: str | None
    """The API key of the request that caused it. Null for the server's own work and in older events."""
    resource: str
    """What it happened to, such as `example:{id}`. The `resource` filter accepts it."""
    type: str
    """The event's type, such as `ExampleRepaired`."""
    sentence: str
    """What happened, by whom and why."""
    reason: str | None
    """Why, in the words of whoever did it. Null when no reason was given."""
    changes: dict[str, Change] | UnsetType = UNSET
    """With `include=content`, of an example: each field that changed, before and after. A text that was erased is
    `{"erased": true}`.
    """


class HistoryPage(Shape, frozen=True, kw_only=True):
    """One page of a history, the oldest change first."""

    data: list[HistoryEntry]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class ImagePart(Shape, frozen=True, kw_only=True, tag_field="type", tag="image_url"):
    """`ImagePart`."""

    type: ClassVar[OneOf["image_url"]] = "image_url"
    image_url: ImageUrl
    """The image."""


class ImageUrl(Shape, frozen=True, kw_only=True):
    """`ImageUrl`."""

    url: str
    """Address of the image, or a data URL."""
    detail: OneOf["auto", "high", "low"] | None = None
    """The resolution at which the model reads the image."""


class InputAudio(Shape, frozen=True, kw_only=True):
    """`InputAudio`."""

    data: str
    """The audio in base64."""
    format: str
    """Its format, such as `wav` or `mp3`."""


class MediaUrl(Shape, frozen=True, kw_only=True):
    """`MediaUrl`."""

    url: str
    """Address of the audio or video, or a data URL."""


class Mismatch(Shape, frozen=True, kw_only=True):
    """Where an output does not match the task's schema. No value is given, since events hold no content."""

    pointer: str
    """JSON pointer to the value that fails."""
    code: str
    """The kind of fault, for programs."""


class ModelChoice(Shape, frozen=True, kw_only=True):
    """The model that answers: `connection_id` and `model`, or `model_id` with a `version` or an `alias`."""

    alias: str | None = None
    """An alias of your model, such as production."""
    connection_id: str | None = None
    """The connection to ask; needs `model`."""
    model: str | None = None
    """A model of the connection, by the provider's name."""
    model_id: str | None = None
    """One of your models; needs `version` or `alias`."""
    version: str | None = None
    """A version of your model, such as v1.0."""


class Money(Shape, frozen=True, kw_only=True):
    """An exact amount of money."""

    amount: Decimal
    """A decimal number, as a string."""
    currency: str
    """ISO 4217 code, such as `USD`."""


class Operation(Shape, frozen=True, kw_only=True):
    """Work in the background."""

    id: str
    """The operation's id."""
    kind: str
    """What kind of work, such as `import`."""
    state: OneOf["cancelled", "failed", "queued", "running", "succeeded"]
    """`succeeded`, `failed` and `cancelled` are final."""
    progress: Progress
    """How much is done."""
    result: dict[str, Any] | None
    """What it produced. Null until it has succeeded."""
    error: OperationError | None
    """Why it failed. Null unless it failed."""
    resource: str | None
    """Path of what it creates or changes. Null when there is none."""
    cancel_requested: bool
    """True once a cancel was requested. The operation may still succeed."""
    created_at: dt.datetime
    """When the work was requested."""
    created_by: str
    """Name of the member who requested it."""
    updated_at: dt.datetime
    """When it last changed."""
    finished_at: dt.datetime | None
    """When it ended. Null until then."""


class OperationError(Shape, frozen=True, kw_only=True):
    """Why the operation failed."""

    code: str
    """Stable, for programs."""
    detail: str
    """What went wrong, for people."""
    errors: list[Fault] = []
    """The first faults of the rows, with their lines. Lists of operations leave them out."""


class PassFail(Shape, frozen=True, kw_only=True, tag_field="type", tag="pass_fail"):
    """Good enough or not."""

    type: ClassVar[OneOf["pass_fail"]] = "pass_fail"
    value: OneOf["fail", "pass"]
    """`pass` if the answer is good enough."""


class PassFailCritical(Shape, frozen=True, kw_only=True, tag_field="type", tag="pass_fail_critical"):
    """Good enough, not, or harmful."""

    type: ClassVar[OneOf["pass_fail_critical"]] = "pass_fail_critical"
    value: OneOf["critical", "fail", "pass"]
    """`pass` if the answer is good enough, `critical` if it is harmful."""


class Progress(Shape, frozen=True, kw_only=True):
    """How much of the work is done."""

    done: int
    """Units done so far."""
    total: int | None
    """Units in all. Null while unknown."""
    unit: str
    """What is counted, such as `rows` or `bytes`."""


class Question(Shape, frozen=True, kw_only=True):
    """A question about an example. The fallback is for what fits no category; it need not be listed as one."""

    name: str
    """Unique in the ontology; answers refer to it."""
    categories: list[Category]
    """The answers to choose from."""
    choice: OneOf["multiple", "single"] = "single"
    """Whether an answer is one category or several."""
    fallback: str | None = None
    """The answer for what fits no category."""
    instruction: str | None = None
    """How to answer the question."""
    required: bool = True
    """Whether a label has to answer this question."""


class Rating(Shape, frozen=True, kw_only=True):
    """One rater's judgement of an answer, overall and by the names of the task's requirements."""

    overall: Stars | PassFail | PassFailCritical | None = None
    """The mark of the whole answer."""
    requirements: dict[str, Stars | PassFail | PassFailCritical] = {}
    """Marks by the name of the task's requirement."""


class Requirement(Shape, frozen=True, kw_only=True):
    """One thing a good answer does, rated on its own. Priority 0 matters the most, 3 the least."""

    name: str
    """Unique in the task; ratings refer to it."""
    instruction: str
    """What a good answer does."""
    priority: int = 1
    """0 matters the most, 3 the least."""
    rating_type: OneOf["pass_fail", "pass_fail_critical", "stars"] = "stars"
    """How it is rated: in stars, or as passed or failed."""


class SentFile(Shape, frozen=True, kw_only=True):
    """A file as the provider got it: `digest` is the sha256 of its bytes in hex, `file_id` the provider's name."""

    file_id: str
    """The file's id at the provider."""
    digest: str
    """SHA-256 of the file's bytes, in hex."""
    bytes: int
    """The file's size in bytes."""
    rows: int
    """How many examples the file has."""
    losses: dict[str, int] = {}
    """What the provider's format cannot carry, and how many rows lost it."""


class Served(Shape, frozen=True, kw_only=True):
    """The model that answers: its connection, the provider's name for it, and your model version if it is one."""

    connection_id: str
    """The connection that answers."""
    provider_model: str
    """The model, by the provider's name."""
    base_model: str | None = None
    """The base model, by the provider's name; null when unknown."""
    model_id: str | None = None
    """Your model; null for a base model."""
    model_version: str | None = None
    """The version of your model; null for a base model."""


class Side(Shape, frozen=True, kw_only=True):
    """An example at one end of a diff. `content` is null once erased."""

    example_id: str
    """The example. A copy has an id of its own."""
    version: int
    """The version of the example."""
    content: Any
    """The content. Null once erased."""
    metadata: Any
    """The metadata. Null if there is none, or once erased."""
    tags: list[str]
    """The tags."""
    rating: float | None
    """Mean rating in stars. Null if not rated."""
    repaired: bool
    """Whether the answer was repaired."""
    label: ExampleLabel | None
    """The label. Null if there is none."""
    split: OneOf["test", "train", "validation"]
    """The split."""


class Stars(Shape, frozen=True, kw_only=True, tag_field="type", tag="stars"):
    """One to five stars."""

    type: ClassVar[OneOf["stars"]] = "stars"
    value: int
    """1 is the worst, 5 the best."""


class System(Shape, frozen=True, kw_only=True, tag_field="role", tag="system"):
    """`System`."""

    role: ClassVar[OneOf["system"]] = "system"
    content: str | list[TextPart]
    """The instructions, as text or text parts."""
    name: str | None = None
    """A name for the author of the message."""


class TextPart(Shape, frozen=True, kw_only=True, tag_field="type", tag="text"):
    """`TextPart`."""

    type: ClassVar[OneOf["text"]] = "text"
    text: str
    """The text."""


class Tool(Shape, frozen=True, kw_only=True):
    """`Tool`."""

    type: OneOf["function"]
    """Always `function`."""
    function: Function
    """The function that the model may call."""


class ToolCall(Shape, frozen=True, kw_only=True):
    """`ToolCall`."""

    id: str
    """The id of the call; the tool's result refers to it."""
    type: OneOf["function"]
    """Always `function`."""
    function: CalledFunction
    """The called function and its arguments."""


class ToolResult(Shape, frozen=True, kw_only=True, tag_field="role", tag="tool"):
    """`ToolResult`."""

    role: ClassVar[OneOf["tool"]] = "tool"
    content: str | list[TextPart]
    """What the tool returned, as text or text parts."""
    tool_call_id: str
    """The id of the tool call that this answers."""
    name: str | None = None
    """A name for the author of the message."""


class User(Shape, frozen=True, kw_only=True, tag_field="role", tag="user"):
    """`User`."""

    role: ClassVar[OneOf["user"]] = "user"
    content: str | list[TextPart | ImagePart | AudioPart | AudioUrlPart | VideoPart | FilePart]
    """The message, as text or as parts: text, images, audio, video, files."""
    name: str | None = None
    """A name for the author of the message."""


class VideoPart(Shape, frozen=True, kw_only=True, tag_field="type", tag="video_url"):
    """`VideoPart`."""

    type: ClassVar[OneOf["video_url"]] = "video_url"
    video_url: MediaUrl
    """The video."""
