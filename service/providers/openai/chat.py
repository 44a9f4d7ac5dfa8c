"""Chat completions in OpenAI's format: request one, stream one, or find a stored one."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any

import httpx2
import msgspec

from service.providers.openai import chat_schemas
from service.providers.openai.chat_schemas import StreamProgress
from service.providers.openai.error_map import build_stream_error, translate_errors
from service.providers.openai.event_stream import read_events
from service.providers.openai.transport import EVENT_STREAM
from service.providers.openai.wire_client import WireClient
from service.providers.provider import Completion, Unreachable

PATH = "/chat/completions"
FIND_LIMIT = 20
DONE = b"[DONE]"
DRAIN_SECONDS = 0.5  # for the end of a response after its last event, so that the connection can be used again
HEADERS = {"Content-Type": "application/json"}


class OpenAIChat:
    """Chats through one account's client."""

    def __init__(self, client: WireClient) -> None:
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
        token: str | None,
    ) -> Completion:
        offers = self._account.capabilities
        extra = chat_schemas.build_extra_body(
            options,
            schema=schema if offers.structured_output else None,
            token=token if offers.stored_completions else None,
        )
        given_limits = {name: value for name, value in limits.items() if value is not None}
        body = {"model": model, "messages": messages, **given_limits, **extra, "stream": False}
        with translate_errors(self._account):
            response = await self._client.send_request(self._build_request(body))
            completion = chat_schemas.parse_completion(response.content, asked=model)
        return msgspec.structs.replace(completion, headers=chat_schemas.select_headers(response.headers))

    async def find(self, token: str) -> Completion | None:
        if not self._account.capabilities.stored_completions:
            return None
        return chat_schemas.find_by_token(await self._list(token), token)

    async def delete(self, token: str) -> None:
        if not self._account.capabilities.stored_completions:
            return
        for completion_id in chat_schemas.list_ids_by_token(await self._list(token), token):
            await self._client.ask("DELETE", f"{PATH}/{completion_id}")

    async def _list(self, token: str) -> bytes:
        query = {f"metadata[{chat_schemas.TOKEN_KEY}]": token, "limit": FIND_LIMIT, "order": "desc"}
        return await self._client.ask("GET", PATH, params=query)

    async def stream(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        options: Mapping[str, Any] | None,
        opened: Callable[[Mapping[str, str]], None],
    ) -> AsyncGenerator[dict[str, Any], None]:
        extra = chat_schemas.build_extra_body(options, schema=None, token=None)
        with_usage = {"stream": True, "stream_options": {"include_usage": True}}
        request = self._build_request({"model": model, "messages": messages, **extra, **with_usage})
        request.headers["Accept"] = EVENT_STREAM
        with translate_errors(self._account):
            response = await self._client.send_request(request, stream=True)
            try:
                opened(chat_schemas.select_headers(response.headers))
                async with aclosing(self._read_chunks(response)) as chunks:
                    async for chunk in chunks:
                        yield chunk
            finally:
                await response.aclose()

    async def _read_chunks(self, response: httpx2.Response) -> AsyncGenerator[dict[str, Any], None]:
        """Yield the chunks of a stream. Raises Unreachable when it ends before its answer does."""
        progress = StreamProgress()
        pieces = response.aiter_raw()
        async for data in read_events(pieces):
            if data.startswith(DONE):
                await _drain(pieces)
                return
            chunk = chat_schemas.parse_chunk(data)
            if error := chunk.get("error"):
                raise build_stream_error(error, response, self._account)
            progress.add(chunk)
            yield chunk
        if not progress.is_complete:
            raise Unreachable("the provider's stream ended before its answer did", because="unreadable")

    def _build_request(self, body: Mapping[str, Any]) -> httpx2.Request:
        return self._client.build_request("POST", PATH, content=msgspec.json.encode(body), headers=HEADERS)


async def _drain(pieces: AsyncIterator[bytes]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            async for _ in pieces:
                pass
