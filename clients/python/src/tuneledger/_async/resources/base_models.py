# Generated from openapi/openapi.json by `make clients`.
"""`client.base_models`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncResource
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, body, path, query
from tuneledger._shapes import OneOf
from tuneledger.types import (
    BaseModel,
    BaseModelPage,
    NewPrices,
)


class AsyncBaseModels(AsyncResource):
    """`client.base_models`."""

    async def describe(
        self,
        *,
        id: str,
        kind: OneOf["bedrock", "files", "fireworks", "local", "openai", "ray", "sandbox", "together", "vertex"] | None,
        methods: Sequence[OneOf["dpo", "kto", "reinforcement", "supervised"]],
        name: str,
        provider: str,
        context_tokens: int | UnsetType | None = UNSET,
        licence: str | UnsetType | None = UNSET,
        no_new_tunes_from: dt.date | UnsetType | None = UNSET,
        notes: str | UnsetType | None = UNSET,
        open_weights: bool | UnsetType = UNSET,
        parameters_billion: float | UnsetType | None = UNSET,
        prices: NewPrices | Mapping[str, Any] | UnsetType | None = UNSET,
        reason: str | UnsetType | None = UNSET,
        shutdown_date: dt.date | UnsetType | None = UNSET,
        training_context_tokens: int | UnsetType | None = UNSET,
    ) -> BaseModel:
        """Add a base model, or override one.

        Estimates and checks use the entry in place of the catalogue's row with the same provider and id.

        Scope: `connections:write`.

        `context_tokens`: Longest input and output together, in tokens.

        `id`: The model's id at the provider.

        `kind`: Kind of connection that tunes it; null for own hardware.

        `licence`: The licence.

        `methods`: Tuning methods it supports.

        `name`: Name for people.

        `no_new_tunes_from`: From this day on the provider takes no new tunes of it.

        `notes`: Anything else to know.

        `open_weights`: Whether the weights can be taken home.

        `parameters_billion`: Its size, in billions of parameters.

        `prices`: Null when unknown.

        `provider`: The provider, such as `openai`, `azure`, `together` or `openai_compatible`.

        `reason`: Why; kept in the history.

        `shutdown_date`: From this day on it and its tuned models answer no more.

        `training_context_tokens`: Longest training example, in tokens.
        """
        return await self._api.answer(
            HttpCall(
                method="PUT",
                path="/v1/base-models",
                body=body(
                    {
                        "context_tokens": context_tokens,
                        "id": id,
                        "kind": kind,
                        "licence": licence,
                        "methods": methods,
                        "name": name,
                        "no_new_tunes_from": no_new_tunes_from,
                        "notes": notes,
                        "open_weights": open_weights,
                        "parameters_billion": parameters_billion,
                        "prices": prices,
                        "provider": provider,
                        "reason": reason,
                        "shutdown_date": shutdown_date,
                        "training_context_tokens": training_context_tokens,
                    }
                ),
            ),
            BaseModel,
        )

    async def forget(self, entry_id: str) -> None:
        """Remove the workspace's entry of a base model.

        What the catalogue says of the model counts again.

        Scope: `connections:write`.

        `entry_id`: Id of the entry.
        """
        return await self._api.done(HttpCall(method="DELETE", path=path("/v1/base-models/{}", entry_id)))

    def list(
        self,
        *,
        kind: OneOf["openai", "together", "vertex", "bedrock", "fireworks", "local", "ray", "files", "sandbox"]
        | UnsetType
        | None = UNSET,
        provider: str | UnsetType = UNSET,
        method: OneOf["supervised", "dpo", "kto", "reinforcement"] | UnsetType | None = UNSET,
        connection_id: str | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> AsyncPager[BaseModelPage, BaseModel]:
        """List base models and their prices.

        The catalogue, with the workspace's own entries in place of its rows. It does not limit you: a tune may use
        any model that the provider knows.

        With `connection_id` the account is asked which models it lists; those that the catalogue lacks are added.

        Scope: `connections:read`.

        `kind`: Only models for this kind of connection.

        `provider`: Only this provider's.

        `method`: Only models with this method.

        `connection_id`: Only models of this connection's provider, and whether its account lists them now.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/base-models",
                query=query(
                    {
                        "kind": kind,
                        "provider": provider,
                        "method": method,
                        "connection_id": connection_id,
                        "limit": limit,
                        "cursor": cursor,
                    }
                ),
            ),
            BaseModelPage,
        )
