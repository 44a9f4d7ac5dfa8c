# Generated from openapi/openapi.json by `make clients`.
"""`client.artifacts`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncResource
from tuneledger._async._downloads import AsyncDownload
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, headers, path, query
from tuneledger._shapes import OneOf
from tuneledger.types import (
    Artifact,
    ArtifactPage,
    Verification,
)


class AsyncArtifacts(AsyncResource):
    """`client.artifacts`."""

    async def delete(self, artifact_id: str, *, reason: str | UnsetType = UNSET) -> Artifact:
        """Delete an artifact's content.

        Its digest and size stay readable. Deleting it again is fine.

        Scope: `tunes:write`.

        `artifact_id`: Id of the artifact.

        `reason`: The reason; the history shows it.
        """
        return await self._api.answer(
            HttpCall(method="DELETE", path=path("/v1/artifacts/{}", artifact_id), query=query({"reason": reason})),
            Artifact,
        )

    async def get(self, artifact_id: str) -> Artifact:
        """Get an artifact's digest, size and owner.

        Scope: `tunes:read`.

        `artifact_id`: Id of the artifact.
        """
        return await self._api.answer(HttpCall(method="GET", path=path("/v1/artifacts/{}", artifact_id)), Artifact)

    def read(self, artifact_id: str) -> AsyncDownload:
        """Download an artifact's content, or a range of it.

        The ETag is the sha256. A download that broke off goes on with `Range: bytes=N-` and `If-Range`.

        Scope: `tunes:read`.

        `artifact_id`: Id of the artifact.
        """
        return AsyncDownload(self._api, HttpCall(method="GET", path=path("/v1/artifacts/{}/content", artifact_id)))

    async def verify(self, artifact_id: str, *, idempotency_key: str | None = None) -> Verification:
        """Read an artifact's content and compare it with the log.

        Reads all of it, so it takes as long as a download.

        Scope: `tunes:read`.

        `artifact_id`: Id of the artifact.
        """
        return await self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/artifacts/{}/verify", artifact_id),
                headers=headers(idempotency_key=idempotency_key),
            ),
            Verification,
        )

    def list(
        self,
        *,
        kind: OneOf["weights", "export", "model"] | UnsetType | None = UNSET,
        of: str | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> AsyncPager[ArtifactPage, Artifact]:
        """List artifacts.

        Without those that were deleted.

        Scope: `tunes:read`.

        `kind`: Only artifacts of this kind.

        `of`: Only artifacts of this resource, such as a tune's id.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/artifacts",
                query=query({"kind": kind, "of": of, "limit": limit, "cursor": cursor}),
            ),
            ArtifactPage,
        )
