"""Routes of prompt versions: add, list, read, compare."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.access.domain import KeyHolder
from service.http.bodies import CARRIES_TEXTS, JSON
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import IfMatch, StoredResponse, build_response, encode_response, parse_if_match, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.prompts import domain as prompts
from service.prompts import queries
from service.prompts.commands import build_version, check_may_draw
from service.prompts.domain import PROMPT
from service.prompts.schemas import (
    NewPromptVersion,
    Number,
    PromptDiff,
    PromptVersion,
    PromptVersionPage,
    version_from_event,
    version_from_row,
)
from service.prompts.versions import version_diff
from service.prompts.versions.definitions import PromptTexts

VersionToCompare = Annotated[int, QueryParameter(ge=1, lt=2**31)]


@post(
    "/prompts/{prompt_id:uuid}/versions",
    operation_id="add_prompt_version",
    opt=CARRIES_TEXTS,
    summary="Add a version",
    guards=[require_scope("prompts:write")],
    tags=["prompts"],
)
async def add_prompt_version(
    prompt_id: FromPath[UUID],
    data: JSON[NewPromptVersion],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    holder: NamedDependency[KeyHolder],
    if_match: IfMatch = None,
) -> Response[PromptVersion]:
    """Add a version with the next number. The same content as the latest returns that one. The ETag is the prompt's."""
    check_may_draw(holder.scopes, data)
    wording = await queries.load_subject_texts(ledger.engine, caller.workspace_id, prompt_id)
    before = await ledger.get(PROMPT, caller.workspace_id, prompt_id)
    new = await build_version(ledger, caller.workspace_id, before.state, data, wording)
    added = await ledger.change(
        PROMPT,
        prompt_id,
        lambda present: prompts.add_version(present, new),
        caller=caller,
        expected=parse_if_match(if_match),
        attachments=wording.attachments,
        respond=lambda stored: _added_answer(stored, data.texts),
    )
    if added.version == before.version:
        return await _answer_with_latest(ledger, caller, added)
    return to_response(_added_answer(added, data.texts), PromptVersion)


@get(
    "/prompts/{prompt_id:uuid}/versions",
    operation_id="list_prompt_versions",
    summary="List a prompt's versions",
    guards=[require_scope("prompts:read")],
    tags=["prompts"],
)
async def list_prompt_versions(
    prompt_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PromptVersionPage:
    await ledger.get(PROMPT, caller.workspace_id, prompt_id)
    before = decode_cursor(cursor, tuple[int])
    rows = await queries.list_versions(
        ledger.engine, caller.workspace_id, prompt_id, before=before[0] if before else None, limit=limit + 1
    )
    versions = page(PromptVersionPage, rows, limit, key=lambda row: row.number)
    return msgspec.structs.replace(versions, data=[version_from_row(row) for row in rows[:limit]])


@get(
    "/prompts/{prompt_id:uuid}/versions/{number:int}",
    operation_id="get_prompt_version",
    summary="Read a version",
    guards=[require_scope("prompts:read")],
    tags=["prompts"],
)
async def get_prompt_version(
    prompt_id: FromPath[UUID], number: Number, caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[PromptVersion]:
    return build_response(
        version_from_row(await queries.get_version(ledger.engine, caller.workspace_id, prompt_id, number))
    )


@get(
    "/prompts/{prompt_id:uuid}/diff",
    operation_id="compare_prompt_versions",
    summary="Compare two versions",
    guards=[require_scope("prompts:read")],
    tags=["prompts"],
)
async def compare_prompt_versions(
    prompt_id: FromPath[UUID],
    before: VersionToCompare,
    after: VersionToCompare,
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> PromptDiff:
    sides = [
        version_from_row(await queries.get_version(ledger.engine, caller.workspace_id, prompt_id, number))
        for number in (before, after)
    ]
    text = version_diff.build_unified_diff(sides[0], sides[1])
    return PromptDiff(
        prompt_id=prompt_id,
        before=before,
        after=after,
        fields=version_diff.find_changed_fields(sides[0], sides[1]),
        text=text,
    )


def _added_answer(stored: StreamState[prompts.PromptState], texts: PromptTexts) -> StoredResponse:
    """The latest version, right after the change that added it."""
    event = stored.state.versions[stored.state.latest or 0]
    version = version_from_event(stored.id, event, texts, at=stored.updated_at, by=stored.updated_by)
    return encode_response(version, status=201, version=stored.version, location=_location(stored))


async def _answer_with_latest(
    ledger: Ledger, caller: Caller, stored: StreamState[prompts.PromptState]
) -> Response[PromptVersion]:
    row = await queries.get_version(ledger.engine, caller.workspace_id, stored.id, stored.state.latest or 0)
    return build_response(version_from_row(row), status=201, version=stored.version, location=_location(stored))


def _location(stored: StreamState[prompts.PromptState]) -> str:
    return f"/v1/prompts/{stored.id}/versions/{stored.state.latest}"


router = Router(
    path="/",
    route_handlers=[add_prompt_version, list_prompt_versions, get_prompt_version, compare_prompt_versions],
)
