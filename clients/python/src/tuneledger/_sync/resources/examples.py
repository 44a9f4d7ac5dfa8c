# Generated from openapi/openapi.json by `make clients`.
"""`client.examples`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from msgspec import UNSET, UnsetType

from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf, Shape
from tuneledger._sync._api import Resource
from tuneledger._sync._pages import Pager
from tuneledger.types import (
    Content,
    DatasetVersionWith,
    Erasure,
    ErasurePreview,
    Example,
    ExampleLineage,
    ExampleOriginal,
    HistoryEntry,
    HistoryPage,
    PassFail,
    PassFailCritical,
    Stars,
)


class Examples(Resource):
    """`client.examples`."""

    def delete(
        self, example_id: str, *, reason: str | UnsetType = UNSET, if_match: Shape | str | int | None = None
    ) -> None:
        """Delete an example.

        Removes it from the dataset. Its history, and versions that contain it, stay.

        Scope: `datasets:write`.

        `example_id`: Id of the example.

        `reason`: The reason; the history shows it.
        """
        return self._api.done(
            HttpCall(
                method="DELETE",
                path=path("/v1/examples/{}", example_id),
                query=query({"reason": reason}),
                headers=headers(if_match=if_match),
            )
        )

    def erase(
        self,
        example_id: str,
        *,
        reason: str,
        confirm: bool | UnsetType = UNSET,
        delete_models: bool | UnsetType = UNSET,
        dry_run: bool | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> Erasure | ErasurePreview:
        """Erase an example.

        Erasing is for good, and done by a worker: 202 with the erasure, which becomes its receipt. All its
        revisions go, and all that was made of it. A dry run answers with what would go.

        Scope: `erase`.

        `example_id`: Id of the example.

        `confirm`: True to erase for good.

        `delete_models`: True to delete the tuned models that were trained on the texts, at their providers, even
        if they are in use.

        `dry_run`: True to list what would go, and erase nothing.

        `reason`: Why. It stays: do not name the person.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/examples/{}/erase", example_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"confirm": confirm, "delete_models": delete_models, "dry_run": dry_run, "reason": reason}),
            ),
            cast("type[Erasure | ErasurePreview]", Erasure | ErasurePreview),
        )

    def get(self, example_id: str, *, as_of: str | UnsetType = UNSET) -> Example:
        """Read an example.

        Scope: `datasets:read`.

        `example_id`: Id of the example.

        `as_of`: Read the state as of an RFC 3339 time, a seq, or a version of the dataset. Default: now.
        """
        return self._api.answer(
            HttpCall(method="GET", path=path("/v1/examples/{}", example_id), query=query({"as_of": as_of})), Example
        )

    def history(
        self, example_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> Pager[HistoryPage, HistoryEntry]:
        """List an example's history.

        Every change with its author, time and reason, and each field before and after.

        Scope: `datasets:read`.

        `example_id`: Id of the example.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/examples/{}/history", example_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            HistoryPage,
        )

    def lineage(
        self, example_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> Pager[ExampleLineage, DatasetVersionWith]:
        """Get an example's lineage: its dataset versions and their models.

        Works for deleted examples too.

        Scope: `models:read`.

        `example_id`: Id of the example.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/examples/{}/lineage", example_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            ExampleLineage,
        )

    def original(self, example_id: str) -> ExampleOriginal:
        """Read the row that an example was added from.

        The imported row as it was sent, of a table its cells by column. An example that came as it is stored, or
        was added one by one, answers with its first content. Edits and repairs change nothing of it.

        Scope: `datasets:read`.

        `example_id`: Id of the example.
        """
        return self._api.answer(
            HttpCall(method="GET", path=path("/v1/examples/{}/original", example_id)), ExampleOriginal
        )

    def rate(
        self,
        example_id: str,
        *,
        overall: Stars | PassFail | PassFailCritical | Mapping[str, Any] | UnsetType | None = UNSET,
        reason: str | UnsetType | None = UNSET,
        requirements: Mapping[str, Stars | PassFail | PassFailCritical | Mapping[str, Any]] | UnsetType = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> Example:
        """Rate an example.

        Each rater has one rating of an example; rating again replaces it.

        Scope: `datasets:write`.

        `example_id`: Id of the example.

        `overall`: The mark of the whole answer.

        `reason`: Why; shown in the history.

        `requirements`: Marks by the name of the task's requirement.
        """
        return self._api.answer(
            HttpCall(
                method="PUT",
                path=path("/v1/examples/{}/rating", example_id),
                headers=headers(if_match=if_match),
                body=body({"overall": overall, "reason": reason, "requirements": requirements}),
            ),
            Example,
        )

    def repair(
        self,
        example_id: str,
        *,
        instruction: str,
        output: str,
        on_invalid: OneOf["mark", "refuse"] | UnsetType = UNSET,
        reason: str | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
        idempotency_key: str | None = None,
    ) -> Example:
        """Repair an example's output.

        Replaces the output. The instruction and the old output are kept.

        Scope: `datasets:write`.

        `example_id`: Id of the example.

        `instruction`: What was wrong with the old output.

        `on_invalid`: What happens to an output that fails its task's schema: 422, or kept and marked invalid.

        `output`: Takes the place of the last assistant message's text.

        `reason`: Why; shown in the history.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/examples/{}/repair", example_id),
                headers=headers(if_match=if_match, idempotency_key=idempotency_key),
                body=body({"instruction": instruction, "on_invalid": on_invalid, "output": output, "reason": reason}),
            ),
            Example,
        )

    def restore(
        self,
        example_id: str,
        *,
        version: int,
        reason: str | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
        idempotency_key: str | None = None,
    ) -> Example:
        """Restore an earlier revision.

        Also restores a deleted example.

        Scope: `datasets:write`.

        `example_id`: Id of the example.

        `reason`: Why; shown in the history.

        `version`: The version (ETag) to restore.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/examples/{}/restore", example_id),
                headers=headers(if_match=if_match, idempotency_key=idempotency_key),
                body=body({"reason": reason, "version": version}),
            ),
            Example,
        )

    def update(
        self,
        example_id: str,
        *,
        content: Content | Mapping[str, Any] | UnsetType = UNSET,
        metadata: Mapping[str, Any] | UnsetType | None = UNSET,
        on_invalid: OneOf["mark", "refuse"] | UnsetType = UNSET,
        on_unanswered: OneOf["keep", "refuse"] | UnsetType = UNSET,
        reason: str | UnsetType | None = UNSET,
        tags: Sequence[str] | UnsetType = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> Example:
        """Edit an example.

        Scope: `datasets:write`.

        `example_id`: Id of the example.

        `content`: The new messages.

        `metadata`: The new metadata; null removes it.

        `on_invalid`: What happens to an output that fails its task's schema: 422, or kept and marked invalid.

        `on_unanswered`: What happens if the new content ends without an answer.

        `reason`: Why; shown in the history.

        `tags`: The new tags, in place of all old ones.
        """
        return self._api.answer(
            HttpCall(
                method="PATCH",
                path=path("/v1/examples/{}", example_id),
                headers=headers(if_match=if_match),
                body=body(
                    {
                        "content": content,
                        "metadata": metadata,
                        "on_invalid": on_invalid,
                        "on_unanswered": on_unanswered,
                        "reason": reason,
                        "tags": tags,
                    }
                ),
            ),
            Example,
        )
