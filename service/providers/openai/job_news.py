"""What is new about a job: its log, its checkpoints and its result file. A part that fails does not hide the others."""

from collections.abc import Awaitable
from typing import TypeVar

import msgspec

from service.errors import ProviderRefused, ProviderUnavailable
from service.providers import curves
from service.providers.abilities import News
from service.providers.openai import job_schemas
from service.providers.openai.job_schemas import Checkpoint, Event, Page
from service.providers.openai.wire_client import EndlessList, WireClient
from service.providers.provider import FINISHED, MetricPoint, RemoteJob, TuneCheckpoint

JOBS = "/fine_tuning/jobs"
T = TypeVar("T")


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """The last event that was read, and whether the checkpoints and the result file are still to be read."""

    event: str | None = None
    checkpoints: bool = False
    ended: bool = False


class NewsReader:
    """Reads one job's news; `troubles` collects what could not be read."""

    def __init__(self, client: WireClient, job: RemoteJob) -> None:
        self._client = client
        self._offers = client.account.capabilities
        self._job = job
        self._troubles: list[str] = []

    async def read(self, cursor: str | None) -> News:
        before = msgspec.json.decode(cursor, type=Cursor) if cursor else Cursor()
        has_ended = self._job.state in FINISHED
        events = await self._try("the job's log", self._list_events(before.event)) or []
        asked = before.checkpoints or has_ended or not self._offers.events or any(map(names_checkpoint, events))
        failed = len(self._troubles)
        checkpoints = await self._try("the checkpoints", self._list_checkpoints()) or () if asked else ()
        after = Cursor(
            event=events[-1].id if events else before.event,
            checkpoints=len(self._troubles) > failed,
            ended=has_ended,
        )
        points = curves.merge_points(job_schemas.collect_points(events), ())
        if has_ended:
            points = curves.merge_points(points, await self._try("the result file", self._load_result_points()) or ())
        return News(
            cursor=msgspec.json.encode(after).decode(),
            events=tuple(map(job_schemas.convert_event, events)),
            metrics=points,
            checkpoints=checkpoints,
            troubles=tuple(self._troubles),
        )

    async def _try(self, part: str, loaded: Awaitable[T]) -> T | None:
        try:
            return await loaded
        except ProviderRefused:
            return None  # the job can be read, so it is this part that the server does not have
        except ProviderUnavailable as error:
            self._troubles.append(f"Could not read {part}: {error.detail}")
            return None

    async def _list_events(self, after_event: str | None) -> list[Event]:
        fresh: list[Event] = []
        if not self._offers.events:
            return fresh
        try:
            async for event in self._client.list(f"{JOBS}/{self._job.id}/events", Page[Event]):
                if event.id == after_event:
                    break
                fresh.append(event)
        except EndlessList:
            pass  # the newest come first, and older ones are not worth waiting for
        return fresh[::-1]

    async def _list_checkpoints(self) -> tuple[TuneCheckpoint, ...]:
        if not self._offers.checkpoints:
            return ()
        path, found = f"{JOBS}/{self._job.id}/checkpoints", []
        try:
            async for checkpoint in self._client.list(path, Page[Checkpoint]):
                found.append(job_schemas.convert_checkpoint(checkpoint))  # noqa: PERF401 - keeps those before an error
        except EndlessList:
            pass
        return tuple(sorted(found, key=lambda each: each.step))

    async def _load_result_points(self) -> list[MetricPoint]:
        if not (self._offers.results and self._job.result_files):
            return []
        return curves.parse_result_file(await self._client.ask("GET", f"/files/{self._job.result_files[0]}/content"))


def names_checkpoint(event: Event) -> bool:
    return "checkpoint" in (event.message or "").lower()
