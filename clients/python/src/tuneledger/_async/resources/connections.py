# Generated from openapi/openapi.json by `make clients`.
"""`client.connections`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncApi, AsyncResource
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf, Shape
from tuneledger.types import (
    Connection,
    ConnectionCheck,
    ConnectionHook,
    ConnectionPage,
    HistoryEntry,
    HistoryPage,
    NewCapabilities,
    NewPrice,
)


class AsyncConnectionsWebhook(AsyncResource):
    """`client.connections.webhook`."""

    async def delete(self, connection_id: str) -> ConnectionHook:
        """Take no more of the provider's webhooks.

        The signing secret is deleted. Jobs are followed as before, by looking.

        Scope: `connections:write`.

        `connection_id`: Id of the connection.
        """
        return await self._api.answer(
            HttpCall(method="DELETE", path=path("/v1/connections/{}/webhook", connection_id)), ConnectionHook
        )

    async def set(self, connection_id: str, *, secret: str, reason: str | UnsetType | None = UNSET) -> ConnectionHook:
        """Take the provider's webhooks.

        For OpenAI and its like. Create the webhook there for the URL of `path`, and send its signing secret here.

        Signed messages make workers look at the connection's jobs at once; nothing else that they say is believed.
        A new secret replaces the old one.

        Scope: `connections:write`.

        `connection_id`: Id of the connection.

        `reason`: Why, for the history.

        `secret`: The signing secret that the provider showed. Write-only: stored encrypted and never shown.
        """
        return await self._api.answer(
            HttpCall(
                method="PUT",
                path=path("/v1/connections/{}/webhook", connection_id),
                body=body({"reason": reason, "secret": secret}),
            ),
            ConnectionHook,
        )


class AsyncConnections(AsyncResource):
    """`client.connections`."""

    def __init__(self, api: AsyncApi) -> None:
        super().__init__(api)
        self.webhook = AsyncConnectionsWebhook(api)

    async def check(self, connection_id: str, *, idempotency_key: str | None = None) -> ConnectionCheck:
        """Check that a connection works.

        Send the provider a request. 502 with its message if it refuses for good, 503 if it cannot be reached.

        Scope: `connections:write`.

        `connection_id`: Id of the connection.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/connections/{}/check", connection_id),
                headers=headers(idempotency_key=idempotency_key),
            ),
            ConnectionCheck,
        )

    async def create(
        self,
        *,
        kind: OneOf["bedrock", "files", "fireworks", "local", "openai", "ray", "sandbox", "together", "vertex"],
        name: str,
        base_url: str | UnsetType | None = UNSET,
        capabilities: NewCapabilities | Mapping[str, Any] | UnsetType = UNSET,
        concurrency: int | UnsetType = UNSET,
        extra_body: Mapping[str, Any] | UnsetType = UNSET,
        header_name: str | UnsetType = UNSET,
        header_prefix: str | UnsetType = UNSET,
        options: Mapping[str, str] | UnsetType = UNSET,
        prices: Mapping[str, NewPrice | Mapping[str, Any]] | UnsetType = UNSET,
        query_: Mapping[str, str] | UnsetType = UNSET,
        secret: str | UnsetType | None = UNSET,
        timeout_seconds: float | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> Connection:
        """Create a connection to a provider.

        The base_url has to be https with a public address, unless an operator allows it. 422 if not.

        Scope: `connections:write`.

        `base_url`: Default: the public address of the kind's API. The sandbox has none.

        `capabilities`: What the provider's server supports.

        `concurrency`: Requests that a worker has open at once.

        `extra_body`: Added to the body of every job that is created.

        `header_name`: Header that carries the secret.

        `header_prefix`: Text before the secret in that header.

        `kind`: Which provider: `openai` is also for servers with the same API; `sandbox` costs nothing.

        `name`: Unique in the workspace.

        `options`: Settings of this kind alone, such as Vertex's project, location and bucket.

        `prices`: By the provider's model name. They override the catalog's prices.

        `query_`: Added to the URL of every request, such as Azure's api-version.

        `secret`: Required, but for the kinds that need none.

        `timeout_seconds`: Longest wait for a chat response, in seconds; for other responses at most 120.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/connections",
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "base_url": base_url,
                        "capabilities": capabilities,
                        "concurrency": concurrency,
                        "extra_body": extra_body,
                        "header_name": header_name,
                        "header_prefix": header_prefix,
                        "kind": kind,
                        "name": name,
                        "options": options,
                        "prices": prices,
                        "query": query_,
                        "secret": secret,
                        "timeout_seconds": timeout_seconds,
                    }
                ),
            ),
            Connection,
        )

    async def delete(self, connection_id: str, *, if_match: Shape | str | int | None = None) -> Connection:
        """Delete a connection and its secret.

        Fails with 409 while tunes run on the connection. Its models and its history stay.

        Scope: `connections:write`.

        `connection_id`: Id of the connection.
        """
        return await self._api.answer(
            HttpCall(
                method="DELETE", path=path("/v1/connections/{}", connection_id), headers=headers(if_match=if_match)
            ),
            Connection,
        )

    async def get(self, connection_id: str, *, as_of: str | UnsetType = UNSET) -> Connection:
        """Get a connection.

        Scope: `connections:read`.

        `connection_id`: Id of the connection.

        `as_of`: Read the state at this RFC 3339 time or seq, not in the future. Default: now.
        """
        return await self._api.answer(
            HttpCall(method="GET", path=path("/v1/connections/{}", connection_id), query=query({"as_of": as_of})),
            Connection,
        )

    def history(
        self, connection_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[HistoryPage, HistoryEntry]:
        """List a connection's history.

        Also works for a deleted connection. A replaced secret shows as a new `secret_number`.

        Scope: `connections:read`.

        `connection_id`: Id of the connection.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/connections/{}/history", connection_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            HistoryPage,
        )

    async def update(
        self,
        connection_id: str,
        *,
        base_url: str | UnsetType = UNSET,
        capabilities: NewCapabilities | Mapping[str, Any] | UnsetType = UNSET,
        concurrency: int | UnsetType = UNSET,
        extra_body: Mapping[str, Any] | UnsetType = UNSET,
        header_name: str | UnsetType = UNSET,
        header_prefix: str | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        options: Mapping[str, str] | UnsetType = UNSET,
        prices: Mapping[str, NewPrice | Mapping[str, Any]] | UnsetType = UNSET,
        query_: Mapping[str, str] | UnsetType = UNSET,
        reason: str | UnsetType | None = UNSET,
        secret: str | UnsetType = UNSET,
        timeout_seconds: float | UnsetType = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> Connection:
        """Update a connection or replace its secret.

        Scope: `connections:write`.

        `connection_id`: Id of the connection.

        `base_url`: https, with a public address. Others need the operator's setting TUNELEDGER_CONNECTIONS_ALLOW.

        `capabilities`: What the provider's server supports. Replaces all capabilities.

        `concurrency`: Requests that a worker has open at once.

        `extra_body`: Added to the body of every job that is created. Replaces the old value.

        `header_name`: Header that carries the secret.

        `header_prefix`: Text before the secret in that header.

        `name`: Unique in the workspace.

        `options`: Settings of this kind alone, such as Vertex's project, location and bucket.

        `prices`: By the provider's model name. Replaces all prices.

        `query_`: Added to the URL of every request, such as Azure's api-version.

        `reason`: Why; kept in the history.

        `secret`: The provider's API key, or its credentials as JSON. Write-only: stored encrypted and never shown.

        `timeout_seconds`: Longest wait for a chat response, in seconds; for other responses at most 120.
        """
        return await self._api.answer(
            HttpCall(
                method="PATCH",
                path=path("/v1/connections/{}", connection_id),
                headers=headers(if_match=if_match),
                body=body(
                    {
                        "base_url": base_url,
                        "capabilities": capabilities,
                        "concurrency": concurrency,
                        "extra_body": extra_body,
                        "header_name": header_name,
                        "header_prefix": header_prefix,
                        "name": name,
                        "options": options,
                        "prices": prices,
                        "query": query_,
                        "reason": reason,
                        "secret": secret,
                        "timeout_seconds": timeout_seconds,
                    }
                ),
            ),
            Connection,
        )

    def list(
        self, *, name: str | UnsetType = UNSET, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[ConnectionPage, Connection]:
        """List connections.

        Scope: `connections:read`.

        `name`: Only the item with this name.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET", path="/v1/connections", query=query({"name": name, "limit": limit, "cursor": cursor})
            ),
            ConnectionPage,
        )
