# Generated from openapi/openapi.json by `make clients`.
"""`client.subjects`."""

from __future__ import annotations

from typing import cast

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncResource
from tuneledger._calls import HttpCall, body, headers, path
from tuneledger.types import (
    Erasure,
    ErasurePreview,
)


class AsyncSubjects(AsyncResource):
    """`client.subjects`."""

    async def erase(
        self,
        key: str,
        *,
        reason: str,
        confirm: bool | UnsetType = UNSET,
        delete_models: bool | UnsetType = UNSET,
        dry_run: bool | UnsetType = UNSET,
        path_: str | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> Erasure | ErasurePreview:
        """Erase a person's texts everywhere.

        Erasing is for good, and done by a worker: 202 with the erasure, which becomes its receipt. Everything that
        carries the key, and all that was made of it. A dry run answers with what would go.

        Scope: `erase`.

        `key`: The person's key.

        `confirm`: True to erase for good.

        `delete_models`: True to delete the tuned models that were trained on the texts, at their providers, even
        if they are in use.

        `dry_run`: True to list what would go, and erase nothing.

        `path_`: Where the person's key stands in metadata, such as `metadata.subject`.

        `reason`: Why. It stays: do not name the person.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/subjects/{}/erase", key),
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "confirm": confirm,
                        "delete_models": delete_models,
                        "dry_run": dry_run,
                        "path": path_,
                        "reason": reason,
                    }
                ),
            ),
            cast("type[Erasure | ErasurePreview]", Erasure | ErasurePreview),
        )
