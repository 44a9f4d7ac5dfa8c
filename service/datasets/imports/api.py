"""Imports over HTTP: send a file, watch it, read what was wrong with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, RequestBody, Schema
from litestar.openapi.spec import Operation as OpenAPIOperation
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.datasets.domain import DATASET
from service.datasets.examples import queries
from service.datasets.imports import projection as imports_views
from service.datasets.imports.domain import IMPORT, Format, ImportStage, OnError
from service.datasets.imports.domain import ImportState as State
from service.datasets.imports.staging_area import ERRORS_PER_TEXT, MAX_ERRORS, ImportOptions, RowError
from service.datasets.imports.upload import receive
from service.datasets.splits import Split
from service.errors import UnsupportedMediaType
from service.http.bodies import NO_NUL
from service.http.pagination import Cursor, Limit, Page, decode_cursor, page
from service.http.responses import build_response, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.operations import projection as operations
from service.operations.accepted_response import respond_accepted
from service.operations.domain import Operation
from service.settings import Settings


class ImportFailure(msgspec.Struct, frozen=True, kw_only=True):
    """Why nothing of the file is in the dataset; `line` where it is one line's fault."""

    code: str
    """What went wrong, for programs."""
    detail: str
    """What went wrong, for people."""
    line: int | None
    """The line of the file that is at fault, from 1; null if no single one is."""


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """A file on its way in. `rows` are good, `bad` are not; of the good, `duplicates` were there already."""

    id: UUID
    """The import's id, also that of its operation."""
    dataset_id: UUID
    """The dataset that gets the examples."""
    format: Format
    """The format of the rows."""
    on_error: OnError
    """`abort`: one bad row fails the import. `skip`: only the good rows are added."""
    name: str | None
    """The file's name, if it was sent."""
    state: ImportStage
    """How far the import is."""
    rows: int
    """Number of good rows."""
    bad: int
    """Number of bad rows."""
    bytes: int
    """Size of the file in bytes."""
    added: int
    """Number of examples added so far."""
    duplicates: int
    """Number of good rows that were already in the dataset or earlier in the file."""
    failure: ImportFailure | None
    """Why nothing was added; null unless the import failed or is being taken back."""
    created_at: datetime
    """When the upload began."""
    created_by: str
    """Who started the import."""
    updated_at: datetime
    """When the import last changed."""


class ImportPage(Page[Import], frozen=True, kw_only=True):
    """One page of imports, the newest first."""


class RowErrorPage(Page[RowError], frozen=True, kw_only=True):
    """One page of the rows that were not taken, by line. The first 10,000 of an import are kept."""


BODY = RequestBody(
    required=True,
    description="The file as it is, streamed; not a form.",
    content={
        media_type: OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
        for media_type in ("application/x-ndjson", "application/json", "text/csv", "application/octet-stream")
    },
)


Place = Annotated[int, msgspec.Meta(ge=0, le=MAX_ERRORS)]


@dataclass
class FileOperation(OpenAPIOperation):
    """The route reads its body itself, so the document is told of it here."""

    def __post_init__(self) -> None:
        self.request_body = BODY


@post(
    "/datasets/{dataset_id:uuid}/imports",
    operation_id="import_examples",
    operation_class=FileOperation,
    summary="Import a file",
    description="Answers when the whole file was received and checked; the examples are added in the background. "
    "With on_error=abort one bad row means that nothing is added; with skip the good rows are.",
    guards=[require_scope("datasets:write")],
    status_code=202,
    request_max_body_size=None,
    opt={"streamed_body": True},
    tags=["imports"],
)
async def import_examples(
    dataset_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    settings: NamedDependency[Settings],
    format_: Annotated[Format, QueryParameter(name="format", description="The shape of the rows.")] = "openai-chat",
    on_error: Annotated[OnError, QueryParameter(description="What one bad row means.")] = "abort",
    on_invalid: Annotated[
        Literal["refuse", "mark"], QueryParameter(description="An output that fails its schema: bad, or only marked.")
    ] = "refuse",
    split: Annotated[
        Split | None, QueryParameter(description="For rows that name none. Default: the policy's.")
    ] = None,
    name: Annotated[str | None, QueryParameter(max_length=500, pattern=NO_NUL, description="The file's name.")] = None,
) -> Response[Operation]:
    refuse_forms(request)
    terms = ImportOptions(format=format_, on_error=on_error, on_invalid=on_invalid, split=split, name=name)
    import_id = await receive(
        ledger, caller, dataset_id, request.stream(), terms=terms, limit=settings.import_body_limit
    )
    return to_response(respond_accepted(await operations.get_operation(ledger.engine, caller.workspace_id, import_id)))


