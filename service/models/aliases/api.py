"""Aliases over HTTP: which version is in production, since when and why, and the way back."""

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
from service.models import domain as models
from service.models import queries
from service.models.aliases import commands as alias_commands
from service.models.aliases import domain as aliases
from service.models.aliases.commands import AliasChange
from service.models.domain import MODEL
from service.models.gates.gate_facts import GateFacts
from service.models.schemas import (
    AliasMovePage,
    Model,
    MoveAlias,
    RollBack,
    RolledBackModel,
    build_rolled_back_model,
    from_stored,
    move_from_row,
)

AliasName = Annotated[
    str, PathParameter(max_length=63, pattern=r"^[a-z][a-z0-9_-]*$", description="Such as production.")
]


@put(
    "/models/{model_id:uuid}/aliases/{alias:str}",
    operation_id="move_model_alias",
    summary="Let an alias stand at a version",
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
    gate_facts: NamedDependency[GateFacts],
    if_match: IfMatch = None,
) -> Response[Model]:
    """It is made when it is not there yet. Answers with the model.

    What the model's gate protects moves only to a version that passes: else 409 `gate_refused`, which names each number
    that fell short.
    """
    change = AliasChange(
        alias=alias,
        version=data.version,
        reason=data.reason,
        override=data.override,
        may_override=is_allowed(holder.scopes, "models:override"),
    )
    moved = await alias_commands.move(
        ledger, caller, model_id, change, gather=gate_facts, expected=parse_if_match(if_match)
    )
    return build_response(from_stored(moved), version=moved.version)


@post(
    "/models/{model_id:uuid}/rollback",
    operation_id="roll_back_model",
    summary="Bring an alias back to where it stood before",
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
    """Rolling back again goes further back. Answers with the model, and with what was returned to and why.

    No gate is asked. A protected alias needs a reason.
    """
    moved = await ledger.change(
        MODEL,
        model_id,
        lambda model: aliases.roll_back(model, data.alias, to=data.to, reason=data.reason),
        caller=caller,
        expected=parse_if_match(if_match),
        respond=_build_answer,
    )
    return to_response(_build_answer(moved), RolledBackModel)


@get(
    "/models/{model_id:uuid}/aliases/{alias:str}/history",
    operation_id="list_model_alias_moves",
    summary="Read where an alias stood, when and why",
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
    found = page(AliasMovePage, rows, limit, key=lambda row: row.seq)
    return msgspec.structs.replace(found, data=[move_from_row(row) for row in rows[:limit]])


def _build_answer(stored: StreamState[models.ModelState]) -> StoredResponse:
    return encode_response(build_rolled_back_model(stored), version=stored.version)


router = Router(path="/", route_handlers=[move_model_alias, roll_back_model, list_model_alias_moves])
