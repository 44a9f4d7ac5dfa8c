"""What a chat request may say, and what of it is turned down, in OpenAI's words."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from service.sandbox.files.training_rows import Message
from service.sandbox.json_schemas import openai_schemas as schemas
from service.sandbox.wire import Metadata, Refusal

MOST_ALTERNATIVES = 20
MOST_STOPS = 4


class StreamOptions(msgspec.Struct, frozen=True, kw_only=True):
    include_usage: bool = False


class NamedSchema(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[str, Meta(pattern="^[a-zA-Z0-9_-]{1,64}$")]
    description: str | None = None
    schema: dict[str, Any] = {}
    strict: bool | None = None


class ResponseFormat(msgspec.Struct, frozen=True, kw_only=True):
    type: Literal["text", "json_object", "json_schema"] = "text"
    json_schema: NamedSchema | None = None


class ChatRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Without a temperature the sandbox takes 0, so that what is repeated is answered the same."""

    model: str
    messages: Annotated[list[Message], Meta(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    max_tokens: Annotated[int, Meta(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Meta(ge=1)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=MOST_ALTERNATIVES)] | None = None
    response_format: ResponseFormat | None = None
    store: bool | None = None
    metadata: Metadata | None = None

    @property
    def limit(self) -> int | None:
        """In tokens, as the usage counts them."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def stops(self) -> list[str]:
        return [self.stop] if isinstance(self.stop, str) else self.stop or []

    @property
    def schema(self) -> dict[str, Any] | None:
        form = self.response_format
        return form.json_schema.schema if form and form.type == "json_schema" and form.json_schema else None


def must_make_sense(asked: ChatRequest) -> None:
    """Raises Refusal for what msgspec cannot see is wrong."""
    if not any(message.text for message in asked.messages):
        raise Refusal("Invalid 'messages': nothing is said in them.", param="messages", code="invalid_value")
    if asked.top_logprobs is not None and not asked.logprobs:
        raise Refusal("The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", param="top_logprobs")
    if len(asked.stops) > MOST_STOPS:
        message = f"Invalid 'stop': array too long. Expected an array with maximum length {MOST_STOPS}."
        raise Refusal(message, param="stop", code="array_above_max_length")
    if asked.response_format:
        _must_be_a_format(asked, asked.response_format)


def _must_be_a_format(asked: ChatRequest, form: ResponseFormat) -> None:
    if form.type == "json_object" and not any("json" in message.text.lower() for message in asked.messages):
        message = (
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
        )
        raise Refusal(message, param="messages")
    if form.type != "json_schema":
        return
    if form.json_schema is None:
        message = "Missing required parameter: 'response_format.json_schema'."
        raise Refusal(message, param="response_format.json_schema", code="missing_required_parameter")
    named = form.json_schema
    if complaint := schemas.complaint(named.schema, strict=bool(named.strict)):
        message = f"Invalid schema for response_format '{named.name}': {complaint}"
        raise Refusal(message, param="response_format", code="invalid_json_schema")
