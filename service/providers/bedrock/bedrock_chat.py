"""Chats by Bedrock's Converse and ConverseStream, asked and answered in OpenAI's shape."""

import struct
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

import httpx2
import msgspec
from botocore.eventstream import EventStreamBuffer, ParserError

from service.providers.bedrock.aws_client import AwsClient
from service.providers.bedrock.aws_errors import build_aws_stream_error
from service.providers.bedrock.aws_keys import AwsKeys
from service.providers.bedrock.converse_answer import Answer, ChunkBuilder, build_completion, parse_event
from service.providers.bedrock.converse_request import build_request
from service.providers.openai import chat_schemas
from service.providers.openai.error_map import translate_errors
from service.providers.openai.job_schemas import decode
from service.providers.openai.transport import MAX_CHAT_BYTES, MAX_STREAM_BYTES, STREAM_SECONDS, AnswerLimits
from service.providers.provider import REQUEST_ID, Completion, Unreachable

HEADERS = {"Content-Type": "application/json"}
STREAM_LIMITS = AnswerLimits(max_bytes=MAX_STREAM_BYTES, seconds=STREAM_SECONDS)


class BedrockChat:
    def __init__(self, client: AwsClient, keys: AwsKeys) -> None:
        self._client = client
        self._keys = keys
        self._limits = AnswerLimits(max_bytes=MAX_CHAT_BYTES, seconds=client.account.timeout_seconds)

    async def complete(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        options: Mapping[str, Any],
        schema: Mapping[str, Any] | None,
    ) -> Completion:
        offered = schema if self._client.account.capabilities.structured_output else None
        body = build_request(messages, options, schema=offered)
        with translate_errors(self._client.account):
            response = await self._client.send_request(self._build(model, "converse", body, self._limits))
        headers = chat_schemas.select_headers(response.headers)
        answer = decode(response.content, Answer)
        completion = build_completion(answer, model=model, request_id=name_request(headers), created=int(time.time()))
        parsed = chat_schemas.parse_completion(msgspec.json.encode(completion), asked=model)
        return msgspec.structs.replace(parsed, headers=headers)

    async def stream(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        options: Mapping[str, Any] | None,
        opened: Callable[[Mapping[str, str]], None],
    ) -> AsyncGenerator[dict[str, Any], None]:
        request = self._build(model, "converse-stream", build_request(messages, options or {}), STREAM_LIMITS)
        with translate_errors(self._client.account):
            response = await self._client.send_request(request, stream=True)
            try:
                headers = chat_schemas.select_headers(response.headers)
                opened(headers)
                chunks = ChunkBuilder(model=model, request_id=name_request(headers), created=int(time.time()))
                async with aclosing(self._read_events(response)) as events:
                    async for kind, event in events:
                        for chunk in chunks.build(kind, event):
                            yield chunk
                if not chunks.is_complete:
                    raise Unreachable("the provider's stream ended before its answer did", because="unreadable")
            finally:
                await response.aclose()

    async def _read_events(self, response: httpx2.Response) -> AsyncGenerator[tuple[str, dict[str, Any]], None]:
        """Yield the kind and content of each event. Raises what an exception among them says."""
        async for headers, payload in split_messages(response.aiter_raw()):
            event = parse_event(payload or b"{}")
            if headers.get(":message-type") in {"exception", "error"}:
                code = str(headers.get(":exception-type") or headers.get(":error-code") or "")
                fields = {"message": headers.get(":error-message"), **event}
                raise build_aws_stream_error(code, fields, self._client.account, self._keys)
            yield str(headers.get(":event-type")), event

    def _build(self, model: str, action: str, body: dict[str, Any], limits: AnswerLimits) -> httpx2.Request:
        path = f"/model/{quote(model, safe='')}/{action}"
        content = msgspec.json.encode(body)
        extensions = {"answer_limits": limits}
        return self._client.build_request("POST", path, content=content, headers=HEADERS, extensions=extensions)


async def split_messages(pieces: AsyncIterator[bytes]) -> AsyncIterator[tuple[dict[str, Any], bytes]]:
    """The messages of an event stream, each as headers and payload."""
    buffer = EventStreamBuffer()
    try:
        async for piece in pieces:
            buffer.add_data(piece)
            for message in buffer:
                yield message.headers, message.payload
    except (ParserError, ValueError, KeyError, struct.error):
        raise Unreachable("the provider's stream could not be read", because="unreadable") from None


def name_request(headers: Mapping[str, str]) -> str:
    return f"chatcmpl-{headers.get(REQUEST_ID) or uuid.uuid4()}"
