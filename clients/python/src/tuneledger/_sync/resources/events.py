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

        NDJSON of all that `tuneledger verify` needs, and no content: a header, the events, and the leaves as
        sealed.

        Scope: `audit:read`.
        """
        return Download(self._api, HttpCall(method="GET", path="/v1/events/export"))

    def get(self, seq: int) -> FeedEvent:
        """Read one event.

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

        Server-sent events. A message without a name is an event as `GET /v1/events` shows it, and its `id` is the
        seq.

        `place` messages say how far the stream is, for who waits long; a line that begins with a colon means
        nothing.

        Scope: `audit:read`.

        `types`: Only these types, such as `ExampleRepaired`; repeated or with commas.

        `stream`: Only one kind of stream, such as `example`.

        `stream_id`: Only the events of one resource, by its id.

        `resource`: Only the events of one resource: `example:` and its id, or its path, such as
        `/v1/examples/{id}`.

        `actor`: Only what one actor caused: an API key's name.

        `request_id`: Only what one request caused, by its X-Request-Id.

        `operation`: Only what an operation caused: all events under the request that began it.

        `after`: The events after this seq; 0 begins with the first. Default: from now on.

        `seconds`: Seconds after which the server ends the stream, for a client to come again. With 0 it ends when
        everything there is has been sent.
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
        """Read the event feed.

        Scope: `audit:read`.

        `types`: Only these types, such as `ExampleRepaired`; repeated or with commas.

        `stream`: Only one kind of stream, such as `example`.

        `stream_id`: Only the events of one resource, by its id.

        `resource`: Only the events of one resource: `example:` and its id, or its path, such as
        `/v1/examples/{id}`.

        `actor`: Only what one actor caused: an API key's name.

        `request_id`: Only what one request caused, by its X-Request-Id.

        `operation`: Only what an operation caused: all events under the request that began it.

        `from_`: From this RFC 3339 time on.

        `to`: Before this RFC 3339 time.

        `after`: The events after this seq. 0, the default, begins with the first.

        `limit`: Maximum number of items (default 50).

        `cursor`: `next_cursor` of the page before: a seq. It goes before `after`.
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
