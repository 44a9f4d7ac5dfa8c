"""Parse a chat request, and refuse invalid ones with OpenAI's messages."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from service.sandbox.files.training_rows import Message
from service.sandbox.json_schemas import openai_schemas
from service.sandbox.wire import Metadata, Refusal

MAX_ALTERNATIVES = 20
MAX_STOPS = 4


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
    """Without a temperature the sandbox takes 0, so that a repeated request gets the same answer."""

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
    top_logprobs: Annotated[int, Meta(ge=0, le=MAX_ALTERNATIVES)] | None = None
    response_format: ResponseFormat | None = None
    store: bool | None = None
    metadata: Metadata | None = None

    @property
    def limit(self) -> int | None:
        """The token limit, counted as in the usage."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def stops(self) -> list[str]:
        return [self.stop] if isinstance(self.stop, str) else self.stop or []

    @property
    def schema(self) -> dict[str, Any] | None:
        response_format_ = self.response_format
        return (
            response_format_.json_schema.schema
            if response_format_ and response_format_.type == "json_schema" and response_format_.json_schema
            else None
        )


def check_request(request: ChatRequest) -> None:
    """Check what msgspec cannot. Raises Refusal."""
    if not any(message.text for message in request.messages):
        raise Refusal("Invalid 'messages': nothing is said in them.", param="messages", code="invalid_value")
    if request.top_logprobs is not None and not request.logprobs:
        raise Refusal("The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", param="top_logprobs")
    if len(request.stops) > MAX_STOPS:
        message = f"Invalid 'stop': array too long. Expected an array with maximum length {MAX_STOPS}."
        raise Refusal(message, param="stop", code="array_above_max_length")
    if request.response_format:
        _check_response_format(request, request.response_format)


def _check_response_format(request: ChatRequest, response_format_: ResponseFormat) -> None:
    if response_format_.type == "json_object" and not any(
        "json" in message.text.lower() for message in request.messages
    ):
        message = (
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
        )
        raise Refusal(message, param="messages")
    if response_format_.type != "json_schema":
        return
    if response_format_.json_schema is None:
        message = "Missing required parameter: 'response_format.json_schema'."
        raise Refusal(message, param="response_format.json_schema", code="missing_required_parameter")
    named = response_format_.json_schema
    if error := openai_schemas.find_schema_error(named.schema, strict=bool(named.strict)):
        message = f"Invalid schema for response_format '{named.name}': {error}"
        raise Refusal(message, param="response_format", code="invalid_json_schema")
