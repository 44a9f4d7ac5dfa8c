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
        expires_at: dt.datetime | str | UnsetType | None = UNSET,
        member_id: str | UnsetType | None = UNSET,
        name: str | UnsetType | None = UNSET,
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
                "erase",
                "evaluations:read",
                "evaluations:write",
                "generations:read",
                "generations:write",
                "labels:impersonate",
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
        ]
        | UnsetType
        | None = UNSET,
        idempotency_key: str | None = None,
    ) -> ApiKeyWithSecret:
        """Create an API key.

        Scope: `access:write`.

        `expires_at`: When the key stops working, with a time zone. Null: after the longest life that is set, else
        never.

        `member_id`: Whose key it is. For another member than yourself, you need all that their role has.

        `name`: Tells a member's keys apart; unique among those that are neither revoked nor rotated. Default: the
        key's hint. Without `member_id`, the key is for the machine of this name, which becomes a member when it is
        new.

        `scopes`: What the key may do: nothing that the member's role does not cover, and nothing that you lack.
        Default: all of that but `operator`. Required for a machine that is new.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/api-keys",
                headers=headers(idempotency_key=idempotency_key),
                body=body({"expires_at": expires_at, "member_id": member_id, "name": name, "scopes": scopes}),
            ),
            ApiKeyWithSecret,
        )

    async def get(self, key_id: str) -> ApiKey:
        """Read an API key, without its secret.

        Scope: `access:read`.

        `key_id`: Id of the key.
        """
        return await self._api.answer(HttpCall(method="GET", path=path("/v1/api-keys/{}", key_id)), ApiKey)

    async def revoke(self, key_id: str) -> ApiKey:
        """Revoke an API key.

        Refused for a key that can do more than yours, and when nobody could come in as an owner any more.

        Scope: `access:write`.

        `key_id`: Id of the key.
        """
        return await self._api.answer(HttpCall(method="DELETE", path=path("/v1/api-keys/{}", key_id)), ApiKey)

    async def rotate(
        self,
        key_id: str,
        *,
        expires_at: dt.datetime | str | UnsetType | None = UNSET,
        grace_seconds: int | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> ApiKeyWithSecret:
        """Replace an API key by a new one.

        The new key has the same member, name and scopes. Ratings, labels and queues stay the member's.

        Scope: `access:write`.

        `key_id`: Id of the key.

        `expires_at`: When the new key stops working, with a time zone. Null: after the longest life that is set,
        else never.

        `grace_seconds`: How long the old key still works. Default 0: it ends at once.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/api-keys/{}/rotate", key_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"expires_at": expires_at, "grace_seconds": grace_seconds}),
            ),
            ApiKeyWithSecret,
        )

    def list(
        self, *, member_id: str | UnsetType = UNSET, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[ApiKeyPage, ApiKey]:
        """List API keys.

        Scope: `access:read`.

        `member_id`: Only the keys of this member.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/api-keys",
                query=query({"member_id": member_id, "limit": limit, "cursor": cursor}),
            ),
            ApiKeyPage,
        )
