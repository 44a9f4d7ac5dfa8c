"""Steps the jobs in the background. Its only memory is the store, so a restarted sandbox goes on where it stopped."""

import asyncio
import logging
import time

import msgspec

from service.sandbox.files.training_rows import Lessons, Reading, lessons_at, read
from service.sandbox.jobs import domain as jobs
from service.sandbox.jobs.domain import Change, Record
from service.sandbox.jobs.ngram_model import Learner, token_count
from service.sandbox.sqlite_store import Store
from service.sandbox.tuned_model.tuned_model import recall
from service.sandbox.wire import FileObject, JobError

log = logging.getLogger("sandbox")


class Runner:
    def __init__(self, store: Store, *, pace: float) -> None:
        self._store = store
        self._pace = pace
        self._learners: dict[str, tuple[int, Learner]] = {}
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._turn = asyncio.Semaphore(1)  # learning is work for one core; more threads would only share it

    async def run(self) -> None:
        try:
            while True:
                for record in await asyncio.to_thread(self._store.due, time.time()):
                    if record.job.id not in self._busy:
                        self._busy[record.job.id] = asyncio.create_task(self._step(record))
                await asyncio.sleep(min(max(self._pace / 4, 0.01), 0.1))
        finally:
            # A thread cannot be stopped: let it end before the store is closed.
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _step(self, record: Record) -> None:
        try:
            async with self._turn:
                await asyncio.to_thread(self._advance, record)
        except Exception:
            # A job that cannot be stepped would be tried for ever: it fails, as it would at a provider.
            log.exception("job %s failed", record.job.id)
            error = JobError(code="server_error", message="The job failed due to an internal error.")
            self._store.save(jobs.failed(record, error, now=time.time()))
        finally:
            del self._busy[record.job.id]

    def _advance(self, record: Record) -> None:
        match record.job.status:
            case "validating_files":
                change = self._validate(record)
            case "queued":
                change = jobs.started(record, now=time.time(), pace=self._pace)
            case _ if record.epoch < jobs.epochs_of(record.job):
                change = self._train(record)
            case _:
                change = self._finish(record)
        self._store.save(change)
        if change.record.due_at is None:
            self._learners.pop(record.job.id, None)

    def _validate(self, record: Record) -> Change:
        job = record.job
        train = self._read(job.training_file, record)
        valid = self._read(job.validation_file, record) if job.validation_file else None
        parent = self._store.model_job(job.model)
        inherited = lessons_at(self._store.lessons(parent)) if parent else Lessons(train=[])
        lessons = Lessons(
            train=train.lessons,
            valid=valid.lessons if valid else [],
            remembered=[*inherited.remembered, *inherited.train],
        )
        # Kept apart from the uploaded file: deleting that must not take the tuned model's memory.
        self._store.put(self._store.lessons(job.id), msgspec.json.encode(lessons))
        tokens = token_count(train.lessons)
        return jobs.validated(record, train, valid, tokens=tokens, now=time.time(), pace=self._pace)

    def _read(self, file_id: str, record: Record) -> Reading:
        if self._store.file(file_id) is None:
            return Reading(examples=0, lessons=[], fault=f"File {file_id} does not exist")
        return read(self._store.path(file_id), method=record.job.method.type, keep=jobs.MOST_LEARNT)

    def _train(self, record: Record) -> Change:
        job = record.job
        lessons = lessons_at(self._store.lessons(job.id))
        done, learner = self._learners.pop(job.id, (0, None))
        if learner is None or done != record.epoch:
            # After a restart: the same seed gives the same order, so reading again comes to the same counts.
            done, learner = 0, Learner(rate=jobs.rate_of(job))
            learner.learn(lessons.remembered)
        points = []
        while done <= record.epoch:
            done += 1
            points = learner.epoch(
                lessons.train, lessons.valid, number=done, batch_size=jobs.batch_of(job), seed=job.seed
            )
        self._learners[job.id] = (done, learner)
        return jobs.trained(record, points, now=time.time(), pace=self._pace)

    def _finish(self, record: Record) -> Change:
        events = list(reversed(self._store.events(record.job.id, limit=-1)))
        content = jobs.results(events)
        # Named after the job: done twice, because of a crash in between, it is still one file.
        file_id = f"file-{record.job.id.removeprefix('ftjob-')}"
        if self._store.file(file_id) is None:
            self._store.put(self._store.path(file_id), content)
            self._store.add_file(
                FileObject(
                    id=file_id,
                    bytes=len(content),
                    created_at=int(time.time()),
                    filename="step_metrics.csv",
                    purpose="fine-tune-results",
                )
            )
        # Not left to whoever asks first: what a new model knows takes a moment to be got ready.
        recall(self._store.lessons(record.job.id))
        return jobs.succeeded(record, result_file=file_id, now=time.time())
