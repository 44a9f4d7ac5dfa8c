# Generated from openapi/openapi.json by `make clients`.
"""`client.base_models`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from tuneledger._calls import HttpCall, query
from tuneledger._shapes import OneOf
from tuneledger._sync._api import Resource
from tuneledger._sync._pages import Pager
from tuneledger.types import (
    BaseModel,
    BaseModelPage,
)


class BaseModels(Resource):
    """`client.base_models`."""

    def list(
        self,
        *,
        kind: OneOf["openai", "sandbox"] | UnsetType | None = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> Pager[BaseModelPage, BaseModel]:
        """List base models and their prices.

        The catalog does not limit you: a tune may use any model that the provider knows.

        Scope: `connections:read`.

        `kind`: Only models that providers of this kind can tune.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET", path="/v1/base-models", query=query({"kind": kind, "limit": limit, "cursor": cursor})
            ),
            BaseModelPage,
        )
