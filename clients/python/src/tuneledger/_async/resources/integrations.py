# Generated from openapi/openapi.json by `make clients`.
"""`client.integrations`."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncResource
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf
from tuneledger.types import (
    Integration,
    IntegrationPage,
)


class AsyncIntegrations(AsyncResource):
    """`client.integrations`."""

    async def create(
        self,
        *,
        kind: OneOf["huggingface", "mlflow", "object_store", "wandb"],
        name: str,
        options: Mapping[str, str] | UnsetType = UNSET,
        secret: str | UnsetType | None = UNSET,
        url: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Integration:
        """Create an integration.

        Its address has to be https and public, unless an operator allows it. 422 if not.

        Scope: `connections:write`.

        `kind`: What it is. Every tune that ends later is shown by those of kind `wandb` and `mlflow`.

        `name`: Unique in the workspace.

        `options`: `project`, `entity` (wandb), `experiment` (mlflow), `endpoint`, `region`.

        `secret`: Only an open MLflow server needs none.

        `url`: Default: the public address of the Hub or of W&B. MLflow and stores have none.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/integrations",
                headers=headers(idempotency_key=idempotency_key),
                body=body({"kind": kind, "name": name, "options": options, "secret": secret, "url": url}),
            ),
            Integration,
        )

    async def delete(self, integration_id: str) -> Integration:
        """Delete an integration and its secret.

        What was published and shown stays where it is.

        Scope: `connections:write`.

        `integration_id`: Id of the integration.
        """
        return await self._api.answer(
            HttpCall(method="DELETE", path=path("/v1/integrations/{}", integration_id)), Integration
        )

    async def get(self, integration_id: str) -> Integration:
        """Get an integration.

        Scope: `connections:read`.

        `integration_id`: Id of the integration.
        """
        return await self._api.answer(
            HttpCall(method="GET", path=path("/v1/integrations/{}", integration_id)), Integration
        )

    async def update(self, integration_id: str, *, secret: str, reason: str | UnsetType | None = UNSET) -> Integration:
        """Replace an integration's secret.

        Its other settings do not change: create another one.

        Scope: `connections:write`.

        `integration_id`: Id of the integration.

        `reason`: Why; kept in the history.

        `secret`: A token of the Hub, W&B's API key, MLflow's token or `user:password`, a store's credentials as
        JSON. Write-only: stored encrypted and never shown.
        """
        return await self._api.answer(
            HttpCall(
                method="PATCH",
                path=path("/v1/integrations/{}", integration_id),
                body=body({"reason": reason, "secret": secret}),
            ),
            Integration,
        )

    def list(
        self, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[IntegrationPage, Integration]:
        """List integrations.

        Scope: `connections:read`.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(method="GET", path="/v1/integrations", query=query({"limit": limit, "cursor": cursor})),
            IntegrationPage,
        )
