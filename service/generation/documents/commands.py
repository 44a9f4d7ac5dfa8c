"""Store an uploaded document and read its text once. Problems with the file are findings."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec

from service.database.engine import new_id
from service.errors import TooLarge
from service.extras import require_extra
from service.generation.documents.document import Document, Finding
from service.generation.documents.domain import DOCUMENT, DocumentAdded, DocumentState
from service.generation.documents.limits import MAX_BYTES
from service.generation.documents.schemas import UploadedDocument, document_from_state
from service.generation.documents.subprocess_reader import read_in_subprocess
from service.generation.documents.upload_queue import UploadQueue
from service.generation.domain import GENERATION
from service.http.responses import StoredResponse, encode_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.ledger.texts import SubjectTexts

DEFAULT_NAME = "document"
QUEUE = UploadQueue()  # of this process


class UploadDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What the request says of the file: its name, its media type, and the key of the person it is about."""

    name: str | None
    declared: str | None
    subject: str | None


async def receive_document(
    ledger: Ledger,
    caller: Caller,
    generation_id: UUID,
    body: AsyncIterator[bytes],
    details: UploadDetails,
    *,
    size: int | None,
    cpu_seconds: int,
) -> StoredResponse:
    """Store the file and the text read from it; `size` is its length, if known.

    Raises NotFound, TooLarge, QueueFull, MissingExtra.
    """
    require_extra("documents")
    await ledger.get(GENERATION, caller.workspace_id, generation_id)
    with QUEUE.place(caller.workspace_id, size=min(size or MAX_BYTES, MAX_BYTES)):
        data = await _read_body(body)
        async with QUEUE.reader(caller.workspace_id):
            result = await read_in_subprocess(
                data, name=details.name or DEFAULT_NAME, declared=details.declared, cpu_seconds=cpu_seconds
            )
        return await _store(ledger, caller, generation_id, data, result, details)


async def _store(
    ledger: Ledger,
    caller: Caller,
    generation_id: UUID,
    data: bytes,
    result: Document | Finding,
    details: UploadDetails,
) -> StoredResponse:
    texts = SubjectTexts(new_id())
    event = DocumentAdded(
        generation_id=generation_id,
        original=texts.add(data),
        size=len(data),
        name=details.name,
        declared=details.declared,
        about=None if details.subject is None else texts.add_json({"subject": details.subject}),
        **_build_text_fields(result, texts),
    )

    def encode_stored(stored: StreamState[DocumentState]) -> StoredResponse:
        document: UploadedDocument = document_from_state(stored)
        return encode_response(document, status=201, version=stored.version, location=f"/v1/documents/{stored.id}")

    stored = await ledger.change(
        DOCUMENT, texts.subject, lambda _: [event], caller=caller, attachments=texts.attachments, respond=encode_stored
    )
    return encode_stored(stored)


async def _read_body(body: AsyncIterator[bytes]) -> bytes:
    data = bytearray()
    async for piece in body:
        data += piece
        if len(data) > MAX_BYTES:
            raise TooLarge(f"A document has at most {MAX_BYTES:,} bytes; split the file.")
    return bytes(data)


def _build_text_fields(result: Document | Finding, texts: SubjectTexts) -> dict[str, Any]:
    if isinstance(result, Finding):
        return {"findings": (result,)}
    return {
        "kind": result.kind,
        "pages": result.pages,
        "characters": len(result.text),
        "text": texts.add(msgspec.json.encode(result)),
        "findings": result.findings,
    }
