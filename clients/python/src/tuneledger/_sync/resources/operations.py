# Generated from openapi/openapi.json by `make clients`.
"""`client.operations`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from tuneledger._calls import HttpCall, headers, path, query
from tuneledger._shapes import OneOf
from tuneledger._sync._api import Api, Resource
from tuneledger._sync._pages import Pager
from tuneledger._sync._streams import EventStream
from tuneledger._sync._waiters import WaitsForOperations
from tuneledger.types import (
    Call,
    CallPage,
    Operation,
    OperationPage,
)


class OperationsCalls(Resource):
    """`client.operations.calls`."""

    def list(
        self,
        operation_id: str,
        *,
        state: OneOf["answered", "failed"] | UnsetType | None = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> Pager[CallPage, Call]:
        """List an operation's model calls.

        Empty for operations that ask no model.

        Scope: `operations:read`.

        `operation_id`: Id of the operation.

        `state`: Only calls in this state.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/operations/{}/calls", operation_id),
                query=query({"state": state, "limit": limit, "cursor": cursor}),
            ),
            CallPage,
        )


class Operations(WaitsForOperations):
    """`client.operations`."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.calls = OperationsCalls(api)

    def cancel(self, operation_id: str, *, idempotency_key: str | None = None) -> Operation:
        """Ask an operation to stop.

        It may still end well: `cancel_requested` is true until the work has noticed. Asking again changes nothing.

        Scope: `operations:write`.

        `operation_id`: Id of the operation.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/operations/{}/cancel", operation_id),
                headers=headers(idempotency_key=idempotency_key),
            ),
            Operation,
        )

    def get(self, operation_id: str, *, wait: float | UnsetType = UNSET) -> Operation:
        """Read an operation, or wait for its end.

        Scope: `operations:read`.

        `operation_id`: Id of the operation.

        `wait`: Seconds to wait for the operation to end; the response comes as soon as it does.
        """
        return self._api.answer(
            HttpCall(method="GET", path=path("/v1/operations/{}", operation_id), query=query({"wait": wait})), Operation
        )

    def stream(
        self, operation_id: str, *, seconds: float | UnsetType = UNSET, last_event_id: str | int | UnsetType = UNSET
    ) -> EventStream[Operation]:
        """Follow an operation.

        Server-sent events: the operation as it is now, and again after each change.

        A slow client may miss states in between, but always gets the last one, then a message named `end`. If the
        stream breaks before that, reconnect with Last-Event-ID.

        Scope: `operations:read`.

        `operation_id`: Id of the operation.

        `seconds`: Seconds after which the server ends the stream, for the client to reconnect. 0: end it once all
        existing events have been sent.
        """
        return EventStream(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/operations/{}/stream", operation_id),
                query=query({"seconds": seconds}),
                headers=headers(last_event_id=last_event_id),
            ),
            Operation,
        )

    def list(
        self,
        *,
        state: OneOf["queued", "running", "succeeded", "failed", "cancelled"] | UnsetType | None = UNSET,
        kind: str | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> Pager[OperationPage, Operation]:
        """List operations, the newest first.

        Scope: `operations:read`.

        `state`: Only operations in this state.

        `kind`: Only operations of this kind, such as `import`.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/operations",
                query=query({"state": state, "kind": kind, "limit": limit, "cursor": cursor}),
            ),
            OperationPage,
        )
