"""Diagnose tunes as they run, and record what their curves begin to show."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import msgspec

from service.access.actors import SERVER
from service.ledger.readers.subscriptions import LoggedEvent, Subscription, follow
from service.ledger.retry import retry_on_conflict
from service.ledger.store import Batch, Caller, Entry, Ledger
from service.providers.provider import FINISHED
from service.tunes import queries
from service.tunes.diagnosis.curve_reader import read_all_curves
from service.tunes.diagnosis.domain import Curves, diagnose, select_new
from service.tunes.events import (
    TUNE,
    TuneCancelled,
    TuneDetailed,
    TuneDiagnosed,
    TuneFailed,
    TuneProgressed,
    TuneSucceeded,
)
from service.worker.context import WorkerContext

NAME = "diagnosis"
# A log that is read from its beginning has tunes that nobody waits for any more.
MAX_AGE = timedelta(hours=24)
# A long curve is read again when it has grown by this share, so that each of its points is read a few times at most.
GROWTH = 0.1


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Diagnose tunes until `stop` is set. Several processes may run it at once."""
    await follow(context.engine, build_diagnostician(context.ledger), stop=stop)


def build_diagnostician(ledger: Ledger) -> Subscription:
    kinds = (TuneProgressed, TuneSucceeded, TuneFailed, TuneCancelled, TuneDetailed)
    return Subscription(name=NAME, react=Diagnostician(ledger).react, kinds=kinds)


class Diagnostician:
    """What it remembers only saves reading: another process can go on at any time."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._sizes: dict[UUID, int] = {}  # how many points each running tune had when it was diagnosed
        self._fresh: dict[UUID, int] = {}  # and how many came since

    async def react(self, workspace_id: UUID, events: Sequence[LoggedEvent]) -> None:
        due = self._select_due(events)
        tunes = await queries.list_by_ids(self._ledger.engine, workspace_id, due)
        curves = await read_all_curves(self._ledger.engine, workspace_id, tunes)
        for tune in tunes:
            self._remember(tune.id, curves[tune.id], is_over=tune.state in FINISHED)
            if select_new(diagnose(curves[tune.id]), tune.symptoms):
                record = partial(self._record, workspace_id, tune.id, curves)
                await retry_on_conflict(record, subject="the tune")

    def _select_due(self, events: Sequence[LoggedEvent]) -> list[UUID]:
        """The tunes that have ended, or whose curves are new or have grown enough."""
        oldest, due = datetime.now(UTC) - MAX_AGE, dict[UUID, None]()
        for event in events:
            if event.recorded_at < oldest:
                continue
            tune_id, news = event.stream_id, msgspec.json.decode(event.data)
            points = news.get("metrics", ())
            self._fresh[tune_id] = self._fresh.get(tune_id, 0) + len(points)
            has_grown = self._fresh[tune_id] > self._sizes.get(tune_id, 0) * GROWTH
            is_broken = any(point.get("not_finite") for point in points)
            if event.type != TuneProgressed.__name__ or has_grown or is_broken or news.get("checkpoints"):
                due[tune_id] = None
        return list(due)

    def _remember(self, tune_id: UUID, curves: Curves, *, is_over: bool) -> None:
        self._fresh.pop(tune_id, None)
        if is_over:
            self._sizes.pop(tune_id, None)
        else:
            self._sizes[tune_id] = len(curves.points)

    async def _record(self, workspace_id: UUID, tune_id: UUID, curves: Mapping[UUID, Curves]) -> None:
        tune = await queries.get_tune(self._ledger.engine, workspace_id, tune_id)
        findings = select_new(diagnose(curves[tune_id]), tune.symptoms)
        if not findings:
            return
        event = TuneDiagnosed(symptoms=tuple(finding.symptom for finding in findings), findings=findings)
        caller = Caller(workspace_id=workspace_id, actor=SERVER, request_id=tune.request_id)
        entry = Entry(stream=TUNE.stream, stream_id=tune_id, after=tune.version, event=event)
        await self._ledger.write(caller, Batch(entries=[entry]))
