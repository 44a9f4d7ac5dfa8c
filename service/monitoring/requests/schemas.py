"""What logged requests look like over HTTP: calls in, requests out."""

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

MOST_CALLS = 1_000
ClientId = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Milliseconds = Annotated[int, Meta(ge=0, le=86_400_000, description="From the question to the end of the answer.")]
Stars = Annotated[int, Meta(ge=1, le=5)]
Outcome = Literal["new", "repeated", "refused"]


class Cost(Body):
    """An exact amount, as a decimal number in a string."""

    amount: Decimal
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="Such as USD.")]


class CostPaid(msgspec.Struct, frozen=True, kw_only=True):
    """An exact amount, as a decimal number in a string."""

    amount: str
    currency: str


class CallError(Body):
    """Why there was no answer."""

    code: Annotated[str, Meta(min_length=1, max_length=100, pattern=NO_NUL)]
    message: Annotated[str, Meta(max_length=20_000)] | None = None


class NewFeedback(Body):
    """What somebody thinks of the answer; at least one of the four. It takes the place of what was said before."""

    stars: Stars | None = None
    thumbs: Thumbs | None = None
    comment: Text | None = None
    correction: Annotated[Text, Meta(min_length=1, description="What the output should have been.")] | None = None


class LoggedCall(Body):
    """A call of a model in production.

    The version by its name, or by the alias that was called: it counts for the version at which the alias stood then.
    """

    model_id: UUID
    input: Annotated[
        Annotated[str, Meta(min_length=1)] | Annotated[list[dict[str, Any]], Meta(min_length=1)],
        Meta(description="A text, or messages in OpenAI's chat shape."),
    ]
    version: VersionName | None = None
    alias: AliasText | None = None
    at: Annotated[datetime, Meta(tz=True, description="When it was called; default: now.")] | None = None
    output: str | None = None
    tool_calls: list[dict[str, Any]] | None = None
    error: CallError | None = None
    latency_ms: Milliseconds | None = None
    input_tokens: Count | None = None
    output_tokens: Count | None = None
    cost: Cost | None = None
    user_hash: Annotated[str, Meta(max_length=200, pattern=NO_NUL, description="A hash, never a name.")] | None = None
    metadata: dict[str, Any] | None = None
    client_id: Annotated[ClientId, Meta(description="Yours; a call of the same one is logged once.")] | None = None
    feedback: NewFeedback | None = None


class LogRequests(Body):
    """Up to 1,000 calls. One that is refused does not keep the others from being logged."""

    requests: Annotated[list[LoggedCall], Meta(min_length=1, max_length=MOST_CALLS)]


class LoggedOutcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one call. A repeated one was there already, under this `id`, and stays as it was."""

    outcome: Outcome
    id: UUID | None = None
    client_id: str | None = None


class LoggedBatch(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of each call, in the order they were sent, and why any were refused."""

    new: int
    repeated: int
    refused: int
    data: list[LoggedOutcome]
    errors: list[Fault]


class LoggedLines(msgspec.Struct, frozen=True, kw_only=True):
    """How many calls of a file were new, repeated or refused; `errors` are the first 1,000 faults, by line."""

    new: int
    repeated: int
    refused: int
    errors: list[Fault]


class RequestFeedback(msgspec.Struct, frozen=True, kw_only=True):
    """What was said last, and by whom. `rating` is in stars (thumbs up count 5, down 1); erased texts are null."""

    stars: int | None
    thumbs: Thumbs | None
    rating: float | None
    comment: str | None
    correction: str | None
    by: str
    at: datetime


class PromotedTo(msgspec.Struct, frozen=True, kw_only=True):
    """The example that was made of it in a dataset."""

    dataset_id: UUID
    example_id: UUID


class LoggedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A logged call. `valid`: did the output match the model's task when it was logged; null where none asks for it.

    Erased, only its figures are left: `input`, `output`, `metadata` and whose it was are null.
    """

    id: UUID
    client_id: str | None
    at: datetime
    model_id: UUID
    version: str
    alias: str | None
    input: Any
    output: str | None
    tool_calls: Any
    error: CallError | None
    valid: bool | None
    latency_ms: int | None
    input_tokens: int | None
    output_tokens: int | None
    cost: CostPaid | None
    user_hash: str | None
    metadata: dict[str, Any] | None
    feedback: RequestFeedback | None
    examples: list[PromotedTo]
    logged_by: str
    received_at: datetime
    erased_at: datetime | None


class RequestPage(Page[LoggedRequest], frozen=True, kw_only=True):
    """One page of logged requests, the latest call first."""


class PromoteRequests(Body):
    """The requests to make examples of. `use_correction` lets the feedback's correction repair the answer."""

    request_ids: Annotated[list[UUID], Meta(min_length=1, max_length=MOST_CALLS)]
    dataset_id: UUID
    use_correction: bool = True
    tags: Annotated[list[Annotated[str, Meta(min_length=1, max_length=100, pattern=NO_NUL)]], Meta(max_length=50)] = []
    reason: Reason | None = None


class Promotion(msgspec.Struct, frozen=True, kw_only=True):
    """The example of a request; not `new` when it was made before. `repaired`: by the correction, just now."""

    request_id: UUID
    example_id: UUID
    new: bool
    repaired: bool


class Promotions(msgspec.Struct, frozen=True, kw_only=True):
    """One for each request, in the order they were asked for."""

    data: list[Promotion]


class RetentionSetting(msgspec.Struct, frozen=True, kw_only=True):
    """For how many days after the call requests are kept; null: until they are erased."""

    days: int | None
