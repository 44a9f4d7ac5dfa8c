"""Routes of candidates: read, propose, accept, reject."""

from functools import partial
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.database.page_bytes import is_cut
from service.generation import queries
from service.generation.candidates import commands
from service.generation.candidates.domain import CANDIDATE, CandidateStatus, derive_example_id
from service.generation.candidates.schemas import (
    AcceptCandidates,
    Candidate,
    CandidateDecisions,
    CandidateIds,
    CandidatePage,
    FromPredictions,
    NewCandidates,
    RejectCandidates,
    candidate_from_row,
    history_fields,
)
from service.generation.domain import GENERATION
from service.generation.queries import CandidateFilter
from service.http.bodies import CARRIES_TEXTS, JSON
from service.http.history_pages import HistoryPage, history
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.ledger.store import Caller, Ledger
from service.ledger.texts import load_texts

# Under another name in the signature: Litestar keeps `state` for itself.
InState = Annotated[CandidateStatus | None, QueryParameter(name="state", description="Only candidates in this state.")]
OfRun = Annotated[UUID | None, QueryParameter(description="Only candidates of this run.")]
OfTopic = Annotated[UUID | None, QueryParameter(description="Only candidates about this topic.")]
OfDocument = Annotated[UUID | None, QueryParameter(description="Only candidates from this document.")]
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


@get(
    "/generations/{generation_id:uuid}/candidates",
    operation_id="list_candidates",
    summary="List candidates",
    guards=[require_scope("generations:read")],
    tags=["generation"],
)
async def list_candidates(
    generation_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    in_state: InState = None,
    run_id: OfRun = None,
    topic_id: OfTopic = None,
    document_id: OfDocument = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> CandidatePage:
    await ledger.get(GENERATION, caller.workspace_id, generation_id)
    after = decode_cursor(cursor, tuple[Seq])
    rows = await queries.list_candidates(
        ledger.engine,
        caller.workspace_id,
        generation_id,
        state=in_state,
        matching=CandidateFilter(run_id=run_id, topic_id=topic_id, document_id=document_id),
        after=after[0] if after else None,
        limit=limit + 1,
    )
    candidates = page(CandidatePage, rows, limit, key=lambda row: row.seq, is_cut=is_cut(rows))
    return msgspec.structs.replace(candidates, data=[candidate_from_row(row) for row in rows[:limit]])


@get(
    "/candidates/{candidate_id:uuid}",
    operation_id="get_candidate",
    summary="Read a candidate",
    guards=[require_scope("generations:read")],
    tags=["generation"],
)
async def get_candidate(
    candidate_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Candidate:
    return candidate_from_row(await queries.get_candidate(ledger.engine, caller.workspace_id, candidate_id))


@get(
    "/candidates/{candidate_id:uuid}/history",
    operation_id="list_candidate_history",
    summary="List a candidate's history",
    guards=[require_scope("generations:read")],
    tags=["generation"],
)
async def list_candidate_history(
    candidate_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> HistoryPage:
    subject = derive_example_id(candidate_id)
    bodies = (await load_texts(ledger.engine, caller.workspace_id, [subject]))[subject].bodies
    fields = partial(history_fields, texts=bodies)
    return await history(
        ledger.engine, CANDIDATE, caller.workspace_id, candidate_id, limit=limit, cursor=cursor, shown=fields
    )


@post(
    "/generations/{generation_id:uuid}/candidates",
    operation_id="send_candidates",
    opt=CARRIES_TEXTS,
    summary="Add candidates from another program",
    guards=[require_scope("generations:write")],
    tags=["generation"],
)
async def send_candidates(
    generation_id: FromPath[UUID],
    data: JSON[NewCandidates],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> CandidateIds:
    return await commands.send_candidates(ledger, caller, generation_id, data.candidates)


@post(
    "/generations/{generation_id:uuid}/from-predictions",
    operation_id="propose_predictions",
    summary="Add a prompt's predictions as candidates",
    guards=[require_scope("generations:write")],
    status_code=200,
    tags=["generation"],
)
async def propose_predictions(
    generation_id: FromPath[UUID],
    data: JSON[FromPredictions],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> CandidateIds:
    """Each of a run's first 10,000 predictions becomes a candidate, once."""
    return await commands.propose_predictions(ledger, caller, generation_id, data.run_id)


@post(
    "/generations/{generation_id:uuid}/accept",
    operation_id="accept_candidates",
    opt=CARRIES_TEXTS,
    summary="Accept candidates",
    guards=[require_scope("generations:write")],
    status_code=200,
    tags=["generation"],
)
async def accept_candidates(
    generation_id: FromPath[UUID],
    data: JSON[AcceptCandidates],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> CandidateDecisions:
    """Each candidate becomes an example, once. One that was already rejected is `refused`; 409 if all are."""
    return await commands.accept_candidates(ledger, caller, generation_id, data)


@post(
    "/generations/{generation_id:uuid}/reject",
    operation_id="reject_candidates",
    summary="Reject candidates",
    guards=[require_scope("generations:write")],
    status_code=200,
    tags=["generation"],
)
async def reject_candidates(
    generation_id: FromPath[UUID],
    data: JSON[RejectCandidates],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> CandidateDecisions:
    """A candidate that was already accepted is `refused`; 409 if all are."""
    return await commands.reject_candidates(ledger, caller, generation_id, data)


router = Router(
    path="/",
    route_handlers=[
        list_candidates,
        get_candidate,
        list_candidate_history,
        send_candidates,
        propose_predictions,
        accept_candidates,
        reject_candidates,
    ],
)
