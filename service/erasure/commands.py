"""Order an erasure, or see what it would erase. The worker carries it out."""

from uuid import UUID

from service.database.engine import new_id
from service.datasets.domain import DATASET
from service.datasets.examples.domain import EXAMPLE
from service.erasure.criteria import Criteria, find_everything
from service.erasure.domain import ERASURE, ErasureRequested, ErasureState, Scope
from service.erasure.schemas import Erase, build_erasure, build_preview
from service.erasure.targets.holders import find_holders
from service.http.as_of import resolve_as_of
from service.http.responses import StoredResponse, encode_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.ledger.texts import SubjectTexts


async def erase(
    ledger: Ledger,
    caller: Caller,
    scope: Scope,
    data: Erase,
    *,
    example_id: UUID | None = None,
    dataset_id: UUID | None = None,
    criteria: Criteria | None = None,
) -> StoredResponse:
    """Order the erasure, or say what it would erase. Raises Invalid when not confirmed, NotFound."""
    data.check_confirmed()
    if example_id is not None:
        await ledger.get(EXAMPLE, caller.workspace_id, example_id)
    if dataset_id is not None:
        await ledger.get(DATASET, caller.workspace_id, dataset_id)
    texts = SubjectTexts(new_id())
    order = ErasureRequested(
        scope=scope,
        reason=data.reason,
        moment=await resolve_as_of(ledger.engine, caller.workspace_id, None),
        example_id=example_id,
        dataset_id=dataset_id,
        asked_in=caller.request_id,
        delete_models=data.delete_models,
        criteria=texts.add_json(criteria) if criteria and not data.dry_run else None,
    )
    if data.dry_run:
        return await _preview(ledger, caller.workspace_id, order, criteria or Criteria())

    def respond(stored: StreamState[ErasureState]) -> StoredResponse:
        location = f"/v1/erasures/{stored.id}"
        return encode_response(build_erasure(stored), status=202, version=stored.version, location=location)

    stored = await ledger.change(
        ERASURE, texts.subject, lambda _: [order], caller=caller, attachments=texts.attachments, respond=respond
    )
    return respond(stored)


async def _preview(ledger: Ledger, workspace_id: UUID, order: ErasureRequested, criteria: Criteria) -> StoredResponse:
    targets = await find_everything(ledger.engine, workspace_id, order, criteria)
    holders = await find_holders(ledger.engine, workspace_id, targets.examples)
    return encode_response(build_preview(targets, holders), status=202)
