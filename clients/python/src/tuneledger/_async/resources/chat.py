# Generated from openapi/openapi.json by `make clients`.
"""`client.chat`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncApi, AsyncResource
from tuneledger._calls import HttpCall, body, headers
from tuneledger.types import (
    ChatCompletion,
    StreamOptions,
)


class AsyncChatCompletions(AsyncResource):
    """`client.chat.completions`."""

    async def create(
        self,
        *,
        messages: Sequence[Mapping[str, Any]],
        model: str,
        stream: bool | UnsetType | None = UNSET,
        stream_options: StreamOptions | Mapping[str, Any] | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> ChatCompletion:
        """Create a chat completion and log it.

        Works with OpenAI's clients: `/v1` as base URL, and an API key of Tuneledger. Errors include OpenAI's
        `error`.

        A provider's 4xx is passed on with its status, code and param; but its 401, which is about the connection's
        key, is a 502 with the code `provider_key_refused`. `metadata` reaches the provider only with `store`; the
        log has it. `X-Logged-Request-Id` is the logged request's id, for feedback. A call is logged even if the
        client disconnects.

        Scope: `models:run`.

        `messages`: The conversation, in OpenAI's chat shape.

        `model`: A model's name or id, a colon, and an alias or version: `support:production`.

        `stream`: Whether to send the answer as server-sent events.

        `stream_options`: Options for a streamed answer.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/chat/completions",
                headers=headers(idempotency_key=idempotency_key),
                body=body({"messages": messages, "model": model, "stream": stream, "stream_options": stream_options}),
            ),
            ChatCompletion,
        )


class AsyncChat(AsyncResource):
    """`client.chat`."""

    def __init__(self, api: AsyncApi) -> None:
        super().__init__(api)
        self.completions = AsyncChatCompletions(api)
