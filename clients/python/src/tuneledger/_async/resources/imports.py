# Generated from openapi/openapi.json by `make clients`.
"""`client.imports`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncApi, AsyncResource
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, path, query
from tuneledger.types import (
    Import,
    RowError,
    RowErrorPage,
)


class AsyncImportsErrors(AsyncResource):
    """`client.imports.errors`."""

    def list(
        self, import_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[RowErrorPage, RowError]:
        """List the rows that were not taken.

        Scope: `datasets:read`.

        `import_id`: Id of the import.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/imports/{}/errors", import_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            RowErrorPage,
        )


class AsyncImports(AsyncResource):
    """`client.imports`."""

    def __init__(self, api: AsyncApi) -> None:
        super().__init__(api)
        self.errors = AsyncImportsErrors(api)

    async def get(self, import_id: str) -> Import:
        """Read an import.

        Scope: `datasets:read`.

        `import_id`: Id of the import.
        """
        return await self._api.answer(HttpCall(method="GET", path=path("/v1/imports/{}", import_id)), Import)
