"""Run the jobs in the background. All state is in the store, so a restarted sandbox continues where it stopped."""

import asyncio
import logging
import time

import msgspec

from service.sandbox.files.training_rows import Lessons, TrainingFile, load_lessons, read_training_file
from service.sandbox.jobs import domain
from service.sandbox.jobs.domain import Change, Record
from service.sandbox.jobs.ngram_model import Learner, count_tokens
from service.sandbox.sqlite_store import Store
from service.sandbox.tuned_model.tuned_model import load_tuned_model
from service.sandbox.wire import FileObject, JobError

log = logging.getLogger("sandbox")


class Runner:
    def __init__(self, store: Store, *, pace: float) -> None:
        self._store = store
        self._pace = pace
        self._learners: dict[str, tuple[int, Learner]] = {}
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._one_at_a_time = asyncio.Semaphore(1)  # training needs a core; more threads would not be faster

    async def run(self) -> None:
        try:
            while True:
                for record in await asyncio.to_thread(self._store.due, time.time()):
                    if record.job.id not in self._busy:
                        self._busy[record.job.id] = asyncio.create_task(self._step(record))
                await asyncio.sleep(min(max(self._pace / 4, 0.01), 0.1))
        finally:
            # A thread cannot be stopped: wait for it before the store is closed.
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _step(self, record: Record) -> None:
        try:
            async with self._one_at_a_time:
                await asyncio.to_thread(self._advance, record)
        except Exception:
            # Otherwise the step would be retried for ever.
            log.exception("job %s failed", record.job.id)
            error = JobError(code="server_error", message="The job failed due to an internal error.")
            self._store.save(domain.fail_job(record, error, now=time.time()))
        finally:
            del self._busy[record.job.id]

    def _advance(self, record: Record) -> None:
        match record.job.status:
            case "validating_files":
                change = self._validate(record)
            case "queued":
                change = domain.start_job(record, now=time.time(), pace=self._pace)
            case _ if record.epoch < domain.get_epochs(record.job):
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
        inherited = load_lessons(self._store.lessons(parent)) if parent else Lessons(train=[])
        lessons = Lessons(
            train=train.lessons,
            valid=valid.lessons if valid else [],
            remembered=[*inherited.remembered, *inherited.train],
        )
        # A copy, so that deleting the uploaded file does not change the tuned model.
        self._store.put(self._store.lessons(job.id), msgspec.json.encode(lessons))
        tokens = count_tokens(train.lessons)
        return domain.queue_or_fail(record, train, valid, tokens=tokens, now=time.time(), pace=self._pace)

    def _read(self, file_id: str, record: Record) -> TrainingFile:
        if self._store.file(file_id) is None:
            return TrainingFile(examples=0, lessons=[], fault=f"File {file_id} does not exist")
        return read_training_file(
            self._store.path(file_id), method=record.job.method.type, keep=domain.MAX_LEARNT_EXAMPLES
        )

    def _train(self, record: Record) -> Change:
        job = record.job
        lessons = load_lessons(self._store.lessons(job.id))
        epochs_learnt, learner = self._learners.pop(job.id, (0, None))
        if learner is None or epochs_learnt != record.epoch:
            # After a restart: the same seed gives the same order, and so the same counts.
            epochs_learnt, learner = 0, Learner(rate=domain.get_learning_rate(job))
            learner.learn(lessons.remembered)
        points = []
        while epochs_learnt <= record.epoch:
            epochs_learnt += 1
            points = learner.epoch(
                lessons.train, lessons.valid, number=epochs_learnt, batch_size=domain.get_batch_size(job), seed=job.seed
            )
        self._learners[job.id] = (epochs_learnt, learner)
        return domain.record_epoch(record, points, now=time.time(), pace=self._pace)

    def _finish(self, record: Record) -> Change:
        events = list(reversed(self._store.events(record.job.id, limit=-1)))
        content = domain.build_result_file(events)
        # Named after the job, so that repeating it after a crash gives one file.
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
        # Load the model now, so that its first request need not wait.
        load_tuned_model(self._store.lessons(record.job.id))
        return domain.complete_job(record, result_file=file_id, now=time.time())
