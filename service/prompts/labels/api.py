"""Routes of labels: move a label, list its moves."""

from uuid import UUID

import msgspec
from litestar import Response, Router, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.http.bodies import JSON
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import IfMatch, build_response, parse_if_match
from service.ledger.store import Caller, Ledger
from service.prompts import queries
from service.prompts.domain import PROMPT
from service.prompts.labels import domain as labels
from service.prompts.schemas import (
    LabelName,
    MovePromptLabel,
    Prompt,
    PromptLabelMovePage,
    move_from_row,
    prompt_from_state,
)


@put(
    "/prompts/{prompt_id:uuid}/labels/{label:str}",
    operation_id="move_prompt_label",
    summary="Move a label to a version, or to several by weight",
    guards=[require_scope("prompts:write")],
    tags=["prompts"],
)
async def move_prompt_label(
    prompt_id: FromPath[UUID],
    label: LabelName,
    data: JSON[MovePromptLabel],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Prompt]:
    """A new label is created. The response is the prompt."""
    weights = labels.parse_weights(data.version, data.weights)
    moved = await ledger.change(
        PROMPT,
        prompt_id,
        lambda prompt: labels.move_label(
            prompt, label, weights=weights, is_one_version=data.version is not None, reason=data.reason
        ),
        caller=caller,
        expected=parse_if_match(if_match),
    )
    return build_response(prompt_from_state(moved), version=moved.version)


@get(
    "/prompts/{prompt_id:uuid}/labels/{label:str}/history",
    operation_id="list_prompt_label_moves",
    summary="List a label's moves",
    guards=[require_scope("prompts:read")],
    tags=["prompts"],
)
async def list_prompt_label_moves(
    prompt_id: FromPath[UUID],
    label: LabelName,
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PromptLabelMovePage:
    before = decode_cursor(cursor, tuple[int])
    rows = await queries.list_moves(
        ledger.engine, caller.workspace_id, prompt_id, label, before=before[0] if before else None, limit=limit + 1
    )
    moves = page(PromptLabelMovePage, rows, limit, key=lambda row: row.seq)
    return msgspec.structs.replace(moves, data=[move_from_row(row) for row in rows[:limit]])


router = Router(path="/", route_handlers=[move_prompt_label, list_prompt_label_moves])
