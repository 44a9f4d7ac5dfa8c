# Generated from openapi/openapi.json by `make clients`.
"""`client.events`."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from tuneledger._calls import HttpCall, headers, path, query
from tuneledger._sync._api import Resource
from tuneledger._sync._downloads import Download
from tuneledger._sync._pages import Pager
from tuneledger._sync._streams import EventStream
from tuneledger.types import (
    EventPage,
    FeedEvent,
)


class Events(Resource):
    """`client.events`."""

    def export_log(self) -> Download:
        """Export the sealed log for a verifier.

        NDJSON with all that `tuneledger verify` needs and no texts: a header, the events, and the sealed leaves.

        Scope: `audit:read`.
        """
        return Download(self._api, HttpCall(method="GET", path="/v1/events/export"))

    def get(self, seq: int) -> FeedEvent:
        """Get an event.

        Scope: `audit:read`.

        `seq`: Number of the event in its workspace's log.
        """
        return self._api.answer(HttpCall(method="GET", path=path("/v1/events/{}", seq)), FeedEvent)

    def stream(
        self,
        *,
        types: Sequence[str] | UnsetType = UNSET,
        stream: str | UnsetType = UNSET,
        stream_id: str | UnsetType = UNSET,
        resource: str | UnsetType = UNSET,
        actor: str | UnsetType = UNSET,
        request_id: str | UnsetType = UNSET,
        operation: str | UnsetType = UNSET,
        after: int | UnsetType = UNSET,
        seconds: float | UnsetType = UNSET,
        last_event_id: str | int | UnsetType = UNSET,
    ) -> EventStream[FeedEvent]:
        """Follow the event feed.

        Server-sent events. A message without a name is an event as in `GET /v1/events`; its `id` is the seq.

        `place` messages say which seq the stream has reached when no event matched. Ignore lines that begin with a
        colon.

        Scope: `audit:read`.

        `types`: Only these event types, such as `ExampleRepaired`; repeat it or use commas.

        `stream`: Only one kind of stream, such as `example`.

        `stream_id`: Only the events of one resource, by its id.

        `resource`: Only the events of one resource: `example:` and its id, or its path, such as
        `/v1/examples/{id}`.

        `actor`: Only events of one actor: a member's name.

        `request_id`: Only events of one request, by its X-Request-Id.

        `operation`: Only events of one operation: all events of the request that started it.

        `after`: Only events after this seq; 0 starts with the first event. Default: only new events.

        `seconds`: Seconds after which the server ends the stream, for the client to reconnect. 0: end it once all
        existing events have been sent.
        """
        return EventStream(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/events/stream",
                query=query(
                    {
                        "types": types,
                        "stream": stream,
                        "stream_id": stream_id,
                        "resource": resource,
                        "actor": actor,
                        "request_id": request_id,
                        "operation": operation,
                        "after": after,
                        "seconds": seconds,
                    }
                ),
                headers=headers(last_event_id=last_event_id),
            ),
            FeedEvent,
        )

    def list(
        self,
        *,
        types: Sequence[str] | UnsetType = UNSET,
        stream: str | UnsetType = UNSET,
        stream_id: str | UnsetType = UNSET,
        resource: str | UnsetType = UNSET,
        actor: str | UnsetType = UNSET,
        request_id: str | UnsetType = UNSET,
        operation: str | UnsetType = UNSET,
        from_: str | UnsetType = UNSET,
        to: str | UnsetType = UNSET,
        after: int | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> Pager[EventPage, FeedEvent]:
        """List events.

        Scope: `audit:read`.

        `types`: Only these event types, such as `ExampleRepaired`; repeat it or use commas.

        `stream`: Only one kind of stream, such as `example`.

        `stream_id`: Only the events of one resource, by its id.

        `resource`: Only the events of one resource: `example:` and its id, or its path, such as
        `/v1/examples/{id}`.

        `actor`: Only events of one actor: a member's name.

        `request_id`: Only events of one request, by its X-Request-Id.

        `operation`: Only events of one operation: all events of the request that started it.

        `from_`: Only events from this RFC 3339 time on.

        `to`: Only events before this RFC 3339 time.

        `after`: Only events after this seq. Default 0: from the first.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page, a seq. Overrides `after`.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/events",
                query=query(
                    {
                        "types": types,
                        "stream": stream,
                        "stream_id": stream_id,
                        "resource": resource,
                        "actor": actor,
                        "request_id": request_id,
                        "operation": operation,
                        "from": from_,
                        "to": to,
                        "after": after,
                        "limit": limit,
                        "cursor": cursor,
                    }
                ),
            ),
            EventPage,
        )
