"""Routes of prompts: create, list, update."""

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
from service.http.bodies import CARRIES_TEXTS, JSON
from service.http.history_pages import HistoryPage, history
from service.http.pagination import Cursor, Limit, Named, decode_cursor, page
from service.http.responses import IfMatch, StoredResponse, build_response, encode_response, parse_if_match, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.prompts import domain as prompts
from service.prompts import queries
from service.prompts.domain import PROMPT
from service.prompts.schemas import (
    NewPrompt,
    Prompt,
    PromptPage,
    PromptPatch,
    history_fields,
    prompt_from_row,
    prompt_from_state,
)
from service.tasks.commands import check_task


@post(
    "/prompts",
    operation_id="create_prompt",
    opt=CARRIES_TEXTS,
    summary="Create a prompt",
    guards=[require_scope("prompts:write")],
    tags=["prompts"],
)
async def create_prompt(
    data: JSON[NewPrompt], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Prompt]:
    """Create a prompt without messages. Add them with a version."""
    await check_task(ledger, caller.workspace_id, data.task_id)
    created = await ledger.change(
        PROMPT,
        new_id(),
        lambda _: prompts.create(name=data.name, description=data.description, task_id=data.task_id),
        caller=caller,
        respond=_created_answer,
    )
    return to_response(_created_answer(created), Prompt)


@get(
    "/prompts",
    operation_id="list_prompts",
    summary="List prompts",
    guards=[require_scope("prompts:read")],
    tags=["prompts"],
)
async def list_prompts(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    name: Named = None,
    task_id: FromQuery[UUID | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    archived: ArchivedItems = "false",
) -> PromptPage:
    after = decode_cursor(cursor, tuple[UUID])
    rows = await queries.list_prompts(
        ledger.engine,
        caller.workspace_id,
        name=name,
        task_id=task_id,
        archived=ARCHIVED[archived],
        after=after[0] if after else None,
        limit=limit + 1,
    )
    return page(PromptPage, [prompt_from_row(row) for row in rows], limit, key=lambda prompt: prompt.id)


@get(
    "/prompts/{prompt_id:uuid}",
    operation_id="get_prompt",
    summary="Read a prompt",
    guards=[require_scope("prompts:read")],
    tags=["prompts"],
)
async def get_prompt(
    prompt_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], as_of: AsOf = None
) -> Response[Prompt]:
    stored = await get_as_of(ledger, PROMPT, caller.workspace_id, prompt_id, as_of=as_of)
    return build_response(prompt_from_state(stored), version=stored.version)


@patch(
    "/prompts/{prompt_id:uuid}",
    operation_id="update_prompt",
    summary="Update a prompt",
    guards=[require_scope("prompts:write")],
    tags=["prompts"],
)
async def update_prompt(
    prompt_id: FromPath[UUID],
    data: JSON[PromptPatch],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Prompt]:
    values = {name: getattr(data, name) for name in prompts.EDITABLE}
    changes = {name: value for name, value in values.items() if value is not msgspec.UNSET}
    await check_task(ledger, caller.workspace_id, changes.get("task_id"))
    changed = await ledger.change(
        PROMPT,
        prompt_id,
        lambda prompt: prompts.edit(prompt, changes, reason=data.reason),
        caller=caller,
        expected=parse_if_match(if_match),
    )
    return build_response(prompt_from_state(changed), version=changed.version)


@post(
    "/prompts/{prompt_id:uuid}/archive",
    operation_id="archive_prompt",
    summary="Archive a prompt",
    description="It leaves the lists and takes no new work (409 `archived`): no edits, versions, label moves or "
    "batch runs, and no generation can choose it. Rendering and single questions go on, for what calls it in "
    "production; its history stays, and its name is free for another.",
    guards=[require_scope("prompts:write")],
    status_code=200,
    tags=["prompts"],
)
async def archive_prompt(
    prompt_id: FromPath[UUID],
    data: JSON[ArchiveChange],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Prompt]:
    decide = partial(prompts.archive, at=datetime.now(UTC), reason=data.reason)
    stored = await ledger.change(PROMPT, prompt_id, decide, caller=caller)
    return build_response(prompt_from_state(stored), version=stored.version)


@post(
    "/prompts/{prompt_id:uuid}/unarchive",
    operation_id="unarchive_prompt",
    summary="Bring an archived prompt back",
    description="Refused (409) while another prompt has its name.",
    guards=[require_scope("prompts:write")],
    status_code=200,
    tags=["prompts"],
)
async def unarchive_prompt(
    prompt_id: FromPath[UUID],
    data: JSON[ArchiveChange],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Prompt]:
    stored = await ledger.change(PROMPT, prompt_id, partial(prompts.unarchive, reason=data.reason), caller=caller)
    return build_response(prompt_from_state(stored), version=stored.version)


@get(
    "/prompts/{prompt_id:uuid}/history",
    operation_id="list_prompt_history",
    summary="List a prompt's history",
    guards=[require_scope("prompts:read")],
    tags=["prompts"],
)
async def list_prompt_history(
    prompt_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> HistoryPage:
    """Edits, new versions and label moves, each with who and why. To see a version's messages, read the version."""
    return await history(
        ledger.engine, PROMPT, caller.workspace_id, prompt_id, limit=limit, cursor=cursor, shown=history_fields
    )


def _created_answer(stored: StreamState[prompts.PromptState]) -> StoredResponse:
    return encode_response(
        prompt_from_state(stored), status=201, version=stored.version, location=f"/v1/prompts/{stored.id}"
    )


router = Router(
    path="/",
    route_handlers=[
        create_prompt,
        list_prompts,
        get_prompt,
        update_prompt,
        archive_prompt,
        unarchive_prompt,
        list_prompt_history,
    ],
)
