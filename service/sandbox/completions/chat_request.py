"""Parse a chat request, and refuse invalid ones with OpenAI's messages."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from service.sandbox.files.training_rows import Message
from service.sandbox.json_schemas import openai_schemas
from service.sandbox.json_schemas.tool_schemas import Tool, ToolChoice, check_tools
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
    tools: list[Tool] | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None

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
    if request.metadata is not None and not request.store:
        raise Refusal("The 'metadata' parameter is only allowed when 'store' is enabled.", param="metadata")
    if request.max_tokens is not None and request.max_completion_tokens is not None:
        message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        raise Refusal(message, param="max_tokens")
    check_tools(request.tools, request.tool_choice, parallel=request.parallel_tool_calls)
    _check_tool_messages(request.messages)


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


def _check_tool_messages(messages: Sequence[Message]) -> None:
    """Raises Refusal unless each tool message answers a call, and each call is answered."""
    open_ids: list[str] = []
    called: set[str] = set()
    for position, message in enumerate(messages):
        at = f"messages.[{position}]"
        if message.role != "tool":
            _check_all_answered(open_ids)
            open_ids = [call.id for call in message.tool_calls or ()]
            called = set(open_ids)
        elif not called:
            text = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
            raise Refusal(f"Invalid parameter: {text}", param=f"{at}.role")
        elif message.tool_call_id not in called:
            text = f"'tool_call_id' of '{message.tool_call_id or ''}' not found in 'tool_calls' of previous message."
            raise Refusal(f"Invalid parameter: {text}", param=f"{at}.tool_call_id")
        elif message.tool_call_id in open_ids:
            open_ids.remove(message.tool_call_id)
    _check_all_answered(open_ids)


def _check_all_answered(open_ids: Sequence[str]) -> None:
    if open_ids:
        message = (
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each"
            f" 'tool_call_id'. The following tool_call_ids did not have response messages: {', '.join(open_ids)}"
        )
        raise Refusal(message, param="messages")
