"""Feedback on logged requests, promotion to examples, and the trail from a request to its fix, over HTTP."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.datasets.examples.queries import load_example_texts
from service.errors import NotFound
from service.http.bodies import CARRIES_TEXTS, JSON
from service.http.history_pages import HistoryPage, history
from service.http.pagination import Cursor, Limit
from service.http.responses import IfMatch, build_response, parse_if_match
from service.ledger.store import Caller, Ledger
from service.monitoring.feedback import commands
from service.monitoring.feedback.promotion import promote
from service.monitoring.feedback.trail import Trail, build_trail
from service.monitoring.requests.domain import REQUEST, RequestState
from service.monitoring.requests.queries import get_request
from service.monitoring.requests.schemas import LoggedRequest, NewFeedback, PromoteRequests, Promotions


@post(
    "/requests/{request_id:uuid}/feedback",
    operation_id="give_feedback",
    opt=CARRIES_TEXTS,
    summary="Give feedback on a request",
    guards=[require_scope("requests:write")],
    status_code=200,
    tags=["production"],
)
async def give_feedback(
    request_id: FromPath[UUID],
    data: JSON[NewFeedback],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[LoggedRequest]:
    """Replaces earlier feedback, which stays in the history. The ETag counts the request's events."""
    version = await commands.give_feedback(ledger, caller, request_id, data, expected=parse_if_match(if_match))
    return build_response(await get_request(ledger.engine, caller.workspace_id, request_id), version=version)


@get(
    "/requests/{request_id:uuid}/history",
    operation_id="list_request_history",
    summary="List a request's history",
    guards=[require_scope("requests:read")],
    tags=["production"],
)
async def list_request_history(
    request_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> HistoryPage:
    """Feedback, promotions and erasure, each with who and when; empty without any."""
    texts = await load_example_texts(ledger.engine, caller.workspace_id, request_id)
    shown = partial(history_fields, texts=texts.bodies)
    try:
        return await history(
            ledger.engine, REQUEST, caller.workspace_id, request_id, limit=limit, cursor=cursor, shown=shown
        )
    except NotFound:
        await get_request(ledger.engine, caller.workspace_id, request_id)
        return HistoryPage(data=[], next_cursor=None)


@post(
    "/requests/promote",
    operation_id="promote_requests",
    summary="Promote requests to examples",
    guards=[require_scope("requests:write"), require_scope("datasets:write")],
    status_code=200,
    tags=["production"],
)
async def promote_requests(
    data: JSON[PromoteRequests], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Promotions:
    """Each request becomes one example per dataset. Promoting it again returns the same example."""
    return await promote(ledger, caller, data)


@get(
    "/requests/{request_id:uuid}/trail",
    operation_id="get_request_trail",
    summary="Trace a request to its fix",
    guards=[require_scope("requests:read"), require_scope("models:read")],
    tags=["production"],
)
async def get_request_trail(
    request_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Trail:
    """The request, its feedback, its example, the example's repair, the dataset versions with it, and their models."""
    return await build_trail(ledger, caller.workspace_id, request_id)


def history_fields(state: RequestState, texts: Mapping[str, bytes]) -> dict[str, Any]:
    """The fields that the history compares, with texts in place of digests; null for absent or erased texts."""
    feedback = state.feedback
    return {
        "stars": feedback.stars if feedback else None,
        "thumbs": feedback.thumbs if feedback else None,
        "comment": _text(texts, feedback.comment if feedback else None),
        "correction": _text(texts, feedback.correction if feedback else None),
        "examples": {str(dataset_id): str(example_id) for dataset_id, example_id in state.examples.items()},
        "erased": state.erased,
    }


def _text(texts: Mapping[str, bytes], digest: str | None) -> str | None:
    body = texts.get(digest or "")
    return None if body is None else body.decode()


router = Router(path="/", route_handlers=[give_feedback, list_request_history, promote_requests, get_request_trail])
