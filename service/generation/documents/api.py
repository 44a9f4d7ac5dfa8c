"""Routes of documents: upload, list, and have a model write question-and-answer pairs."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, RequestBody, Schema
from litestar.openapi.spec import Operation as OpenAPIOperation
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.access.limits.room_guard import require_room
from service.errors import UnsupportedMediaType
from service.generation import queries
from service.generation.documents.commands import UploadDetails, receive_document
from service.generation.documents.schemas import DocumentPage, UploadedDocument, document_from_row
from service.generation.domain import GENERATION
from service.generation.runs import commands as run_commands
from service.generation.schemas import NewPairs
from service.http.bodies import CARRIES_TEXTS, JSON, NO_NUL
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import to_response
from service.ledger.store import Caller, Ledger
from service.operations.domain import Operation
from service.settings import Settings

MEDIA_TYPES = (
    "text/plain",
    "text/markdown",
    "text/html",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/octet-stream",
)
BODY = RequestBody(
    required=True,
    description="The file itself, up to 32 MiB; not a form.",
    content={name: OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING)) for name in MEDIA_TYPES},
)
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
FileName = Annotated[
    str | None,
    QueryParameter(max_length=500, pattern=NO_NUL, description="The file's name; its suffix tells the format."),
]


PersonsKey = Annotated[
    str | None,
    QueryParameter(
        max_length=500, pattern=NO_NUL, description="Key of the person it is about: erasing the subject erases it, too."
    ),
]


@dataclass
class DocumentOperation(OpenAPIOperation):
    """Declares the request body in the OpenAPI document; the route reads it itself."""

    def __post_init__(self) -> None:
        self.request_body = BODY


@post(
    "/generations/{generation_id:uuid}/documents",
    operation_id="add_document",
    operation_class=DocumentOperation,
    summary="Upload a document",
    description="Text, Markdown, HTML, PDF or DOCX. A file that cannot be read is stored too, with findings.",
    guards=[require_scope("generations:write"), require_room("stored_bytes")],
    request_max_body_size=None,
    opt={"streamed_body": True},
    tags=["generation"],
)
async def add_document(
    generation_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    settings: NamedDependency[Settings],
    name: FileName = None,
    subject: PersonsKey = None,
) -> Response[UploadedDocument]:
    media_type, _ = request.content_type
    if media_type in FORMS:
        raise UnsupportedMediaType("Send the file itself as the body, for example with curl --data-binary @file.")
    declared = (request.headers.get("content-type") or "").replace("\0", "")[:200] or None
    length = request.headers.get("content-length", "")
    response = await receive_document(
        ledger,
        caller,
        generation_id,
        request.stream(),
        UploadDetails(name=name, declared=declared, subject=subject),
        size=int(length) if length.isdecimal() else None,
        cpu_seconds=settings.document_cpu_seconds,
    )
    return to_response(response, UploadedDocument)


@get(
    "/generations/{generation_id:uuid}/documents",
    operation_id="list_documents",
    summary="List documents",
    guards=[require_scope("generations:read")],
    tags=["generation"],
)
async def list_documents(
    generation_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DocumentPage:
    await ledger.get(GENERATION, caller.workspace_id, generation_id)
    after = decode_cursor(cursor, tuple[UUID])
    rows = await queries.list_documents(
        ledger.engine, caller.workspace_id, generation_id, after=after[0] if after else None, limit=limit + 1
    )
    documents = page(DocumentPage, list(rows), limit, key=lambda row: row.id)
    return msgspec.structs.replace(documents, data=[document_from_row(row) for row in rows[:limit]])


@get(
    "/documents/{document_id:uuid}",
    operation_id="get_document",
    summary="Read a document's findings",
    guards=[require_scope("generations:read")],
    tags=["generation"],
)
async def get_document(
    document_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> UploadedDocument:
    return document_from_row(await queries.get_document(ledger.engine, caller.workspace_id, document_id))


@post(
    "/generations/{generation_id:uuid}/pairs",
    operation_id="make_pairs",
    opt=CARRIES_TEXTS,
    summary="Write candidates from documents",
    guards=[require_scope("generations:write")],
    status_code=202,
    tags=["generation"],
)
async def make_pairs(
    generation_id: FromPath[UUID],
    data: JSON[NewPairs],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Operation]:
    """Write question-and-answer pairs grounded in each chunk, or the prompt that would have led to it."""
    return to_response(await run_commands.queue_pairs(ledger, caller, generation_id, data), Operation)


router = Router(path="/", route_handlers=[add_document, list_documents, get_document, make_pairs])
