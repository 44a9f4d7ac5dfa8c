# Generated from openapi/openapi.json by `make clients`.
"""`client.queues`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncApi, AsyncResource
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf, Shape
from tuneledger.types import (
    AnnotatorList,
    Assignment,
    AssignmentPage,
    ExamplesQueued,
    Filter,
    NewAnnotator,
    NewHoneypot,
    Queue,
)


class AsyncQueuesAnnotators(AsyncResource):
    """`client.queues.annotators`."""

    async def list(self, queue_id: str) -> AnnotatorList:
        """List a queue's annotators and their honeypot scores.

        Scope: `labels:read`.

        `queue_id`: Id of the queue.
        """
        return await self._api.answer(
            HttpCall(method="GET", path=path("/v1/queues/{}/annotators", queue_id)), AnnotatorList
        )


class AsyncQueuesAssignments(AsyncResource):
    """`client.queues.assignments`."""

    def list(
        self,
        queue_id: str,
        *,
        state: OneOf["assigned", "claimed", "submitted", "accepted", "sent_back", "skipped", "released"]
        | UnsetType
        | None = UNSET,
        annotator: str | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> AsyncPager[AssignmentPage, Assignment]:
        """List a queue's assignments.

        To review labels, list the assignments in the state `submitted`. A key with only the scope labels:write
        sees its own assignments.

        Scope: `labels:read`.

        `queue_id`: Id of the queue.

        `state`: Only in this state.

        `annotator`: Only items of this annotator.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/queues/{}/assignments", queue_id),
                query=query({"state": state, "annotator": annotator, "limit": limit, "cursor": cursor}),
            ),
            AssignmentPage,
        )


class AsyncQueues(AsyncResource):
    """`client.queues`."""

    def __init__(self, api: AsyncApi) -> None:
        super().__init__(api)
        self.annotators = AsyncQueuesAnnotators(api)
        self.assignments = AsyncQueuesAssignments(api)

    async def add(
        self,
        queue_id: str,
        *,
        examples: Sequence[str] | UnsetType | None = UNSET,
        filter: str | Filter | Mapping[str, Any] | UnsetType | None = UNSET,
        honeypots: Sequence[NewHoneypot | Mapping[str, Any]] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> ExamplesQueued:
        """Add examples or honeypots to a queue.

        Skips those already in the queue. Adds at most 5,000 at once; `left` says how many more match.

        Scope: `labels:write`.

        `queue_id`: Id of the queue.

        `examples`: Examples by id; up to 5,000. Not together with `filter`.

        `filter`: Examples that match, the first 5,000. Default: all examples of the dataset.

        `honeypots`: Examples with known answers to mix in; up to 1,000.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/queues/{}/examples", queue_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"examples": examples, "filter": filter, "honeypots": honeypots}),
            ),
            ExamplesQueued,
        )

    async def archive(
        self, queue_id: str, *, reason: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> Queue:
        """Archive a queue.

        It leaves the lists and takes no work (409 `archived`): no edits, examples, claims, labels or reviews. The
        labels it gathered count as before, its history stays, and its name is free for another.

        Scope: `labels:write`.

        `queue_id`: Id of the queue.

        `reason`: Why; the history shows it.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/queues/{}/archive", queue_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"reason": reason}),
            ),
            Queue,
        )

    async def assign_examples(
        self,
        queue_id: str,
        *,
        annotator: NewAnnotator | Mapping[str, Any],
        examples: Sequence[str],
        idempotency_key: str | None = None,
    ) -> AssignmentPage:
        """Reserve examples for an annotator.

        A reservation takes one of each example's `overlap` slots. The annotator's claims return reserved examples
        first.

        Scope: `labels:write`.

        `queue_id`: Id of the queue.

        `annotator`: The annotator to reserve them for.

        `examples`: The examples to reserve; up to 1,000, all of them in the queue.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/queues/{}/assign", queue_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"annotator": annotator, "examples": examples}),
            ),
            AssignmentPage,
        )

    async def get(self, queue_id: str, *, as_of: str | UnsetType = UNSET) -> Queue:
        """Get a queue and its progress, now or as of a time.

        Not for an annotator's key, with labels:write alone; see GET /v1/me/queue.

        Scope: `labels:read`.

        `queue_id`: Id of the queue.

        `as_of`: Read the state at this RFC 3339 time or seq, not in the future. Default: now.
        """
        return await self._api.answer(
            HttpCall(method="GET", path=path("/v1/queues/{}", queue_id), query=query({"as_of": as_of})), Queue
        )

    async def unarchive(
        self, queue_id: str, *, reason: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> Queue:
        """Bring an archived queue back.

        Refused (409) while another queue of the dataset has its name.

        Scope: `labels:write`.

        `queue_id`: Id of the queue.

        `reason`: Why; the history shows it.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/queues/{}/unarchive", queue_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"reason": reason}),
            ),
            Queue,
        )

    async def update(
        self,
        queue_id: str,
        *,
        annotators: Sequence[str] | UnsetType = UNSET,
        blind: bool | UnsetType = UNSET,
        closed: bool | UnsetType = UNSET,
        lease_seconds: int | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        reason: str | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> Queue:
        """Update or close a queue.

        Scope: `labels:write`.

        `queue_id`: Id of the queue.

        `annotators`: Who may claim; empty means everyone.

        `blind`: Annotators see others' labels of an example only after giving their own.

        `closed`: True stops offering examples; false reopens the queue.

        `lease_seconds`: Seconds after which a claimed example is offered to others again.

        `name`: The new name; unique in the dataset.

        `reason`: Why it is changed; the history shows it.
        """
        return await self._api.answer(
            HttpCall(
                method="PATCH",
                path=path("/v1/queues/{}", queue_id),
                headers=headers(if_match=if_match),
                body=body(
                    {
                        "annotators": annotators,
                        "blind": blind,
                        "closed": closed,
                        "lease_seconds": lease_seconds,
                        "name": name,
                        "reason": reason,
                    }
                ),
            ),
            Queue,
        )
