"""OpenAI's chat completions over HTTP, for a model and one of its aliases or versions."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, cast

import msgspec
from litestar import Request, Response, Router, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.response import Stream
from msgspec import Meta

from service.access.auth import require_scope
from service.connections.accounts import Accounts
from service.datasets.examples.chat_content import MAX_DEPTH, is_deeper_than
from service.errors import Fault, Invalid, Problem
from service.http.bodies import CARRIES_TEXTS, JSON, NO_NUL
from service.json_pointers import pointer
from service.ledger.store import Caller
from service.monitoring.proxy.call_target import find_target
from service.monitoring.proxy.openai_errors import OPENAI_HANDLERS, PROVIDER_REQUEST_ID, build_openai_error
from service.monitoring.proxy.proxied_call import CallRequest, ProxiedCall
from service.monitoring.proxy.response_accumulator import encode_answer
from service.providers.provider import REQUEST_ID

OWN_FIELDS = frozenset({"model", "messages", "stream", "stream_options"})
REQUEST_ID_HEADER = "X-Logged-Request-Id"
DONE_EVENT = b"data: [DONE]\n\n"


class StreamOptions(msgspec.Struct, frozen=True, kw_only=True):
    include_usage: bool | None = None
    """Whether the last chunk carries the token usage."""


class ChatCompletionRequest(msgspec.Struct, frozen=True, kw_only=True):
    """OpenAI's request, with any of its fields. `model` is a model's name or id, a colon, and an alias or version."""

    model: Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL)]
    """A model's name or id, a colon, and an alias or version: `support:production`."""
    messages: Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=10_000)]
    """The conversation, in OpenAI's chat shape."""
    stream: bool | None = None
    """Whether to send the answer as server-sent events."""
    stream_options: StreamOptions | None = None
    """Options for a streamed answer."""


class ChatCompletionChoice(msgspec.Struct, frozen=True, kw_only=True):
    """One answer, in OpenAI's shape."""

    index: int = 0
    """The answer's number, from 0."""
    message: dict[str, Any] = {}
    """The assistant's message."""
    finish_reason: str | None = None
    """Why the model stopped."""


class ChatCompletion(msgspec.Struct, frozen=True, kw_only=True):
    """The provider's answer as it came. With `stream`, server-sent events of `chat.completion.chunk` instead."""

    choices: list[ChatCompletionChoice]
    """The answers."""
    id: str | None = None
    """The provider's id of the answer."""
    object: str | None = None
    """Always `chat.completion`."""
    created: int | None = None
    """When the answer was created, in Unix seconds."""
    model: str | None = None
    """The model that answered, by the provider's name."""
    usage: dict[str, Any] | None = None
    """The tokens used, as the provider counted them."""


@post(
    "/chat/completions",
    operation_id="create_chat_completion",
    opt=CARRIES_TEXTS,
    summary="Create a chat completion and log it",
    guards=[require_scope("models:run")],
    status_code=200,
    exception_handlers=OPENAI_HANDLERS,
    tags=["models"],
)
async def create_chat_completion(
    data: JSON[ChatCompletionRequest],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    accounts: NamedDependency[Accounts],
) -> Response[ChatCompletion]:
    """Works with OpenAI's clients: `/v1` as base URL, and an API key of Tuneledger. Errors include OpenAI's `error`.

    A provider's 4xx is passed on with its status, code and param; but its 401, which is about the connection's key, is
    a 502 with the code `provider_key_refused`. `metadata` reaches the provider only with `store`; the log has it.
    `X-Logged-Request-Id` is the logged request's id, for feedback. A call is logged even if the client disconnects.
    """
    call = ProxiedCall(await _build_request(accounts, caller, data, await request.body()))
    if not data.stream:
        body = encode_answer(await call.complete())
        return Response(cast("Any", body), headers=_build_headers(call), media_type=MediaType.JSON)
    events = _encode_events(
        await call.open_stream(), with_usage=bool(data.stream_options and data.stream_options.include_usage)
    )
    # After a client that has left, the provider's stream is ended at once, not when the memory is cleaned up.
    end = BackgroundTask(call.stop)
    stream = Stream(events, headers=_build_headers(call), media_type="text/event-stream", background=end)
    return cast("Response[ChatCompletion]", stream)


async def _build_request(accounts: Accounts, caller: Caller, data: ChatCompletionRequest, body: bytes) -> CallRequest:
    if is_deeper_than(data.messages, MAX_DEPTH):
        fault = Fault(pointer="/messages", detail=f"Nested more than {MAX_DEPTH} levels deep.", code="too_deep")
        raise Invalid(fault.detail, errors=[fault])
    options = {name: value for name, value in msgspec.json.decode(body).items() if name not in OWN_FIELDS}
    if deep := [name for name, value in options.items() if is_deeper_than(value, MAX_DEPTH)]:
        detail = f"Nested more than {MAX_DEPTH} levels deep."
        raise Invalid(detail, errors=[Fault(pointer=pointer(deep[0]), detail=detail, code="too_deep")])
    target = await find_target(accounts.ledger.engine, caller.workspace_id, data.model)
    return CallRequest(accounts=accounts, caller=caller, target=target, messages=data.messages, options=options)


def _build_headers(call: ProxiedCall) -> dict[str, str]:
    names = {REQUEST_ID: PROVIDER_REQUEST_ID}
    return {**{names.get(name, name): value for name, value in call.headers.items()}, REQUEST_ID_HEADER: str(call.id)}


async def _encode_events(chunks: AsyncIterator[dict[str, Any]], *, with_usage: bool) -> AsyncIterator[bytes]:
    try:
        async for chunk in chunks:
            if event := _encode_event(chunk, with_usage=with_usage):
                yield event
    except Problem as problem:  # the status has been sent already
        yield b"data: " + msgspec.json.encode({"error": build_openai_error(problem)}) + b"\n\n"
        return
    yield DONE_EVENT


def _encode_event(chunk: dict[str, Any], *, with_usage: bool) -> bytes:
    """One server-sent event, without usage the client did not ask for; empty when nothing is left."""
    if not with_usage:
        if not chunk.get("choices") and chunk.get("usage"):
            return b""
        chunk = {name: value for name, value in chunk.items() if name != "usage"}
    return b"data: " + encode_answer(chunk) + b"\n\n"


router = Router(path="/", route_handlers=[create_chat_completion])
