"""Decisions about what is reported of a training, on plain values."""

from datetime import datetime

from service.errors import Conflict, NotFound
from service.providers.abilities import News
from service.providers.kinds import REPORTED_KINDS
from service.providers.provider import State
from service.tunes.events import TuneEvent, TuneFailed, TuneProgressed, TuneState, TuneSucceeded
from service.tunes.tune_files import ReportedFile


def require_reported(tune: TuneState | None) -> TuneState:
    """Raises Conflict when workers ask a provider how the tune goes, or when it waits for its files."""
    if tune is None:
        raise NotFound("No such tune.")
    kind = tune.asked.connection_kind
    if kind not in REPORTED_KINDS:
        raise Conflict(f"Workers ask the provider how this tune goes; those of kind files are reported, not {kind}.")
    if tune.job_id is None and not tune.finished:
        raise Conflict("The tune is being prepared; report once it is queued, in some seconds.")
    return tune


def report(tune: TuneState | None, news: News, *, state: State, estimated_finish: datetime | None) -> list[TuneEvent]:
    """Record what is new. Without news nothing is recorded."""
    tune = _require_open(tune)
    has_news = bool(news.events or news.metrics or news.checkpoints)
    if state == tune.state and estimated_finish in (None, tune.estimated_finish) and not has_news:
        return []
    return [
        TuneProgressed(
            state=state,
            raw_status=state,
            estimated_finish=estimated_finish or tune.estimated_finish,
            events=news.events,
            metrics=news.metrics,
            checkpoints=news.checkpoints,
        )
    ]


def complete(
    tune: TuneState | None,
    *,
    model: str,
    at: datetime,
    trained_tokens: int | None = None,
    cost: tuple[str, str] | None = None,
    weights: tuple[ReportedFile, ...] = (),
) -> list[TuneEvent]:
    """Record the success. The same again records nothing. `cost`: an amount and its currency."""
    tune = require_reported(tune)
    if tune.state == "succeeded" and tune.provider_model == model:
        return []
    tune = _require_open(tune)
    amount, currency = cost or (None, None)
    return [
        TuneSucceeded(
            job_id=tune.job_id or "",
            provider_model=model,
            at=at,
            raw_status="succeeded",
            trained_tokens=trained_tokens,
            cost=amount,
            currency=currency,
            weights=weights,
        )
    ]


def fail(tune: TuneState | None, *, code: str, message: str, at: datetime) -> list[TuneEvent]:
    """Record the failure. The same again records nothing."""
    tune = require_reported(tune)
    if tune.state == "failed" and tune.error and (tune.error.code, tune.error.message) == (code, message):
        return []
    _require_open(tune)
    return [TuneFailed(code=code, message=message, at=at, raw_status="failed")]


def _require_open(tune: TuneState | None) -> TuneState:
    tune = require_reported(tune)
    if tune.finished:
        raise Conflict(f"The tune has ended ({tune.state}); nothing more can be reported of it.")
    return tune
