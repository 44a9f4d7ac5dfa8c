"""Model versions over HTTP: register, list and read them, and edit their notes."""

from uuid import UUID

import msgspec
from litestar import Response, Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.http.bodies import CARRIES_TEXTS, JSON
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import IfMatch, StoredResponse, build_response, encode_response, parse_if_match, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.models import domain, queries
from service.models.commands import build_origin, register_version
from service.models.domain import MODEL, ModelState
from service.models.schemas import (
    ModelVersion,
    ModelVersionPage,
    ModelVersionPatch,
    NewModelVersion,
    VersionOrAlias,
    build_model_version,
    build_registered_version,
)


@post(
    "/models/{model_id:uuid}/versions",
    operation_id="register_model_version",
    opt=CARRIES_TEXTS,
    summary="Register a model version",
    guards=[require_scope("models:write")],
    tags=["models"],
)
async def register_model_version(
    model_id: FromPath[UUID],
    data: JSON[NewModelVersion],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[ModelVersion]:
    """A tune that names a model is registered automatically. Use this for other tunes and models trained elsewhere."""
    await ledger.get(MODEL, caller.workspace_id, model_id)
    origin = await build_origin(ledger, caller.workspace_id, data)
    stored = await register_version(
        ledger, caller, model_id, origin, bump=data.bump, once=True, respond=_build_response
    )
    return to_response(_build_response(stored), ModelVersion)


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
    row_page = page(ModelVersionPage, rows, limit, key=lambda row: row.number)
    return msgspec.structs.replace(row_page, data=[build_model_version(row) for row in rows[:limit]])


@get(
    "/models/{model_id:uuid}/versions/{version:str}",
    operation_id="get_model_version",
    summary="Get a model version, by its name or by an alias",
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
    return build_response(build_model_version(row), version=row.etag)


@patch(
    "/models/{model_id:uuid}/versions/{version:str}",
    operation_id="update_model_version",
    opt=CARRIES_TEXTS,
    summary="Update a version's notes",
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
    """Only the notes of a version can change. The `ETag` is the model's."""
    stored = await ledger.change(
        MODEL,
        model_id,
        lambda model: domain.note(model, version, notes=data.notes, reason=data.reason),
        caller=caller,
        expected=parse_if_match(if_match),
    )
    name = domain.get_version(stored.state, version).model_version
    row = await queries.get_version(ledger.engine, caller.workspace_id, model_id, name)
    return build_response(build_model_version(row), version=stored.version)


def _build_response(stored: StreamState[ModelState]) -> StoredResponse:
    location = f"/v1/models/{stored.id}/versions/{stored.state.latest}"
    return encode_response(build_registered_version(stored), status=201, version=stored.version, location=location)


router = Router(
    path="/",
    route_handlers=[register_model_version, list_model_versions, get_model_version, update_model_version],
)
