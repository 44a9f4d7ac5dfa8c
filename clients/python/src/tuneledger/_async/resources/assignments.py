# Generated from openapi/openapi.json by `make clients`.
"""`client.assignments`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncResource
from tuneledger._calls import HttpCall, body, headers, path
from tuneledger._shapes import OneOf
from tuneledger.types import (
    Assignment,
)


class AsyncAssignments(AsyncResource):
    """`client.assignments`."""

    async def get(self, assignment_id: str) -> Assignment:
        """Get an assignment.

        Scope: `labels:read`.

        `assignment_id`: Id of the assignment.
        """
        return await self._api.answer(
            HttpCall(method="GET", path=path("/v1/assignments/{}", assignment_id)), Assignment
        )

    async def release(
        self, assignment_id: str, *, reason: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> Assignment:
        """Release a claimed example.

        Scope: `labels:write`.

        `assignment_id`: Id of the assignment.

        `reason`: Why it is released.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/assignments/{}/release", assignment_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"reason": reason}),
            ),
            Assignment,
        )

    async def review(
        self,
        assignment_id: str,
        *,
        verdict: OneOf["accept", "send_back"],
        reason: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Assignment:
        """Accept a label or send it back.

        A label that was sent back does not count until the same annotator submits again.

        Scope: `labels:write`.

        `assignment_id`: Id of the assignment.

        `reason`: Why; required to send a label back.

        `verdict`: Accept the label, or send it back to its annotator.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/assignments/{}/review", assignment_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"reason": reason, "verdict": verdict}),
            ),
            Assignment,
        )

    async def skip(self, assignment_id: str, *, reason: str, idempotency_key: str | None = None) -> Assignment:
        """Skip a claimed example.

        Scope: `labels:write`.

        `assignment_id`: Id of the assignment.

        `reason`: The reason; the history shows it.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/assignments/{}/skip", assignment_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"reason": reason}),
            ),
            Assignment,
        )

    async def submit(
        self,
        assignment_id: str,
        *,
        answers: Mapping[str, Sequence[str]] | UnsetType | None = UNSET,
        category: str | UnsetType | None = UNSET,
        text: str | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Assignment:
        """Submit the label of a claimed example.

        After the lease has ended, this works only while nobody else has taken the example. Repeating the same
        answers records nothing.

        Scope: `labels:write`.

        `assignment_id`: Id of the assignment.

        `answers`: The chosen categories by question of the task's ontology.

        `category`: The answer to the task's only question.

        `text`: Free text to read the answer from: the first category it names, else the fallback.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/assignments/{}/submit", assignment_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"answers": answers, "category": category, "text": text}),
            ),
            Assignment,
        )

    async def withdraw(
        self, assignment_id: str, *, reason: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> Assignment:
        """Take a submitted label back.

        For a mis-click: the label counts no more, and its annotator has the example again under a new lease.
        Refused (409 `decided`) once a reviewer has accepted the label or a consensus has counted it. The label's
        history keeps both answers. Repeating it records nothing.

        Scope: `labels:write`.

        `assignment_id`: Id of the assignment.

        `reason`: Why; the histories of the label and of the example's place show it.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/assignments/{}/withdraw", assignment_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"reason": reason}),
            ),
            Assignment,
        )
