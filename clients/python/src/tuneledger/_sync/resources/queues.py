# Generated from openapi/openapi.json by `make clients`.
"""`client.queues`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf, Shape
from tuneledger._sync._api import Api, Resource
from tuneledger._sync._pages import Pager
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


class QueuesAnnotators(Resource):
    """`client.queues.annotators`."""

    def list(self, queue_id: str) -> AnnotatorList:
        """Tell who works on a queue, and how they answered its honeypots.

        Scope: `labels:read`.

        `queue_id`: Id of the queue.
        """
        return self._api.answer(HttpCall(method="GET", path=path("/v1/queues/{}/annotators", queue_id)), AnnotatorList)


class QueuesAssignments(Resource):
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
    ) -> Pager[AssignmentPage, Assignment]:
        """List who has which example of a queue.

        For a review: those that are `submitted`. A key with labels:write alone sees its own.

        Scope: `labels:read`.

        `queue_id`: Id of the queue.

        `state`: In this state.

        `annotator`: Only those of this annotator.

        `limit`: Maximum number of items (default 50).

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/queues/{}/assignments", queue_id),
                query=query({"state": state, "annotator": annotator, "limit": limit, "cursor": cursor}),
            ),
            AssignmentPage,
        )


class Queues(Resource):
    """`client.queues`."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.annotators = QueuesAnnotators(api)
        self.assignments = QueuesAssignments(api)

    def add(
        self,
        queue_id: str,
        *,
        examples: Sequence[str] | UnsetType | None = UNSET,
        filter: Filter | Mapping[str, Any] | UnsetType | None = UNSET,
        honeypots: Sequence[NewHoneypot | Mapping[str, Any]] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> ExamplesQueued:
        """Add examples or honeypots to a queue.

        Those that are in it already are passed over. At most 5,000 at once; `left` says how many more match.

        Scope: `labels:write`.

        `queue_id`: Id of the queue.

        `examples`: Examples by id; up to 5,000. Not together with `filter`.

        `filter`: Examples that match, the first 5,000. Default: all examples of the dataset.

        `honeypots`: Examples with known answers to mix in; up to 1,000.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/queues/{}/examples", queue_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"examples": examples, "filter": filter, "honeypots": honeypots}),
            ),
            ExamplesQueued,
        )

    def assign_examples(
        self,
        queue_id: str,
        *,
        annotator: NewAnnotator | Mapping[str, Any],
        examples: Sequence[str],
        idempotency_key: str | None = None,
    ) -> AssignmentPage:
        """Keep examples for an annotator.

        They count among the places of each example, and are the first that this annotator's claims bring.

        Scope: `labels:write`.

        `queue_id`: Id of the queue.

        `annotator`: The annotator to reserve them for.

        `examples`: The examples to reserve; up to 1,000, all of them in the queue.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/queues/{}/assign", queue_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"annotator": annotator, "examples": examples}),
            ),
            AssignmentPage,
        )

    def get(self, queue_id: str) -> Queue:
        """Read a queue and how far it is.

        Scope: `labels:read`.

        `queue_id`: Id of the queue.
        """
        return self._api.answer(HttpCall(method="GET", path=path("/v1/queues/{}", queue_id)), Queue)

    def update(
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
        """Change a queue, or close it.

        Scope: `labels:write`.

        `queue_id`: Id of the queue.

        `annotators`: Who may claim; empty lets everyone.

        `blind`: Annotators see no other's label of an example before they gave their own.

        `closed`: True stops offering examples; false reopens the queue.

        `lease_seconds`: After so long a claimed example is offered to others again.

        `name`: The new name; unique in the dataset.

        `reason`: Why it is changed; the history shows it.
        """
        return self._api.answer(
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
