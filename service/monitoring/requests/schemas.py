"""Request and response structs of logged requests."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from service.errors import Fault
from service.http.bodies import NO_NUL, Body, Reason, Text
from service.http.pagination import Page
from service.models.schemas import AliasText, VersionName
from service.monitoring.requests.domain import Thumbs
from service.monitoring.retention.domain import MAX_DAYS

MAX_CALLS = 1_000
ClientId = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Milliseconds = Annotated[int, Meta(ge=0, le=86_400_000, description="From the question to the end of the answer.")]
Stars = Annotated[int, Meta(ge=1, le=5)]
LogOutcome = Literal["new", "repeated", "refused"]


class Cost(Body):
    """An exact amount, as a decimal number in a string."""

    amount: Decimal
    """A decimal number in a string, from 0 to less than 1,000,000, with at most 12 decimal places."""
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="Such as USD.")]


class CostPaid(msgspec.Struct, frozen=True, kw_only=True):
    """An exact amount, as a decimal number in a string."""

    amount: str
    """A decimal number in a string."""
    currency: str
    """Such as USD."""


class CallError(Body):
    """Why there was no answer."""

    code: Annotated[str, Meta(min_length=1, max_length=100, pattern=NO_NUL)]
    """A short code, such as timeout."""
    message: Annotated[str, Meta(max_length=20_000)] | None = None
    """The error in words."""
    provider_code: Annotated[str, Meta(max_length=100, pattern=NO_NUL)] | None = None
    """The provider's own code, such as context_length_exceeded."""


class NewFeedback(Body):
    """Feedback on an answer; at least one field. It replaces earlier feedback."""

    stars: Stars | None = None
    """Overall rating, 1 to 5 stars."""
    thumbs: Thumbs | None = None
    """`up` counts as 5 stars, `down` as 1."""
    comment: Text | None = None
    """What is good or bad about the answer."""
    correction: Annotated[Text, Meta(min_length=1, description="What the output should have been.")] | None = None
    """What the output should have been."""


class LoggedCall(Body):
    """A call of a model in production, by version or by alias."""

    model_id: UUID
    """The model that was called."""
    input: Annotated[
        Annotated[str, Meta(min_length=1)] | Annotated[list[dict[str, Any]], Meta(min_length=1)],
        Meta(description="A text, or messages in OpenAI's chat format."),
    ]
    version: VersionName | None = None
    """The version that was called, such as v1.0. Give this or `alias`."""
    alias: AliasText | None = None
    """The alias that was called. The request counts for the version the alias pointed to at that time."""
    at: Annotated[datetime, Meta(tz=True, description="When it was called; default: now.")] | None = None
    """When the model was called; now by default. Not in the future, and at most 1,098 days ago."""
    output: str | None = None
    """The model's text."""
    tool_calls: list[dict[str, Any]] | None = None
    """The model's tool calls, in OpenAI's format."""
    tools: list[dict[str, Any]] | None = None
    """The tools that the model could call, in OpenAI's format. An example made from the call has them too."""
    error: CallError | None = None
    """Why there was no answer."""
    finish_reason: Annotated[str, Meta(max_length=100, pattern=NO_NUL)] | None = None
    """Why the answer ended, in the provider's words: stop, length, tool_calls, …"""
    latency_ms: Milliseconds | None = None
    """Milliseconds from the question to the end of the answer."""
    input_tokens: Count | None = None
    """Tokens of the input."""
    output_tokens: Count | None = None
    """Tokens of the output."""
    cached_tokens: Count | None = None
    """Those of the input's tokens that the provider had cached."""
    reasoning_tokens: Count | None = None
    """Those of the output's tokens that were spent on reasoning."""
    provider_request_id: Annotated[str, Meta(max_length=200, pattern=NO_NUL)] | None = None
    """The provider's id of the request, for its support."""
    cost: Cost | None = None
    """What the call cost."""
    user_hash: Annotated[str, Meta(max_length=200, pattern=NO_NUL, description="A hash, never a name.")] | None = None
    """A hash that stands for the user. Never send a name."""
    metadata: dict[str, Any] | None = None
    """Any JSON object of yours."""
    client_id: Annotated[ClientId, Meta(description="Your own id; each is logged once.")] | None = None
    """Your own id. A call with the same id is logged once."""
    feedback: NewFeedback | None = None
    """Feedback on the answer, if you have it already."""


class LogRequests(Body):
    """Up to 1,000 calls. A refused call does not affect the others."""

    requests: Annotated[list[LoggedCall], Meta(min_length=1, max_length=MAX_CALLS)]
    """1 to 1,000 calls."""


class LoggedOutcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The outcome of one call. A repeated call was logged before under this `id`, and is unchanged."""

    outcome: LogOutcome
    """`new`; `repeated` when its `client_id` was logged before; or `refused`."""
    id: UUID | None = None
    """The logged request; absent when refused."""
    client_id: str | None = None
    """The id you sent."""


class LoggedBatch(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of each call, in the order they were sent, and why any were refused."""

    new: int
    """How many calls were logged now."""
    repeated: int
    """How many were logged before."""
    refused: int
    """How many were refused."""
    data: list[LoggedOutcome]
    """The outcome of each call, in the order sent."""
    errors: list[Fault]
    """What is wrong with the refused calls."""


