"""Decisions about what a poll has seen, on plain values."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.providers import curves
from service.providers.abilities import News
from service.providers.provider import FINISHED, MetricPoint, RemoteError, RemoteEvent, RemoteJob, TuneCheckpoint
from service.tunes.decisions import as_unfinished
from service.tunes.events import (
    TuneCancelled,
    TuneDetailed,
    TuneEvent,
    TuneFailed,
    TuneProgressed,
    TuneStatus,
    TuneSucceeded,
    TuneTroubled,
)

# A success without a model is waited for so long; a job that its provider does not know, so many intervals.
MODEL_WAIT = timedelta(hours=1)
MISSING_INTERVALS = 60
DETAILS = {"events", "metrics", "checkpoints"}
MISSING = "The provider does not know the job any more"
T = TypeVar("T", RemoteEvent, TuneCheckpoint)


class FollowedTune(msgspec.Struct, frozen=True, kw_only=True):
    """What a poll needs of a tune with a job. It is read from the table, so it costs the same for a long tune."""

    id: UUID
    version: int
    job_id: str
    request_id: str
    state: TuneStatus
    raw_status: str | None
    cancel: str | None
    finished_at: datetime | None
    trouble: str | None
    trouble_since: datetime | None
    news_cursor: str | None
    missing: bool


class KnownDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What of the news is recorded already: ids of log lines and checkpoints, and points by step."""

    events: frozenset[str] = frozenset()
    checkpoints: frozenset[str] = frozenset()
    points: dict[int, MetricPoint] = {}


def observe(tune: FollowedTune, job: RemoteJob, news: News | None, *, at: datetime) -> list[TuneEvent]:
    """Record what a poll found new; without news nothing is recorded. A null `news` was not asked for.

    A cancelled tune whose job succeeds after all has succeeded. Any other finished tune only gets its last details.
    """
    seen = _build_observation(job, news)
    when, is_over = job.finished_at or at, job.state in FINISHED
    if is_over and (news is None or news.troubles):
        seen["missing"] = True
    if job.state == "succeeded" and job.model and tune.state not in ("succeeded", "failed"):
        return [
            TuneSucceeded(job_id=job.id, provider_model=job.model, at=when, trained_tokens=job.trained_tokens, **seen)
        ]
    if tune.state in FINISHED:
        return _observe_details(tune, news, seen)
    if job.state == "failed":
        error = job.error or RemoteError(message="The provider gave no reason.")
        code = error.code or "provider_failed"
        return [TuneFailed(code=code, message=error.message, param=error.param, at=when, **seen)]
    if job.state == "cancelled":
        return [TuneCancelled(at=when, **seen)]
    if job.state == "succeeded" and job.finished_at and at - job.finished_at > MODEL_WAIT:
        return [TuneFailed(code="no_model", message="The job succeeded, but names no model.", at=when, **seen)]
    return _observe_progress(tune, job, seen | {"missing": False})


def _observe_details(tune: FollowedTune, news: News | None, seen: dict[str, Any]) -> list[TuneEvent]:
    if news is None or not tune.missing:
        return []
    is_new = seen.keys() & DETAILS or not seen.get("missing")
    return [TuneDetailed(**seen)] if is_new else []


def _observe_progress(tune: FollowedTune, job: RemoteJob, seen: dict[str, Any]) -> list[TuneEvent]:
    # A success that does not name its model yet is still on its way.
    state = as_unfinished(job.state)
    if (state, job.raw_status) == (tune.state, tune.raw_status) and not seen.keys() & {
        "events",
        "metrics",
        "checkpoints",
    }:
        return []
    return [TuneProgressed(state=state, estimated_finish=job.estimated_finish, **seen)]


def observe_absence(tune: FollowedTune, detail: str, *, at: datetime, interval: float) -> list[TuneEvent]:
    """Record that the provider does not know the job: at first as trouble, after a while as the tune's failure."""
    if tune.state in FINISHED:
        return []
    message = f"{MISSING}: {detail}"
    if tune.trouble is None or not tune.trouble.startswith(MISSING) or tune.trouble_since is None:
        return [TuneTroubled(message=message, at=at)]
    if at - tune.trouble_since < timedelta(seconds=interval * MISSING_INTERVALS):
        return []
    hint = "If it was only away for a while, POST /v1/tunes/{id}/look-again."
    return [TuneFailed(code="job_not_found", message=detail, hint=hint, at=at)]


def observe_trouble(tune: FollowedTune, message: str, *, at: datetime) -> list[TuneEvent]:
    """Record that the job, or part of what it tells, cannot be read: once until it can."""
    is_known = tune.trouble is not None or tune.state in FINISHED
    return [] if is_known else [TuneTroubled(message=message, at=at)]


def _build_observation(job: RemoteJob, news: News | None) -> dict[str, Any]:
    """The fields of an Observed. Empty ones are left out."""
    seen: dict[str, Any] = {"raw_status": job.raw_status}
    if job.cost is not None and job.state in FINISHED:
        seen |= {"cost": format(job.cost, "f"), "currency": job.currency}
    if news is None:
        return seen
    found = {"events": news.events, "metrics": news.metrics, "checkpoints": news.checkpoints, "cursor": news.cursor}
    return seen | {name: items for name, items in found.items() if items}


def select_unknown(news: News, known: KnownDetails) -> News:
    """The news without what is recorded already."""
    return replace(
        news,
        events=_select_new(news.events, known.events),
        checkpoints=_select_new(news.checkpoints, known.checkpoints),
        metrics=tuple(_select_new_points(news.metrics, known.points)),
    )


def _select_new(items: Iterable[T], known: frozenset[str]) -> tuple[T, ...]:
    fresh: dict[str, T] = {}
    for item in items:
        if item.id not in known:
            fresh.setdefault(item.id, item)
    return tuple(fresh.values())


def _select_new_points(points: Iterable[MetricPoint], known: Mapping[int, MetricPoint]) -> Iterable[MetricPoint]:
    """Steps not measured before, and steps of which more is known now; what was measured first counts."""
    for point in curves.merge_points(points, ()):
        before = known.get(point.step)
        whole = curves.fill_gaps(before, point) if before else point
        if whole != before:
            yield whole