@get(
    "/datasets/{dataset_id:uuid}/imports",
    operation_id="list_imports",
    summary="List the imports of a dataset",
    guards=[require_scope("datasets:read")],
    tags=["imports"],
)
async def list_imports(
    dataset_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ImportPage:
    await ledger.get(DATASET, caller.workspace_id, dataset_id)
    before = decode_cursor(cursor, tuple[UUID])
    ids = await imports_views.list_imports(
        ledger.engine, caller.workspace_id, dataset_id, before=before[0] if before else None, limit=limit + 1
    )
    found = page(ImportPage, ids, limit, key=lambda id_: id_)
    rows = [_shown(await ledger.get(IMPORT, caller.workspace_id, id_)) for id_ in ids[:limit]]
    return msgspec.structs.replace(found, data=rows)


@get(
    "/imports/{import_id:uuid}",
    operation_id="get_import",
    summary="Read an import",
    guards=[require_scope("datasets:read")],
    tags=["imports"],
)
async def get_import(
    import_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Import]:
    stored = await ledger.get(IMPORT, caller.workspace_id, import_id)
    return build_response(_shown(stored), version=stored.version)


@get(
    "/imports/{import_id:uuid}/errors",
    operation_id="list_import_errors",
    summary="List the rows that were not taken",
    guards=[require_scope("datasets:read")],
    tags=["imports"],
)
async def list_import_errors(
    import_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> RowErrorPage:
    stored = await ledger.get(IMPORT, caller.workspace_id, import_id)
    after = decode_cursor(cursor, tuple[Place])
    start = after[0] if after else 0
    wanted = range(start, start + limit + 1)
    found = await errors_of(ledger, caller.workspace_id, stored, wanted)
    return page(RowErrorPage, found, limit, key=lambda _: start + limit)


def refuse_forms(request: Request[Any, Any, Any]) -> None:
    media_type, _ = request.content_type
    if media_type in ("multipart/form-data", "application/x-www-form-urlencoded"):
        raise UnsupportedMediaType("Send the file itself as the body, such as with curl --data-binary @file.")


async def errors_of(ledger: Ledger, workspace_id: UUID, import_: StreamState[State], wanted: range) -> list[RowError]:
    """The errors with these places in the list. They are kept in texts of ERRORS_A_TEXT each."""
    first, last = wanted.start // ERRORS_PER_TEXT, (wanted.stop - 1) // ERRORS_PER_TEXT
    wording = await queries.load_example_texts(ledger.engine, workspace_id, import_.id)
    texts = [wording.bodies.get(digest, b"[]") for digest in import_.state.errors[first : last + 1]]
    rows = [row for text in texts for row in msgspec.json.decode(text, type=list[RowError])]
    offset = first * ERRORS_PER_TEXT
    return rows[wanted.start - offset : wanted.stop - offset]


def _shown(stored: StreamState[State]) -> Import:
    state = stored.state
    failure = state.failure
    fields = {name: getattr(state, name) for name in Import.__struct_fields__ if hasattr(state, name)}
    fields["failure"] = ImportFailure(code=failure.code, detail=failure.detail, line=failure.line) if failure else None
    return Import(
        id=stored.id,
        created_at=stored.created_at,
        created_by=stored.created_by,
        updated_at=stored.updated_at,
        **fields,
    )


router = Router(path="/", route_handlers=[import_examples, list_imports, get_import, list_import_errors])
