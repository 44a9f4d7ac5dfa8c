# Generated from openapi/openapi.json by `make clients`.
"""`client.base_models`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncResource
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, query
from tuneledger._shapes import OneOf
from tuneledger.types import (
    BaseModel,
    BaseModelPage,
)


class AsyncBaseModels(AsyncResource):
    """`client.base_models`."""

    def list(
        self,
        *,
        kind: OneOf["openai", "sandbox"] | UnsetType | None = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> AsyncPager[BaseModelPage, BaseModel]:
        """List base models and their prices.

        The catalog does not limit you: a tune may use any model that the provider knows.

        Scope: `connections:read`.

        `kind`: Only models that providers of this kind can tune.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET", path="/v1/base-models", query=query({"kind": kind, "limit": limit, "cursor": cursor})
            ),
            BaseModelPage,
        )
