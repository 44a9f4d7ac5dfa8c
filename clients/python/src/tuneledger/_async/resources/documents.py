# Generated from openapi/openapi.json by `make clients`.
"""`client.documents`."""

from __future__ import annotations

from tuneledger._async._api import AsyncResource
from tuneledger._calls import HttpCall, path
from tuneledger.types import (
    UploadedDocument,
)


class AsyncDocuments(AsyncResource):
    """`client.documents`."""

    async def get(self, document_id: str) -> UploadedDocument:
        """Read a document's findings.

        Scope: `generations:read`.

        `document_id`: Id of the document.
        """
        return await self._api.answer(
            HttpCall(method="GET", path=path("/v1/documents/{}", document_id)), UploadedDocument
        )
