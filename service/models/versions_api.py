"""Versions of a model over HTTP: list, read, note, and register what was not registered by itself."""

from uuid import UUID

import msgspec
from litestar import Response, Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.http.bodies import JSON
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import IfMatch, StoredResponse, build_response, encode_response, parse_if_match, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.models import domain as models
from service.models import queries
from service.models.commands import build_origin, register
from service.models.domain import MODEL
from service.models.schemas import (
    ModelVersion,
    ModelVersionPage,
    ModelVersionPatch,
    NewModelVersion,
    VersionOrAlias,
    build_registered_version,
    version_from_row,
)


@post(
    "/models/{model_id:uuid}/versions",
    operation_id="register_model_version",
    summary="Register a version by hand",
    guards=[require_scope("models:write")],
    tags=["models"],
)
async def register_model_version(
    model_id: FromPath[UUID],
    data: JSON[NewModelVersion],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[ModelVersion]:
    """A tune that names a model registers itself; this is for one that named none, or was run elsewhere."""
    await ledger.get(MODEL, caller.workspace_id, model_id)
    made = await build_origin(ledger, caller.workspace_id, data)
    registered = await register(ledger, caller, model_id, made, bump=data.bump, once=True, respond=_registered)
    return to_response(_registered(registered), ModelVersion)


@get(
    "/models/{model_id:uuid}/versions",
    operation_id="list_model_versions",
    summary="List a model's versions",
    guards=[require_scope("models:read")],
    tags=["models"],
)
async def list_model_versions(
    model_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ModelVersionPage:
    await ledger.get(MODEL, caller.workspace_id, model_id)
    before = decode_cursor(cursor, tuple[int])
    rows = await queries.list_versions(
        ledger.engine, caller.workspace_id, model_id, before=before[0] if before else None, limit=limit + 1
    )
    found = page(ModelVersionPage, rows, limit, key=lambda row: row.number)
    return msgspec.structs.replace(found, data=[version_from_row(row) for row in rows[:limit]])


@get(
    "/models/{model_id:uuid}/versions/{version:str}",
    operation_id="get_model_version",
    summary="Read a version, by its name or by an alias",
    guards=[require_scope("models:read")],
    tags=["models"],
)
async def get_model_version(
    model_id: FromPath[UUID],
    version: VersionOrAlias,
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[ModelVersion]:
    row = await queries.get_version(ledger.engine, caller.workspace_id, model_id, version)
    return build_response(version_from_row(row), version=row.etag)


@patch(
    "/models/{model_id:uuid}/versions/{version:str}",
    operation_id="update_model_version",
    summary="Write a version's notes",
    guards=[require_scope("models:write")],
    tags=["models"],
)
async def update_model_version(
    model_id: FromPath[UUID],
    version: VersionOrAlias,
    data: JSON[ModelVersionPatch],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[ModelVersion]:
    """All else of a version stays as it was registered. The ETag is the model's."""
    noted = await ledger.change(
        MODEL,
        model_id,
        lambda model: models.note(model, version, notes=data.notes, reason=data.reason),
        caller=caller,
        expected=parse_if_match(if_match),
    )
    name = models.get_version(noted.state, version).model_version
    row = await queries.get_version(ledger.engine, caller.workspace_id, model_id, name)
    return build_response(version_from_row(row), version=noted.version)


def _registered(stored: StreamState[models.ModelState]) -> StoredResponse:
    location = f"/v1/models/{stored.id}/versions/{stored.state.latest}"
    return encode_response(build_registered_version(stored), status=201, version=stored.version, location=location)


router = Router(
    path="/",
    route_handlers=[register_model_version, list_model_versions, get_model_version, update_model_version],
)
