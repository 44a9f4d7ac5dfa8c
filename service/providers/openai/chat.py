"""Chat completions over OpenAI's wire: one answer, a stream of it, or one that was made before and lost on its way."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from openai import AsyncOpenAI

from service.providers.openai import chat_schemas as chat_shapes
from service.providers.openai.error_map import translated
from service.providers.provider import Account, Completion, Unreachable

MOST_BYTES = 32_000_000  # of one answer; the longest that any model gives is some megabytes with its log-probabilities
RECENT = 20


class OpenAIChat:
    def __init__(self, client: AsyncOpenAI, account: Account) -> None:
        self._account = account
        self._chat = client.chat.completions

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
        extra = chat_shapes.extras(
            options,
            schema=schema if offers.structured_output else None,
            token=token if offers.stored_completions else None,
        )
        asked: dict[str, Any] = {"model": model, "messages": list(messages)}
        asked |= {name: value for name, value in limits.items() if value is not None}
        body = bytearray()
        with translated(self._account):
            # In extra_body, so that a field the SDK has no argument for passes too.
            create = self._chat.with_streaming_response.create(**asked, extra_body={**extra, "stream": False})
            async with create as response:
                async for piece in response.iter_bytes():
                    body += piece
                    if len(body) > MOST_BYTES:
                        raise Unreachable("the provider's answer is too long to be read", because="unreadable")
        return chat_shapes.completion(bytes(body), asked=model)

    async def find(self, token: str) -> Completion | None:
        if not self._account.capabilities.stored_completions:
            return None
        with translated(self._account):
            listed = await self._chat.with_raw_response.list(
                metadata={chat_shapes.TOKEN_KEY: token}, limit=RECENT, order="desc"
            )
        return chat_shapes.found(listed.content, token)

    async def stream(
        self, model: str, messages: Sequence[Mapping[str, Any]], *, options: Mapping[str, Any] | None
    ) -> AsyncIterator[dict[str, Any]]:
        asked: dict[str, Any] = {"model": model, "messages": list(messages)}
        extra = {**(options or {}), "stream_options": {"include_usage": True}}
        with translated(self._account):
            chunks = await self._chat.create(**asked, stream=True, extra_body=extra)
            async with chunks:
                try:
                    async for chunk in chunks:
                        yield chunk.model_dump(mode="json", exclude_unset=True)
                except ValueError:
                    raise Unreachable("the provider's stream could not be read", because="unreadable") from None
