"""Find out whether a job exists whose create got no response. Nothing is created again before that is known."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from service.errors import ProviderRefused
from service.providers.abilities import Lookup
from service.settings import Settings
from service.text import replace_unstorable
from service.tunes import decisions
from service.tunes.submission.submission import Submission

STOPPED = "The worker stopped while the job was being created."


class Doubts:
    """When this process saw each doubt first, by the event loop's clock: the time of day may jump, this one does not.

    Another process waits anew, which costs a minute and never a second job.
    """

    def __init__(self, settings: Settings) -> None:
        self._look_seconds = settings.tune_look_seconds
        self._max_seconds = settings.tune_doubt_seconds
        self._seen: dict[UUID, float] = {}

    async def resolve(self, submission: Submission) -> float | None:
        """Follow the job if there is one; create it once there is surely none; ask a person if nobody can tell."""
        if submission.is_idempotent:
            return await submission.create()  # sent again, it makes no second job
        now, settles = datetime.now(UTC), timedelta(seconds=submission.settles_after)
        await submission.record(lambda tune: decisions.record_doubt(tune, message=STOPPED, at=now, settles=settles))
        if submission.tune.doubt is None:
            return 0.0  # somebody else was faster
        waited = self._count_seconds(submission.leased_job.id)
        try:
            lookup = await self._look(submission, settled=waited >= submission.settles_after)
        except ProviderRefused as refused:
            await self._ask_for_attention(submission, f"The provider refused to list its jobs: {refused.detail}")
            return None
        return await self._conclude(submission, lookup, waited)

    async def _conclude(self, submission: Submission, lookup: Lookup, waited: float) -> float | None:
        if lookup.jobs:
            self._seen.pop(submission.leased_job.id, None)
            await submission.follow_one(lookup.jobs)
            return submission.settles_after
        if lookup.complete and waited >= submission.settles_after:
            self._seen.pop(submission.leased_job.id, None)
            return await self._go_on_without_job(submission)
        if waited > max(self._max_seconds, submission.settles_after):
            await self._ask_for_attention(submission, "The provider's list of jobs cannot be read to its end.")
            return None
        return self._look_seconds

    async def confirm(self, submission: Submission) -> float | None:
        """After a doubt, look once more for a second job, which lists may have shown late."""
        if not submission.is_idempotent and submission.tune.sending is not None:
            with suppress(ProviderRefused):  # nobody can tell; the job that is followed is known
                await submission.follow_one((await submission.provider.find(submission.tune.sending.token)).jobs)
        await submission.record(decisions.confirm)
        return None

    async def _look(self, submission: Submission, *, settled: bool) -> Lookup:
        """Look for the job; where it matters, twice, since one answer may come from a list that is behind."""
        assert submission.tune.sending is not None  # there is no doubt before it
        token = submission.tune.sending.token
        lookup = await submission.provider.find(token)
        if lookup.jobs or not lookup.complete or not settled:
            return lookup
        await asyncio.sleep(self._look_seconds)
        return await submission.provider.find(token)

    async def _go_on_without_job(self, submission: Submission) -> float | None:
        now = datetime.now(UTC)
        if submission.tune.cancel:
            await submission.record(lambda tune: decisions.cancel_unsent(tune, at=now))
            return None
        await submission.record(decisions.begin_again)
        return await submission.create() if submission.tune.posted and not submission.tune.finished else None

    async def _ask_for_attention(self, submission: Submission, message: str) -> None:
        self._seen.pop(submission.leased_job.id, None)
        text, now = replace_unstorable(message), datetime.now(UTC)
        await submission.record(lambda tune: decisions.ask_for_attention(tune, message=text, at=now))

    def _count_seconds(self, tune_id: UUID) -> float:
        now = asyncio.get_running_loop().time()
        return now - self._seen.setdefault(tune_id, now)
