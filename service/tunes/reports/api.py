"""Routes for trainings with tools of one's own: their files, their progress and their end."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from service.access.auth import require_scope
from service.datasets.projection import load_version
from service.datasets.splits import Split
from service.datasets.versions.export import stream_jsonl
from service.errors import Unprocessable
from service.http.bodies import JSON
from service.http.responses import StoredResponse, encode_response, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.providers.abilities import News
from service.providers.kinds import TRAITS
from service.providers.provider import MetricPoint, RemoteEvent, TuneCheckpoint
from service.providers.training_rows.row_formats import convert_lines
from service.providers.training_rows.row_parts import RowUnfit
from service.text import replace_unstorable
from service.tunes import queries
from service.tunes.events import TUNE, TuneEvent, TuneState
from service.tunes.progress.decisions import select_unknown
from service.tunes.reports import decisions
from service.tunes.reports.schemas import CompleteTune, FailTune, TuneReport
from service.tunes.schemas import Tune, from_stored
from service.tunes.tune_files import ReportedFile

FileSplit = Annotated[Split, QueryParameter(description="The training file, or another split of the same version.")]
FILE = {200: ResponseSpec(bytes, generate_examples=False, media_type="application/jsonl", description="The rows.")}


@get(
    "/tunes/{tune_id:uuid}/training-file",
    operation_id="read_training_file",
    summary="Download a tune's training file",
    guards=[require_scope("tunes:read"), require_scope("datasets:read")],
    media_type="application/jsonl",
    responses=FILE,
    tags=["tunes"],
)
async def read_training_file(
    tune_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    split: FileSplit = "train",
) -> Stream:
    """The rows of the tune's frozen version as its provider gets them: the same bytes each time.

    Rows that were erased since are missing; then the digest is no longer the one that the tune shows.
    """
    tune = (await ledger.get(TUNE, caller.workspace_id, tune_id)).state
    version = await load_version(ledger.engine, caller.workspace_id, tune.asked.dataset_id, tune.asked.dataset_version)
    format_ = TRAITS[tune.asked.connection_kind].formats[tune.asked.method]
    lines = stream_jsonl(ledger.engine, caller.workspace_id, version.selection(split))

    async def convert() -> AsyncIterator[bytes]:
        losses: Counter[str] = Counter()
        rows = 0
        async for piece in lines:
            converted = convert_lines(piece, format_, losses, first_line=rows + 1)
            rows += converted.count(b"\n")
            yield converted

    pieces = convert()
    try:
        first = await anext(pieces, b"")
    except RowUnfit as unfit:
        raise Unprocessable(str(unfit)) from None

    async def stream() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    headers = {"Content-Disposition": f"attachment; filename={split}.jsonl"}
    return Stream(stream(), media_type="application/jsonl", headers=headers)


@post(
    "/tunes/{tune_id:uuid}/report",
    operation_id="report_tune",
    summary="Report how a training with your own tools goes",
    guards=[require_scope("tunes:write")],
    status_code=200,
    tags=["tunes"],
)
async def report_tune(
    tune_id: FromPath[UUID], data: JSON[TuneReport], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Tune]:
    """For tunes through a connection of kind `files`. The clients have a callback for TRL and Transformers."""
    news = replace_unstorable(_build_news(data, now=datetime.now(UTC)))
    known = await queries.load_known(ledger.engine, caller.workspace_id, {tune_id: news})
    fresh = select_unknown(news, known[tune_id])

    def decide(tune: TuneState | None) -> list[TuneEvent]:
        return decisions.report(tune, fresh, state=data.state, estimated_finish=data.estimated_finish)

    reported = await ledger.change(TUNE, tune_id, decide, caller=caller, respond=_build_answer)
    return to_response(_build_answer(reported), Tune)


@post(
    "/tunes/{tune_id:uuid}/complete",
    operation_id="complete_tune",
    summary="Report that a training with your own tools has succeeded",
    guards=[require_scope("tunes:write")],
    status_code=200,
    tags=["tunes"],
)
async def complete_tune(
    tune_id: FromPath[UUID], data: JSON[CompleteTune], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Tune]:
    """The tune's model gets its next version, as after a tune at a provider."""
    now = datetime.now(UTC)
    weights = tuple(ReportedFile(name=file.name, bytes=file.bytes, digest=file.digest) for file in data.weights)
    completed = await ledger.change(
        TUNE,
        tune_id,
        lambda tune: decisions.complete(
            tune,
            model=data.model,
            at=now,
            trained_tokens=data.trained_tokens,
            cost=(data.cost.amount, data.cost.currency) if data.cost else None,
            weights=weights,
        ),
        caller=caller,
        respond=_build_answer,
    )
    return to_response(_build_answer(completed), Tune)


@post(
    "/tunes/{tune_id:uuid}/fail",
    operation_id="fail_tune",
    summary="Report that a training with your own tools has failed",
    guards=[require_scope("tunes:write")],
    status_code=200,
    tags=["tunes"],
)
async def fail_tune(
    tune_id: FromPath[UUID], data: JSON[FailTune], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Tune]:
    """It can be retried like any other: the retry waits for reports of its own."""
    now = datetime.now(UTC)
    failed = await ledger.change(
        TUNE,
        tune_id,
        lambda tune: decisions.fail(tune, code=data.code, message=data.message, at=now),
        caller=caller,
        respond=_build_answer,
    )
    return to_response(_build_answer(failed), Tune)


def _build_news(data: TuneReport, *, now: datetime) -> News:
    return News(
        events=tuple(
            RemoteEvent(id=line.id, at=line.at or now, level=line.level, message=line.message) for line in data.log
        ),
        metrics=tuple(msgspec.convert(point, MetricPoint, from_attributes=True) for point in data.points),
        checkpoints=tuple(
            TuneCheckpoint(
                id=each.id, step=each.step, model=each.model, at=each.at or now, metrics=MetricPoint(step=each.step)
            )
            for each in data.checkpoints
        ),
    )


def _build_answer(stored: StreamState[TuneState]) -> StoredResponse:
    return encode_response(from_stored(stored), version=stored.version)


router = Router(path="/", route_handlers=[read_training_file, report_tune, complete_tune, fail_tune])
