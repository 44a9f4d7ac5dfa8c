# Generated from openapi/openapi.json by `make clients`.
"""`client.documents`."""

from __future__ import annotations

from tuneledger._calls import HttpCall, path
from tuneledger._sync._api import Resource
from tuneledger.types import (
    UploadedDocument,
)


class Documents(Resource):
    """`client.documents`."""

    def get(self, document_id: str) -> UploadedDocument:
        """Read a document's findings.

        Scope: `generations:read`.

        `document_id`: Id of the document.
        """
        return self._api.answer(HttpCall(method="GET", path=path("/v1/documents/{}", document_id)), UploadedDocument)
