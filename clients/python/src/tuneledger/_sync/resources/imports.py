# Generated from openapi/openapi.json by `make clients`.
"""`client.imports`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from tuneledger._calls import HttpCall, path, query
from tuneledger._sync._api import Api, Resource
from tuneledger._sync._pages import Pager
from tuneledger.types import (
    Import,
    RowError,
    RowErrorPage,
)


class ImportsErrors(Resource):
    """`client.imports.errors`."""

    def list(
        self, import_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> Pager[RowErrorPage, RowError]:
        """List the rows that were not taken.

        Scope: `datasets:read`.

        `import_id`: Id of the import.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/imports/{}/errors", import_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            RowErrorPage,
        )


class Imports(Resource):
    """`client.imports`."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.errors = ImportsErrors(api)

    def get(self, import_id: str) -> Import:
        """Read an import.

        Scope: `datasets:read`.

        `import_id`: Id of the import.
        """
        return self._api.answer(HttpCall(method="GET", path=path("/v1/imports/{}", import_id)), Import)
