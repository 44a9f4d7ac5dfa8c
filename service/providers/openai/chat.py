"""Chat completions in OpenAI's format: request one, stream one, or find a stored one."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from openai import AsyncOpenAI

from service.providers.openai import chat_schemas
from service.providers.openai.error_map import translate_errors
from service.providers.openai.transport import EVENT_STREAM
from service.providers.provider import Account, Completion, Unreachable

FIND_LIMIT = 20


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
        extra = chat_schemas.build_extra_body(
            options,
            schema=schema if offers.structured_output else None,
            token=token if offers.stored_completions else None,
        )
        request: dict[str, Any] = {"model": model, "messages": list(messages)}
        request |= {name: value for name, value in limits.items() if value is not None}
        with translate_errors(self._account):
            # In extra_body, so that a field the SDK has no argument for passes too.
            answer = await self._chat.with_raw_response.create(**request, extra_body={**extra, "stream": False})
        return chat_schemas.parse_completion(answer.content, asked=model)

    async def find(self, token: str) -> Completion | None:
        if not self._account.capabilities.stored_completions:
            return None
        return chat_schemas.find_by_token(await self._list(token), token)

    async def delete(self, token: str) -> None:
        if not self._account.capabilities.stored_completions:
            return
        for completion_id in chat_schemas.list_ids_by_token(await self._list(token), token):
            with translate_errors(self._account):
                await self._chat.with_raw_response.delete(completion_id)

    async def _list(self, token: str) -> bytes:
        with translate_errors(self._account):
            listed = await self._chat.with_raw_response.list(
                metadata={chat_schemas.TOKEN_KEY: token}, limit=FIND_LIMIT, order="desc"
            )
        return listed.content

    async def stream(
        self, model: str, messages: Sequence[Mapping[str, Any]], *, options: Mapping[str, Any] | None
    ) -> AsyncIterator[dict[str, Any]]:
        request: dict[str, Any] = {"model": model, "messages": list(messages)}
        extra = {**(options or {}), "stream_options": {"include_usage": True}}
        with translate_errors(self._account):
            chunks = await self._chat.create(
                **request, stream=True, extra_body=extra, extra_headers={"Accept": EVENT_STREAM}
            )
            async with chunks:
                try:
                    async for chunk in chunks:
                        yield chunk.model_dump(mode="json", exclude_unset=True)
                except ValueError:
                    raise Unreachable("the provider's stream could not be read", because="unreadable") from None
