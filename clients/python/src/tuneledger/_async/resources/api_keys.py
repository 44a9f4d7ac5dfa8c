# Generated from openapi/openapi.json by `make clients`.
"""`client.api_keys`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncResource
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf
from tuneledger.types import (
    ApiKey,
    ApiKeyPage,
    ApiKeyWithSecret,
)


class AsyncApiKeys(AsyncResource):
    """`client.api_keys`."""

    async def create(
        self,
        *,
        name: str,
        scopes: Sequence[
            OneOf[
                "access:read",
                "access:write",
                "admin",
                "audit:read",
                "connections:read",
                "connections:write",
                "datasets:read",
                "datasets:write",
                "evaluations:read",
                "evaluations:write",
                "generations:read",
                "generations:write",
                "labels:read",
                "labels:write",
                "models:override",
                "models:read",
                "models:run",
                "models:write",
                "operations:read",
                "operations:write",
                "operator",
                "prompts:read",
                "prompts:run",
                "prompts:write",
                "requests:read",
                "requests:write",
                "tasks:read",
                "tasks:write",
                "tunes:read",
                "tunes:write",
                "webhooks:read",
                "webhooks:write",
            ]
        ],
        expires_at: dt.datetime | str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> ApiKeyWithSecret:
        """Create an API key.

        Scope: `access:write`.

        `expires_at`: When the key stops working, with a time zone. Null: never.

        `name`: Unique in the workspace; the actor in the history.

        `scopes`: What the key may do. A key can only grant scopes that it has itself.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/api-keys",
                headers=headers(idempotency_key=idempotency_key),
                body=body({"expires_at": expires_at, "name": name, "scopes": scopes}),
            ),
            ApiKeyWithSecret,
        )

    async def revoke(self, key_id: str) -> ApiKey:
        """Revoke an API key.

        Scope: `access:write`.

        `key_id`: Id of the key.
        """
        return await self._api.answer(HttpCall(method="DELETE", path=path("/v1/api-keys/{}", key_id)), ApiKey)

    def list(
        self, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[ApiKeyPage, ApiKey]:
        """List API keys.

        Scope: `access:read`.

        `limit`: Maximum number of items (default 50).

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(method="GET", path="/v1/api-keys", query=query({"limit": limit, "cursor": cursor})),
            ApiKeyPage,
        )
