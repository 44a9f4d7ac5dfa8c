# Generated from openapi/openapi.json by `make clients`.
"""`client.bulk`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._sync._api import Resource
from tuneledger._sync._pages import Pager
from tuneledger.types import (
    BulkChange,
    Operation,
    Skip,
    SkipPage,
)


class Bulk(Resource):
    """`client.bulk`."""

    def get_change(self, bulk_id: str) -> BulkChange:
        """Read a bulk change.

        Scope: `datasets:read`.

        `bulk_id`: Id of the bulk.
        """
        return self._api.answer(HttpCall(method="GET", path=path("/v1/bulk/{}", bulk_id)), BulkChange)

    def skipped(
        self, bulk_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> Pager[SkipPage, Skip]:
        """List the examples that a bulk change could not change.

        Scope: `datasets:read`.

        `bulk_id`: Id of the bulk.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET", path=path("/v1/bulk/{}/skipped", bulk_id), query=query({"limit": limit, "cursor": cursor})
            ),
            SkipPage,
        )

    def undo_change(
        self, bulk_id: str, *, reason: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> Operation:
        """Undo a bulk change.

        Returns each example to what it was, in the background. Those that were changed since stay as they are; the
        undo lists them as skipped.

        Scope: `datasets:write`.

        `bulk_id`: Id of the bulk.

        `reason`: Why; shown in the history of each example.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/bulk/{}/undo", bulk_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"reason": reason}),
            ),
            Operation,
        )
