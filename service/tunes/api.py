"""Routes for tunes and sweeps: create, list, cancel and retry. Workers talk to the providers."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.database.engine import new_id
from service.datasets.projection import load_version
from service.http.bodies import JSON, NO_NUL
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import (
    IfMatch,
    StoredResponse,
    build_response,
    encode_response,
    fill_recorded_at,
    parse_if_match,
    to_response,
)
from service.ledger.decider import PENDING, RecordedEvent, StreamState
from service.ledger.retry import retry_on_conflict
from service.ledger.store import Batch, Caller, Ledger, entries
from service.tunes import decisions, queries
from service.tunes.decisions import count_splits
from service.tunes.events import TUNE, TuneRequested, TuneState, TuneStatus
from service.tunes.preflight.estimator import Estimate, Estimator
from service.tunes.queries import TuneFilter
from service.tunes.schemas import (
    CancelTune,
    NewTunes,
    Sweep,
    Tune,
    TunePage,
    build_request,
    build_sweep,
    from_row,
    from_stored,
)
from service.tunes.submission.wandb_run import WandbRun

StateParameter = Annotated[TuneStatus | None, QueryParameter(name="state", description="Only tunes in this state.")]
Wait = Annotated[
    float,
    QueryParameter(
        ge=0, le=60, description="Seconds to wait for the tune; the response comes as soon as it is so far."
    ),
]
UntilParameter = Annotated[
    queries.Until,
    QueryParameter(description="What to wait for: its end, or after a success its version, where it gets one."),
]
IdParameter = Annotated[UUID | None, QueryParameter()]
ModelParameter = Annotated[
    str | None, QueryParameter(max_length=200, pattern=NO_NUL, description="Only tunes for this model.")
]


@post(
    "/tunes",
    operation_id="create_tunes",
    summary="Create one or more tunes",
    guards=[require_scope("tunes:write")],
    tags=["tunes"],
)
async def create_tunes(
    data: JSON[NewTunes],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    estimator: NamedDependency[Estimator],
) -> Response[Sweep]:
    """Returns the sweep, with one tune per target in the same order; of a target with a grid, one per combination.

    Every target is checked first: 422 names all faults at once. The tunes are recorded as `pending`; workers send each
    to its provider exactly once.
    """
    sweep_id = new_id()

    async def create() -> Response[Sweep]:
        estimate = await estimator.require_sendable(caller.workspace_id, data)
        tunes = [(new_id(), event) for event in await _build_requests(ledger, caller, sweep_id, data, estimate)]
        made = [_build_pending(caller, tune_id, event) for tune_id, event in tunes]
        sent = encode_response(build_sweep(sweep_id, made), status=201, location=f"/v1/sweeps/{sweep_id}")
        held = estimate.hold_budgets(sweep_id)
        written = await ledger.write(caller, Batch(entries=[*entries(TUNE.stream, tunes), *held], response=sent))
        return to_response(fill_recorded_at(sent, written.recorded_at), Sweep)

    return await retry_on_conflict(create, subject="the budget")


@get(
    "/tunes",
    operation_id="list_tunes",
    summary="List tunes, newest first",
    guards=[require_scope("tunes:read")],
    tags=["tunes"],
)
async def list_tunes(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    in_state: StateParameter = None,
    dataset_id: IdParameter = None,
    sweep_id: IdParameter = None,
    model: ModelParameter = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> TunePage:
    before = decode_cursor(cursor, tuple[UUID])
    filters = TuneFilter(state=in_state, dataset_id=dataset_id, sweep_id=sweep_id, model=model)
    rows = await queries.list_tunes(
        ledger.engine, caller.workspace_id, filters, before=before[0] if before else None, limit=limit + 1
    )
    return page(TunePage, [from_row(row) for row in rows], limit, key=lambda tune: tune.id)


@get(
    "/tunes/{tune_id:uuid}",
    operation_id="get_tune",
    summary="Get a tune, or wait for it",
    guards=[require_scope("tunes:read")],
    tags=["tunes"],
)
async def get_tune(
    tune_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    wait: Wait = 0,
    until: UntilParameter = "ended",
) -> Response[Tune]:
    """The state that workers saw last. This request does not contact the provider."""
    row = await queries.wait_for_tune(ledger.engine, caller.workspace_id, tune_id, until=until, wait=wait)
    return build_response(from_row(row), version=row.version)


@get(
    "/sweeps/{sweep_id:uuid}",
    operation_id="get_sweep",
    summary="Get a sweep and its tunes",
    guards=[require_scope("tunes:read")],
    tags=["tunes"],
)
async def get_sweep(
    sweep_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Sweep:
    rows = await queries.list_sweep(ledger.engine, caller.workspace_id, sweep_id)
    return build_sweep(sweep_id, [from_row(row) for row in rows])


@post(
    "/tunes/{tune_id:uuid}/cancel",
    operation_id="cancel_tune",
    summary="Cancel a tune",
    guards=[require_scope("tunes:write")],
    status_code=200,
    tags=["tunes"],
)
async def cancel_tune(
    tune_id: FromPath[UUID],
    data: JSON[CancelTune | None],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Tune]:
    """A tune that was not sent yet is `cancelled` at once. Otherwise `cancel_requested` becomes true and a worker asks
    the provider to end the job. The job may still succeed; then the tune has succeeded.
    """
    now, reason = datetime.now(UTC), data.reason if data else None
    cancelled = await ledger.change(
        TUNE,
        tune_id,
        lambda tune: decisions.cancel(tune, reason=reason, at=now),
        caller=caller,
        expected=parse_if_match(if_match),
        respond=_build_answer,
    )
    return to_response(_build_answer(cancelled), Tune)


@post(
    "/tunes/{tune_id:uuid}/retry",
    operation_id="retry_tune",
    summary="Retry a failed or cancelled tune",
    guards=[require_scope("tunes:write")],
    tags=["tunes"],
)
async def retry_tune(
    tune_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    estimator: NamedDependency[Estimator],
) -> Response[Tune]:
    """Creates a new tune with the same settings in the same sweep. Its `retries` is the id of the first.

    It is checked anew: what cannot work any more, or would go beyond a budget, is refused with 422.
    """
    failed = await ledger.get(TUNE, caller.workspace_id, tune_id)
    event = decisions.retry(failed.state, tune_id, request_id=caller.request_id)
    wanted = build_request(event)

    async def create() -> Response[Tune]:
        estimate = await estimator.require_sendable(caller.workspace_id, wanted)
        record = estimate.targets[0].build_record()
        again = msgspec.structs.replace(event, estimate=record, check_id=estimate.check_id)
        made_id = new_id()
        sent = _build_created_answer(_build_pending(caller, made_id, again))
        batch = [*entries(TUNE.stream, [(made_id, again)]), *estimate.hold_budgets(event.sweep_id)]
        written = await ledger.write(caller, Batch(entries=batch, response=sent))
        return to_response(fill_recorded_at(sent, written.recorded_at), Tune)

    return await retry_on_conflict(create, subject="the budget")


async def _build_requests(
    ledger: Ledger, caller: Caller, sweep_id: UUID, data: NewTunes, estimate: Estimate
) -> list[TuneRequested]:
    version = await load_version(ledger.engine, caller.workspace_id, data.dataset_id, data.dataset_version)
    split_fields = count_splits(version.splits, train=data.splits.train, validation=data.splits.validation)
    options = {name: getattr(data, name) for name in ("method", "bump", "seed", "notes")}
    wandb = msgspec.convert(data.wandb, WandbRun | None, from_attributes=True)
    return [
        TuneRequested(
            connection_id=data.targets[estimated.order.index].connection_id,
            connection_kind=estimated.order.kind,
            base_model=estimated.order.base_model,
            hyperparameters=dict(estimated.order.hyperparameters),
            suffix=estimated.order.suffix,
            model=estimated.order.registers,
            estimate=estimated.build_record(),
            wandb=wandb,
            check_id=estimate.check_id,
            **options,
            **split_fields,
            sweep_id=sweep_id,
            dataset_id=data.dataset_id,
            dataset_version=version.name,
            dataset_seq=version.seq,
            dataset_digest=version.digest,
            request_id=caller.request_id,
        )
        for estimated in estimate.targets
    ]


def _build_pending(caller: Caller, tune_id: UUID, event: TuneRequested) -> Tune:
    """The tune as it will be once the event is written."""
    recorded = RecordedEvent(seq=0, version=1, type="", data="", actor=caller.actor, recorded_at=PENDING)
    return from_stored(TUNE.apply(tune_id, None, event, recorded))


def _build_answer(stored: StreamState[TuneState]) -> StoredResponse:
    return encode_response(from_stored(stored), version=stored.version)


def _build_created_answer(tune: Tune) -> StoredResponse:
    return encode_response(tune, status=201, version=1, location=f"/v1/tunes/{tune.id}")


router = Router(path="/", route_handlers=[create_tunes, list_tunes, get_tune, get_sweep, cancel_tune, retry_tune])
