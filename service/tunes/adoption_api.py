"""Routes for jobs that only a person can tell about: decide, look again, and adopt those made elsewhere."""

from datetime import UTC, datetime
from uuid import UUID

from litestar import Response, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.connections.accounts import JOB_SECONDS, Accounts
from service.connections.domain import CONNECTION, require_connection
from service.database.engine import new_id
from service.datasets.domain import DATASET, require_active
from service.datasets.projection import load_version
from service.errors import Fault, Unprocessable
from service.http.bodies import JSON
from service.http.responses import IfMatch, StoredResponse, encode_response, parse_if_match, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller
from service.providers.provider import Refused, RemoteJob
from service.text import replace_unstorable
from service.tunes import decisions
from service.tunes.decisions import count_splits
from service.tunes.events import TUNE, TuneAdopted, TuneState
from service.tunes.schemas import AdoptTune, DecideTune, LookAgain, Tune, from_stored

HTTP_NOT_FOUND = 404


@post(
    "/tunes/{tune_id:uuid}/decide",
    operation_id="decide_tune",
    summary="Decide about a tune that needs attention",
    guards=[require_scope("tunes:write")],
    status_code=200,
    tags=["tunes"],
)
async def decide_tune(
    tune_id: FromPath[UUID],
    data: JSON[DecideTune],
    caller: NamedDependency[Caller],
    accounts: NamedDependency[Accounts],
    if_match: IfMatch = None,
) -> Response[Tune]:
    """A tune is in the state `needs_attention` when nobody but you can tell whether its job exists at the provider.

    `adopt` follows the job that you name, `send_again` creates the job once more, `give_up` fails the tune.
    """
    tune = await accounts.ledger.get(TUNE, caller.workspace_id, tune_id)
    if data.job_id is not None:
        await _load_job(accounts, caller, tune.state.asked.connection_id, data.job_id)
    now = datetime.now(UTC)
    decided = await accounts.ledger.change(
        TUNE,
        tune_id,
        lambda tune: decisions.decide(tune, data.decision, job_id=data.job_id, reason=data.reason, at=now),
        caller=caller,
        expected=parse_if_match(if_match),
        respond=_build_answer,
    )
    return to_response(_build_answer(decided), Tune)


@post(
    "/tunes/{tune_id:uuid}/look-again",
    operation_id="look_again_for_tune",
    summary="Look again for the job of an ended tune",
    guards=[require_scope("tunes:write")],
    status_code=200,
    tags=["tunes"],
)
async def look_again_for_tune(
    tune_id: FromPath[UUID],
    data: JSON[LookAgain | None],
    caller: NamedDependency[Caller],
    accounts: NamedDependency[Accounts],
    if_match: IfMatch = None,
) -> Response[Tune]:
    """For a failed or cancelled tune whose job may have gone on, such as one that the provider did not find for long.

    The tune is `running` again, and workers ask the provider for its job. This creates no new job and costs nothing.
    """
    now, reason = datetime.now(UTC), data.reason if data else None
    reopened = await accounts.ledger.change(
        TUNE,
        tune_id,
        lambda tune: decisions.look_again(tune, reason=reason, at=now),
        caller=caller,
        expected=parse_if_match(if_match),
        respond=_build_answer,
    )
    return to_response(_build_answer(reopened), Tune)


@post(
    "/tunes/adopt",
    operation_id="adopt_tune",
    summary="Adopt a job that was made elsewhere",
    guards=[require_scope("tunes:write")],
    tags=["tunes"],
)
async def adopt_tune(
    data: JSON[AdoptTune], caller: NamedDependency[Caller], accounts: NamedDependency[Accounts]
) -> Response[Tune]:
    """Follows a job of the connection's account as a tune of its own: its state, log, curves, checkpoints and model.

    Say which dataset version it was trained on, so that the model has a lineage.
    """
    job = await _load_job(accounts, caller, data.connection_id, data.job_id)
    event = await _build_adoption(accounts, caller, data, job)
    made = await accounts.ledger.change(TUNE, new_id(), lambda _: [event], caller=caller, respond=_build_created_answer)
    return to_response(_build_created_answer(made), Tune)


async def _build_adoption(accounts: Accounts, caller: Caller, data: AdoptTune, job: RemoteJob) -> TuneAdopted:
    ledger = accounts.ledger
    connection = (await ledger.get(CONNECTION, caller.workspace_id, data.connection_id)).state
    require_active((await ledger.get(DATASET, caller.workspace_id, data.dataset_id)).state)
    version = await load_version(ledger.engine, caller.workspace_id, data.dataset_id, data.dataset_version)
    return TuneAdopted(
        job_id=job.id,
        at=job.created_at or datetime.now(UTC),
        sweep_id=new_id(),
        connection_id=data.connection_id,
        connection_kind=require_connection(connection).kind,
        base_model=data.base_model or job.base_model,
        dataset_id=data.dataset_id,
        dataset_version=version.name,
        dataset_seq=version.seq,
        dataset_digest=version.digest,
        model=data.model,
        bump=data.bump,
        method=data.method,
        notes=data.notes,
        request_id=caller.request_id,
        **count_splits(version.splits, train=data.splits.train, validation=data.splits.validation),
    )


async def _load_job(accounts: Accounts, caller: Caller, connection_id: UUID, job_id: str) -> RemoteJob:
    """Read a job at the provider. Raises Unprocessable when it does not exist there."""
    try:
        async with accounts.open(caller.workspace_id, connection_id, patience=JOB_SECONDS) as provider:
            return replace_unstorable(await provider.job(job_id))
    except Refused as refused:
        if refused.provider_status != HTTP_NOT_FOUND:
            raise
        detail = f"The provider has no job {job_id}: {refused.detail}"
        raise Unprocessable(detail, errors=[Fault(pointer="/job_id", detail=detail, code="not_found")]) from None


def _build_answer(stored: StreamState[TuneState]) -> StoredResponse:
    return encode_response(from_stored(stored), version=stored.version)


def _build_created_answer(stored: StreamState[TuneState]) -> StoredResponse:
    return encode_response(from_stored(stored), status=201, version=stored.version, location=f"/v1/tunes/{stored.id}")


router = Router(path="/", route_handlers=[adopt_tune, decide_tune, look_again_for_tune])
