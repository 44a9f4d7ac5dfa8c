# Generated from openapi/openapi.json by `make clients`.
"""`client.labels`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from tuneledger._calls import HttpCall, path, query
from tuneledger._sync._api import Resource
from tuneledger._sync._pages import Pager
from tuneledger.types import (
    HistoryEntry,
    HistoryPage,
    MyQueue,
    MyQueuePage,
)


class Labels(Resource):
    """`client.labels`."""

    def history(
        self, label_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> Pager[HistoryPage, HistoryEntry]:
        """List a label's history.

        Scope: `labels:read`.

        `label_id`: Id of the label.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/labels/{}/history", label_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            HistoryPage,
        )

    def my_queue(
        self, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> Pager[MyQueuePage, MyQueue]:
        """List your queues and what waits for you.

        The queues that you may claim from, because they name you or nobody, or have open assignments in. Each
        comes with its task, with what is left for you, and with your open assignments.

        Scope: `labels:write`.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(method="GET", path="/v1/me/queue", query=query({"limit": limit, "cursor": cursor})),
            MyQueuePage,
        )