class LoggedLines(msgspec.Struct, frozen=True, kw_only=True):
    """How many calls of a file were new, repeated or refused, and the first 1,000 faults."""

    new: int
    """How many calls were logged now."""
    repeated: int
    """How many were logged before."""
    refused: int
    """How many were refused."""
    errors: list[Fault]
    """What is wrong with the refused calls, by line; at most 1,000."""


class RequestFeedback(msgspec.Struct, frozen=True, kw_only=True):
    """The latest feedback on a request. Erased texts are null."""

    stars: int | None
    """Overall rating, 1 to 5 stars."""
    thumbs: Thumbs | None
    """`up` or `down`."""
    rating: float | None
    """The rating in stars: `stars`, or 5 for `up` and 1 for `down`."""
    comment: str | None
    """The comment; null once erased."""
    correction: str | None
    """What the output should have been; null once erased."""
    by: str
    """Who gave the feedback."""
    at: datetime
    """When it was given."""


class PromotedTo(msgspec.Struct, frozen=True, kw_only=True):
    """The example made from the request in a dataset."""

    dataset_id: UUID
    """The dataset that holds the example."""
    example_id: UUID
    """The example."""


class LoggedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A logged call. Once erased, only its figures are left: its texts, metadata and user are null."""

    id: UUID
    """The request's id."""
    client_id: str | None
    """The id you sent; null without one or once erased."""
    at: datetime
    """When the model was called."""
    model_id: UUID
    """The model that was called."""
    version: str
    """The version that was called."""
    alias: str | None
    """The alias it was called by; null when it was called by version."""
    input: Any
    """A text, or messages in OpenAI's chat format; null once erased."""
    output: str | None
    """The model's text; null once erased."""
    tool_calls: Any
    """The model's tool calls; null once erased."""
    tools: Any
    """The tools that the model could call; null without any or once erased."""
    error: CallError | None
    """Why there was no answer; null when there was one."""
    finish_reason: str | None
    """Why the answer ended, in the provider's words; null when unknown."""
    valid: bool | None
    """Whether the output matched the task's schema when it was logged; null when nothing was checked."""
    latency_ms: int | None
    """Milliseconds from the question to the end of the answer."""
    input_tokens: int | None
    """Tokens of the input."""
    output_tokens: int | None
    """Tokens of the output."""
    cached_tokens: int | None
    """Those of the input's tokens that the provider had cached; null when unknown."""
    reasoning_tokens: int | None
    """Those of the output's tokens that were spent on reasoning; null when unknown."""
    provider_request_id: str | None
    """The provider's id of the request; null when unknown or once erased."""
    cost: CostPaid | None
    """What the call cost; null when unknown."""
    user_hash: str | None
    """The hash that stands for the user; null once erased."""
    metadata: dict[str, Any] | None
    """The JSON object you sent; null once erased."""
    feedback: RequestFeedback | None
    """The latest feedback; null without any."""
    examples: list[PromotedTo]
    """The examples made from this request."""
    logged_by: str
    """Who logged it."""
    received_at: datetime
    """When it was logged."""
    erased_at: datetime | None
    """When it was erased; null while it is kept."""


class RequestPage(Page[LoggedRequest], frozen=True, kw_only=True):
    """One page of logged requests, the latest call first."""


class PromoteRequests(Body):
    """The requests to promote, and the dataset that gets the examples."""

    request_ids: Annotated[list[UUID], Meta(min_length=1, max_length=MAX_CALLS)]
    """1 to 1,000 requests."""
    dataset_id: UUID
    """The dataset that gets the examples."""
    use_correction: bool = True
    """Whether a correction from feedback repairs the new example's answer."""
    tags: Annotated[list[Annotated[str, Meta(min_length=1, max_length=100, pattern=NO_NUL)]], Meta(max_length=50)] = []
    """Tags for the new examples."""
    reason: Reason | None = None
    """Why, for the history of repaired examples."""


class Promotion(msgspec.Struct, frozen=True, kw_only=True):
    """The example of one promoted request."""

    request_id: UUID
    """The request."""
    example_id: UUID
    """The example made from it."""
    new: bool
    """Whether the example was created now; false when it existed before."""
    repaired: bool
    """Whether a correction repaired the example now."""


class Promotions(msgspec.Struct, frozen=True, kw_only=True):
    """The promoted requests, in the order sent."""

    data: list[Promotion]
    """One entry per request, in the order sent."""


class RetentionSetting(msgspec.Struct, frozen=True, kw_only=True):
    """How long the workspace keeps its requests."""

    days: int | None
    """Days to keep a request, counted from the call; null keeps it until it is erased."""


class SetRetention(Body):
    """Null keeps requests until they are erased."""

    days: Annotated[int, Meta(ge=1, le=MAX_DAYS, description="Counted from the call.")] | None
    """Days to keep a request, counted from the call; null keeps it until it is erased."""
    reason: Reason | None = None
    """Why, for the history."""
