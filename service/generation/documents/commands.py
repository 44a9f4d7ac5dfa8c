"""Taking in documents: the file is kept, and read once; what is wrong with it is a finding."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec

from service.database.engine import new_id
from service.errors import TooLarge
from service.extras import require_extra
from service.generation.documents.document import Document, Finding
from service.generation.documents.domain import DOCUMENT, DocumentAdded, Upload
from service.generation.documents.limits import MAX_BYTES
from service.generation.documents.schemas import UploadedDocument, from_state
from service.generation.documents.subprocess_reader import read_in_subprocess
from service.generation.domain import GENERATION
from service.http.responses import StoredResponse, encode_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.ledger.texts import SubjectTexts

DEFAULT_NAME = "document"


async def receive_document(
    ledger: Ledger,
    caller: Caller,
    generation_id: UUID,
    body: AsyncIterator[bytes],
    *,
    name: str | None,
    declared: str | None,
) -> StoredResponse:
    """Keep the file and what could be read of it. Raises NotFound, TooLarge, MissingExtra."""
    require_extra("documents")
    await ledger.get(GENERATION, caller.workspace_id, generation_id)
    data = await _whole(body)
    found = await read_in_subprocess(data, name=name or DEFAULT_NAME, declared=declared)
    wording = SubjectTexts(new_id())
    event = DocumentAdded(
        generation_id=generation_id,
        original=wording.add(data),
        size=len(data),
        name=name,
        declared=declared,
        **_read(found, wording),
    )

    def sent(stored: StreamState[Upload]) -> StoredResponse:
        shown: UploadedDocument = from_state(stored)
        return encode_response(shown, status=201, version=stored.version, location=f"/v1/documents/{stored.id}")

    stored = await ledger.change(
        DOCUMENT, wording.subject, lambda _: [event], caller=caller, attachments=wording.attachments, respond=sent
    )
    return sent(stored)


async def _whole(body: AsyncIterator[bytes]) -> bytes:
    data = bytearray()
    async for piece in body:
        data += piece
        if len(data) > MAX_BYTES:
            raise TooLarge(f"A document has at most {MAX_BYTES:,} bytes.")
    return bytes(data)


def _read(found: Document | Finding, wording: SubjectTexts) -> dict[str, Any]:
    if isinstance(found, Finding):
        return {"findings": (found,)}
    return {
        "kind": found.kind,
        "pages": found.pages,
        "characters": len(found.text),
        "text": wording.add(msgspec.json.encode(found)),
        "findings": found.findings,
    }
