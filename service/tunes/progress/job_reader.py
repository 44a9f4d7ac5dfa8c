"""Read the jobs of one connection: all states with few requests, and news of those that have any."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.errors import ProviderUnavailable
from service.providers.abilities import News, Provider
from service.providers.provider import FINISHED, Refused, RemoteJob, Unreachable
from service.text import replace_unstorable
from service.tunes.progress.decisions import FollowedTune

HTTP_NOT_FOUND = 404
FEW_JOBS = 3  # these are read one by one: a list has up to a hundred
MAX_SINGLE = 100  # of those that the list lacks, in one poll
CONCURRENCY = 16
QUIET_INTERVALS = 6  # the log of a job whose state stays the same is read every so many intervals
NEWS_SHARE = 0.4  # of an interval; news that take longer come with the next poll
MAX_ID_LENGTH = 500
RANDOM = random.Random()  # noqa: S311 - only shares out the requests


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What was read, by tune. `absent`: what the provider said of jobs that it does not know.

    `lasting_troubles`: what could not be read of a job more than once in a row.
    """

    jobs: dict[UUID, RemoteJob]
    news: dict[UUID, News]
    absent: dict[UUID, str]
    lasting_troubles: dict[UUID, str]

    def is_sound(self, tune: FollowedTune) -> bool:
        """Whether the job was read without any trouble."""
        news = self.news.get(tune.id)
        return tune.id in self.jobs and not (news and news.troubles)


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of a job when its news were read last, at `read_at` by the event loop's clock."""

    signature: tuple[object, ...]
    read_at: float
    troubles: tuple[str, ...] = ()
    troubled_polls: int = 0


class JobReader:
    """Reads the jobs of one connection, and remembers when it read the news of each."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._memories: dict[UUID, Memory] = {}

    async def read(self, provider: Provider, tunes: Sequence[FollowedTune]) -> Reading:
        """Read all jobs. Raises the provider's error when it tells nothing of any."""
        states = await provider.states([tune.job_id for tune in tunes]) if len(tunes) > FEW_JOBS else {}
        jobs = {tune.id: states[tune.job_id] for tune in tunes if tune.job_id in states}
        absent: dict[UUID, str] = {}
        left = [tune for tune in tunes if tune.id not in jobs]
        RANDOM.shuffle(left)
        try:
            await _each(left[:MAX_SINGLE], lambda tune: _read_job(provider, tune, jobs, absent))
        except ProviderUnavailable:
            if not jobs and not absent:
                raise
        jobs = {tune.id: _clean(jobs[tune.id], tune) for tune in tunes if tune.id in jobs}
        self._forget_others(tunes)
        changed = [tune for tune in tunes if tune.id in jobs and self._has_changed(tune, jobs[tune.id])]
        changed.sort(key=lambda tune: jobs[tune.id].state not in FINISHED)
        return await self._read_news(provider, changed, jobs, absent)

    async def read_quiet(self, provider: Provider, tunes: Sequence[FollowedTune], reading: Reading) -> Reading:
        """Read the logs of jobs whose state stays the same, each from time to time."""
        now = asyncio.get_running_loop().time()
        quiet = {tune.id: reading.jobs[tune.id] for tune in tunes if self._is_due(tune, reading, now)}
        return await self._read_news(provider, [tune for tune in tunes if tune.id in quiet], quiet, {})

    async def _read_news(
        self,
        provider: Provider,
        tunes: Sequence[FollowedTune],
        jobs: dict[UUID, RemoteJob],
        absent: dict[UUID, str],
    ) -> Reading:
        """Read as much as there is time for; the rest comes with the next poll."""
        now = asyncio.get_running_loop().time()
        news: dict[UUID, News] = {}

        async def read(tune: FollowedTune) -> None:
            if asyncio.get_running_loop().time() - now > NEWS_SHARE * self._interval:
                return
            job = jobs[tune.id]
            try:
                latest = await provider.news(job, cursor=tune.news_cursor)
            except (Refused, ProviderUnavailable) as error:
                latest = News(cursor=tune.news_cursor, troubles=(error.detail,))
            news[tune.id] = _shorten_ids(replace_unstorable(latest))
            self._remember(tune, job, latest, now)

        await _each(tunes, read)
        lasting = {id_: each.troubles[0] for id_, each in self._memories.items() if each.troubled_polls > 1}
        return Reading(jobs=jobs, news=news, absent=absent, lasting_troubles=lasting)

    def _has_changed(self, tune: FollowedTune, job: RemoteJob) -> bool:
        if tune.state in FINISHED and not tune.missing:
            return job.state == "succeeded" and tune.state == "cancelled"
        memory = self._memories.get(tune.id)
        return memory is None or memory.signature != _sign(job)

    def _is_due(self, tune: FollowedTune, reading: Reading, now: float) -> bool:
        memory = self._memories.get(tune.id)
        if memory is None or tune.id not in reading.jobs or tune.id in reading.news or tune.state in FINISHED:
            return False
        return now - memory.read_at >= QUIET_INTERVALS * self._interval

    def _remember(self, tune: FollowedTune, job: RemoteJob, news: News, now: float) -> None:
        before = self._memories.get(tune.id)
        polls = (before.troubled_polls if before else 0) + 1 if news.troubles else 0
        # With something left to read, it is tried again at the next poll.
        signature = () if news.troubles else _sign(job)
        self._memories[tune.id] = Memory(signature=signature, read_at=now, troubles=news.troubles, troubled_polls=polls)

    def _forget_others(self, tunes: Iterable[FollowedTune]) -> None:
        followed = {tune.id for tune in tunes}
        self._memories = {id_: memory for id_, memory in self._memories.items() if id_ in followed}


async def _read_job(
    provider: Provider, tune: FollowedTune, jobs: dict[UUID, RemoteJob], absent: dict[UUID, str]
) -> None:
    try:
        jobs[tune.id] = await provider.job(tune.job_id)
    except Refused as refused:
        if refused.provider_status != HTTP_NOT_FOUND:
            raise Unreachable(refused.detail, provider_status=refused.provider_status) from refused
        absent[tune.id] = replace_unstorable(refused.detail)


async def _each(tunes: Sequence[FollowedTune], do: Callable[[FollowedTune], Awaitable[None]]) -> None:
    """Do it for each, CONCURRENCY at a time. Raises the first error, after what had begun has ended."""
    waiting, errors = list(tunes)[::-1], list[Exception]()

    async def work() -> None:
        while waiting and not errors:
            try:
                await do(waiting.pop())
            except ProviderUnavailable as error:
                errors.append(error)

    await asyncio.gather(*[work() for _ in range(min(CONCURRENCY, len(waiting)))])
    if errors:
        raise errors[0]


def _sign(job: RemoteJob) -> tuple[object, ...]:
    """What is different when a job has news."""
    return job.raw_status, job.updated_at, job.steps_done, job.finished_at, job.model


def _clean(job: RemoteJob, tune: FollowedTune) -> RemoteJob:
    """The job as it can be stored. One without a change is not stored."""
    return job if job.raw_status == tune.raw_status and job.state not in FINISHED else replace_unstorable(job)


def _shorten_ids(news: News) -> News:
    """An index takes ids of about 2,700 bytes at most; longer ones are cut."""
    return replace(
        news,
        events=tuple(replace(each, id=each.id[:MAX_ID_LENGTH]) for each in news.events),
        checkpoints=tuple(replace(each, id=each.id[:MAX_ID_LENGTH]) for each in news.checkpoints),
    )
