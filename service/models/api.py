"""Models over HTTP: create, list, read and change them."""

from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import msgspec
from litestar import Response, Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from service.access.auth import require_scope
from service.database.engine import new_id
from service.http.archive import ARCHIVED, ArchiveChange, ArchivedItems
from service.http.as_of import AsOf, get_as_of
from service.http.bodies import JSON
from service.http.history_pages import HistoryPage, history
from service.http.pagination import Cursor, Limit, Named, decode_cursor, page
from service.http.responses import IfMatch, StoredResponse, build_response, encode_response, parse_if_match, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.models import domain, queries
from service.models.domain import MODEL, ModelState
from service.models.queries import ModelFilter
from service.models.schemas import (
    Model,
    ModelPage,
    ModelPatch,
    NewModel,
    build_history_fields,
    build_model,
    build_model_from_row,
)
from service.tasks.commands import check_task


@post(
    "/models",
    operation_id="create_model",
    summary="Create a model",
    guards=[require_scope("models:write")],
    tags=["models"],
)
async def create_model(
    data: JSON[NewModel], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Model]:
    """A tune that names a model which does not exist yet also creates it, when it succeeds."""
    await check_task(ledger, caller.workspace_id, data.task_id)
    stored = await ledger.change(
        MODEL,
        new_id(),
        lambda _: domain.create(name=data.name, description=data.description, task_id=data.task_id),
        caller=caller,
        respond=_build_response,
    )
    return to_response(_build_response(stored), Model)


@get(
    "/models", operation_id="list_models", summary="List models", guards=[require_scope("models:read")], tags=["models"]
)
async def list_models(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    name: Named = None,
    task_id: FromQuery[UUID | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    archived: ArchivedItems = "false",
) -> ModelPage:
    after = decode_cursor(cursor, tuple[UUID])
    model_filter = ModelFilter(name=name, task_id=task_id)
    rows = await queries.list_models(
        ledger.engine,
        caller.workspace_id,
        model_filter,
        archived=ARCHIVED[archived],
        after=after[0] if after else None,
        limit=limit + 1,
    )
    return page(ModelPage, [build_model_from_row(row) for row in rows], limit, key=lambda model: model.id)


@get(
    "/models/{model_id:uuid}",
    operation_id="get_model",
    summary="Get a model",
    guards=[require_scope("models:read")],
    tags=["models"],
)
async def get_model(
    model_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], as_of: AsOf = None
) -> Response[Model]:
    stored = await get_as_of(ledger, MODEL, caller.workspace_id, model_id, as_of=as_of)
    return build_response(build_model(stored), version=stored.version)


@patch(
    "/models/{model_id:uuid}",
    operation_id="update_model",
    summary="Rename or describe a model",
    guards=[require_scope("models:write")],
    tags=["models"],
)
async def update_model(
    model_id: FromPath[UUID],
    data: JSON[ModelPatch],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Model]:
    changes = {name: value for name in domain.EDITABLE if (value := getattr(data, name)) is not msgspec.UNSET}
    await check_task(ledger, caller.workspace_id, changes.get("task_id"))
    stored = await ledger.change(
        MODEL,
        model_id,
        lambda model: domain.edit(model, changes, reason=data.reason),
        caller=caller,
        expected=parse_if_match(if_match),
    )
    return build_response(build_model(stored), version=stored.version)


@post(
    "/models/{model_id:uuid}/archive",
    operation_id="archive_model",
    summary="Archive a model",
    description="It leaves the lists and takes no changes (409 `archived`): no edits, versions, notes, gate or "
    "alias moves. Calls in production, runs and evaluations that name it go on, its history stays, and its name "
    "is free for another.",
    guards=[require_scope("models:write")],
    status_code=200,
    tags=["models"],
)
async def archive_model(
    model_id: FromPath[UUID],
    data: JSON[ArchiveChange],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Model]:
    decide = partial(domain.archive, at=datetime.now(UTC), reason=data.reason)
    stored = await ledger.change(MODEL, model_id, decide, caller=caller)
    return build_response(build_model(stored), version=stored.version)


@post(
    "/models/{model_id:uuid}/unarchive",
    operation_id="unarchive_model",
    summary="Bring an archived model back",
    description="Refused (409) while another model has its name.",
    guards=[require_scope("models:write")],
    status_code=200,
    tags=["models"],
)
async def unarchive_model(
    model_id: FromPath[UUID],
    data: JSON[ArchiveChange],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Model]:
    stored = await ledger.change(MODEL, model_id, partial(domain.unarchive, reason=data.reason), caller=caller)
    return build_response(build_model(stored), version=stored.version)


@get(
    "/models/{model_id:uuid}/history",
    operation_id="list_model_history",
    summary="List a model's history",
    guards=[require_scope("models:read")],
    tags=["models"],
)
async def list_model_history(
    model_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> HistoryPage:
    """Registered versions, notes, gates and alias moves, each with who did it and why."""
    return await history(
        ledger.engine, MODEL, caller.workspace_id, model_id, limit=limit, cursor=cursor, shown=build_history_fields
    )


def _build_response(stored: StreamState[ModelState]) -> StoredResponse:
    return encode_response(build_model(stored), status=201, version=stored.version, location=f"/v1/models/{stored.id}")


router = Router(
    path="/",
    route_handlers=[
        create_model,
        list_models,
        get_model,
        update_model,
        archive_model,
        unarchive_model,
        list_model_history,
    ],
)
