"""Aliases over HTTP: move them, roll them back, and list their moves."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, PathParameter

from service.access.auth import require_scope
from service.access.domain import KeyHolder, is_allowed
from service.http.bodies import JSON
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import IfMatch, StoredResponse, build_response, encode_response, parse_if_match, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.models import queries
from service.models.aliases import domain
from service.models.aliases.commands import AliasChange, move_alias
from service.models.domain import MODEL, ModelState
from service.models.gates.gate_facts import GateFactsLoader
from service.models.schemas import (
    AliasMovePage,
    Model,
    MoveAlias,
    RollBack,
    RolledBackModel,
    build_alias_move,
    build_model,
    build_rolled_back_model,
)

AliasName = Annotated[
    str, PathParameter(max_length=63, pattern=r"^[a-z][a-z0-9_-]*$", description="Such as production.")
]


@put(
    "/models/{model_id:uuid}/aliases/{alias:str}",
    operation_id="move_model_alias",
    summary="Move an alias to a version",
    guards=[require_scope("models:write")],
    tags=["models"],
)
async def move_model_alias(
    model_id: FromPath[UUID],
    alias: AliasName,
    data: JSON[MoveAlias],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
    gate_facts: NamedDependency[GateFactsLoader],
    if_match: IfMatch = None,
) -> Response[Model]:
    """Creates the alias if it does not exist yet. Returns the model.

    An alias that the model's gate protects moves only to a version that passes. Otherwise the answer is 409
    `gate_refused`, with each failed check.
    """
    change = AliasChange(
        alias=alias,
        version=data.version,
        reason=data.reason,
        override=data.override,
        may_override=is_allowed(holder.scopes, "models:override"),
    )
    stored = await move_alias(
        ledger, caller, model_id, change, load_facts=gate_facts, expected=parse_if_match(if_match)
    )
    return build_response(build_model(stored), version=stored.version)


@post(
    "/models/{model_id:uuid}/rollback",
    operation_id="roll_back_model",
    summary="Roll an alias back to an earlier version",
    guards=[require_scope("models:write")],
    status_code=200,
    tags=["models"],
)
async def roll_back_model(
    model_id: FromPath[UUID],
    data: JSON[RollBack],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[RolledBackModel]:
    """Rolling back again goes further back. Returns the model and the rollback.

    The gate is not checked. A protected alias needs a reason.
    """
    stored = await ledger.change(
        MODEL,
        model_id,
        lambda model: domain.roll_back(model, data.alias, to=data.to, reason=data.reason),
        caller=caller,
        expected=parse_if_match(if_match),
        respond=_build_response,
    )
    return to_response(_build_response(stored), RolledBackModel)


@get(
    "/models/{model_id:uuid}/aliases/{alias:str}/history",
    operation_id="list_model_alias_moves",
    summary="List an alias's moves",
    guards=[require_scope("models:read")],
    tags=["models"],
)
async def list_model_alias_moves(
    model_id: FromPath[UUID],
    alias: AliasName,
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AliasMovePage:
    before = decode_cursor(cursor, tuple[int])
    rows = await queries.list_moves(
        ledger.engine, caller.workspace_id, model_id, alias, before=before[0] if before else None, limit=limit + 1
    )
    row_page = page(AliasMovePage, rows, limit, key=lambda row: row.seq)
    return msgspec.structs.replace(row_page, data=[build_alias_move(row) for row in rows[:limit]])


def _build_response(stored: StreamState[ModelState]) -> StoredResponse:
    return encode_response(build_rolled_back_model(stored), version=stored.version)


router = Router(path="/", route_handlers=[move_model_alias, roll_back_model, list_model_alias_moves])
