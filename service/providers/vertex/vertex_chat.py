"""Chats with models at Vertex: tuned ones by their endpoint, Google's own by their name."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import httpx2
import msgspec

from service.providers.openai import chat_schemas
from service.providers.openai.chat_schemas import StreamProgress
from service.providers.openai.error_map import translate_errors
from service.providers.openai.event_stream import read_events
from service.providers.openai.job_schemas import decode
from service.providers.openai.transport import EVENT_STREAM, MAX_CHAT_BYTES, AnswerLimits
from service.providers.provider import Completion, Unreachable
from service.providers.vertex.vertex_answer import Answer, Replies
from service.providers.vertex.vertex_client import VertexClient, check_resource
from service.providers.vertex.vertex_errors import build_google_stream_error
from service.providers.vertex.vertex_request import build_request


class VertexChat:
    def __init__(self, client: VertexClient) -> None:
        self._client = client
        self._account = client.account

    async def complete(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        limits: Mapping[str, Any],
        options: Mapping[str, Any] | None,
        schema: Mapping[str, Any] | None,
    ) -> Completion:
        given = {name: value for name, value in limits.items() if value is not None}
        body = build_request(messages, given | dict(options or {}), schema=schema)
        bounds = AnswerLimits(max_bytes=MAX_CHAT_BYTES, seconds=self._account.timeout_seconds)
        response = await self._client.send("POST", self._locate(model, "generateContent"), json=body, limits=bounds)
        answer = decode(response.content, Answer)
        reply = Replies(model).build_completion(answer)
        completion = chat_schemas.parse_completion(json.dumps(reply).encode(), asked=model)
        return msgspec.structs.replace(completion, headers=chat_schemas.select_headers(response.headers))

    async def stream(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        options: Mapping[str, Any] | None,
        opened: Callable[[Mapping[str, str]], None],
    ) -> AsyncGenerator[dict[str, Any], None]:
        request = self._client.build_request(
            "POST",
            self._locate(model, "streamGenerateContent"),
            params={**self._account.query, "alt": "sse"},
            json=build_request(messages, options or {}),
            headers={"Accept": EVENT_STREAM},
        )
        with translate_errors(self._account):
            response = await self._client.send_request(request, stream=True)
            try:
                opened(chat_schemas.select_headers(response.headers))
                async with aclosing(self._read_chunks(response, Replies(model))) as chunks:
                    async for chunk in chunks:
                        yield chunk
            finally:
                await response.aclose()

    async def _read_chunks(self, response: httpx2.Response, replies: Replies) -> AsyncGenerator[dict[str, Any], None]:
        """Yield the chunks of a stream. Raises Unreachable when it ends before its answer does."""
        progress = StreamProgress()
        async for data in read_events(response.aiter_raw()):
            piece = decode(data, Answer)
            if piece.error:
                raise build_google_stream_error(piece.error, self._account)
            chunk = replies.build_chunk(piece)
            if chunk["choices"]:
                progress.add(chunk)
                yield chunk
        if not progress.is_complete:
            raise Unreachable("the provider's stream ended before its answer did", because="unreadable")
        yield replies.build_last_chunk()

    def _locate(self, model: str, verb: str) -> str:
        """A model without a slash is one of Google's own."""
        name = model if "/" in model else f"{self._client.project}/publishers/google/models/{model}"
        return f"/{check_resource(name)}:{verb}"
