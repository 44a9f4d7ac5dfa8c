# Generated from openapi/openapi.json by `make clients`.
"""`client.requests`."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import AsyncIterable, Mapping, Sequence
from typing import Any, BinaryIO

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncApi, AsyncResource
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf, Shape
from tuneledger._sources import OnProgress, source
from tuneledger.types import (
    HistoryEntry,
    HistoryPage,
    LoggedBatch,
    LoggedCall,
    LoggedLines,
    LoggedRequest,
    Promotions,
    RequestPage,
    RetentionSetting,
    Trail,
)


class AsyncRequestsRetention(AsyncResource):
    """`client.requests.retention`."""

    async def get(self) -> RetentionSetting:
        """Read how long requests are kept.

        Scope: `requests:read`.
        """
        return await self._api.answer(HttpCall(method="GET", path="/v1/requests/retention"), RetentionSetting)

    async def set(self, *, days: int | None, reason: str | UnsetType | None = UNSET) -> RetentionSetting:
        """Set how long requests are kept.

        Older requests are deleted within the hour, with their texts; their feedback and examples stay.

        Scope: `requests:write`.

        `days`: Days to keep a request, counted from the call; null keeps it until it is erased.

        `reason`: Why, for the history.
        """
        return await self._api.answer(
            HttpCall(method="PUT", path="/v1/requests/retention", body=body({"days": days, "reason": reason})),
            RetentionSetting,
        )


class AsyncRequests(AsyncResource):
    """`client.requests`."""

    def __init__(self, api: AsyncApi) -> None:
        super().__init__(api)
        self.retention = AsyncRequestsRetention(api)

    async def erase(self, request_id: str, *, reason: str | UnsetType = UNSET) -> None:
        """Erase a logged request.

        Deletes its texts and those of its feedback; its figures stay. Examples made from it are erased separately.

        Scope: `requests:write`.

        `request_id`: Id of the request.

        `reason`: The reason; the history shows it.
        """
        return await self._api.done(
            HttpCall(method="DELETE", path=path("/v1/requests/{}", request_id), query=query({"reason": reason}))
        )

    async def get(self, request_id: str) -> LoggedRequest:
        """Read a logged request.

        With its feedback, and the examples made from it.

        Scope: `requests:read`.

        `request_id`: Id of the request.
        """
        return await self._api.answer(HttpCall(method="GET", path=path("/v1/requests/{}", request_id)), LoggedRequest)

    async def give_feedback(
        self,
        request_id: str,
        *,
        comment: str | UnsetType | None = UNSET,
        correction: str | UnsetType | None = UNSET,
        stars: int | UnsetType | None = UNSET,
        thumbs: OneOf["down", "up"] | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
        idempotency_key: str | None = None,
    ) -> LoggedRequest:
        """Give feedback on a request.

        Replaces earlier feedback, which stays in the history. The ETag counts the request's events.

        Scope: `requests:write`.

        `request_id`: Id of the request.

        `comment`: What is good or bad about the answer.

        `correction`: What the output should have been.

        `stars`: Overall rating, 1 to 5 stars.

        `thumbs`: `up` counts as 5 stars, `down` as 1.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/requests/{}/feedback", request_id),
                headers=headers(if_match=if_match, idempotency_key=idempotency_key),
                body=body({"comment": comment, "correction": correction, "stars": stars, "thumbs": thumbs}),
            ),
            LoggedRequest,
        )

    def history(
        self, request_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> AsyncPager[HistoryPage, HistoryEntry]:
        """List a request's history.

        Feedback, promotions and erasure, each with who and when; empty without any.

        Scope: `requests:read`.

        `request_id`: Id of the request.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/requests/{}/history", request_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            HistoryPage,
        )

    async def import_requests(
        self,
        file: str | os.PathLike[str] | bytes | BinaryIO | AsyncIterable[bytes],
        *,
        content_type: str | UnsetType = UNSET,
        on_progress: OnProgress | None = None,
        idempotency_key: str | None = None,
    ) -> LoggedLines:
        """Log a file of calls.

        One call per line, any number of lines. After a broken upload, send all again: a client id is logged once.

        Scope: `requests:write`.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/requests/import",
                headers=headers(idempotency_key=idempotency_key),
                source=source(file, types=["application/x-ndjson"], content_type=content_type, on_progress=on_progress),
            ),
            LoggedLines,
        )

    async def log(
        self, *, requests: Sequence[LoggedCall | Mapping[str, Any]], idempotency_key: str | None = None
    ) -> LoggedBatch:
        """Log up to 1,000 calls.

        A refused call does not affect the others. A call with a `client_id` is logged once, however often it is
        sent.

        Calls are not events: they are kept for the workspace's retention, outside the log of events.

        Scope: `requests:write`.

        `requests`: 1 to 1,000 calls.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/requests",
                headers=headers(idempotency_key=idempotency_key),
                body=body({"requests": requests}),
            ),
            LoggedBatch,
        )

    async def promote(
        self,
        *,
        dataset_id: str,
        request_ids: Sequence[str],
        reason: str | UnsetType | None = UNSET,
        tags: Sequence[str] | UnsetType = UNSET,
        use_correction: bool | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> Promotions:
        """Promote requests to examples.

        Each request becomes one example per dataset. Promoting it again returns the same example.

        Scope: `requests:write` and `datasets:write`.

        `dataset_id`: The dataset that gets the examples.

        `reason`: Why, for the history of repaired examples.

        `request_ids`: 1 to 1,000 requests.

        `tags`: Tags for the new examples.

        `use_correction`: Whether a correction from feedback repairs the new example's answer.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/requests/promote",
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "dataset_id": dataset_id,
                        "reason": reason,
                        "request_ids": request_ids,
                        "tags": tags,
                        "use_correction": use_correction,
                    }
                ),
            ),
            Promotions,
        )

    async def trail(self, request_id: str) -> Trail:
        """Trace a request to its fix.

        The request, its feedback, its example, the example's repair, the dataset versions with it, and their
        models.

        Scope: `requests:read` and `models:read`.

        `request_id`: Id of the request.
        """
        return await self._api.answer(HttpCall(method="GET", path=path("/v1/requests/{}/trail", request_id)), Trail)

    def list(
        self,
        *,
        model_id: str | UnsetType = UNSET,
        version: str | UnsetType = UNSET,
        since: dt.datetime | str | UnsetType = UNSET,
        until: dt.datetime | str | UnsetType = UNSET,
        rating_gte: float | UnsetType = UNSET,
        rating_lte: float | UnsetType = UNSET,
        error: bool | UnsetType = UNSET,
        valid: bool | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> AsyncPager[RequestPage, LoggedRequest]:
        """List logged requests.

        The latest call first. A rating filter finds only rated requests.

        Scope: `requests:read`.

        `model_id`: Id of the model.

        `version`: Only items of this version, such as v1.0.

        `since`: Calls at this time or later, with its zone.

        `until`: Calls before this time.

        `rating_gte`: In stars.

        `rating_lte`: In stars.

        `error`: Whether the call ended in an error.

        `valid`: Whether the output matched the task's schema.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/requests",
                query=query(
                    {
                        "model_id": model_id,
                        "version": version,
                        "since": since,
                        "until": until,
                        "rating_gte": rating_gte,
                        "rating_lte": rating_lte,
                        "error": error,
                        "valid": valid,
                        "limit": limit,
                        "cursor": cursor,
                    }
                ),
            ),
            RequestPage,
        )
