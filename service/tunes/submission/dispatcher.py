"""Send each tune to its provider exactly once, even if workers are killed and responses are lost.

The intent is recorded before the job is created, with a token that the job carries. Whoever finds such an intent
without a job first finds out whether there is one.
"""

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import assert_never

from service.connections.accounts import JOB_SECONDS, open_accounts
from service.connections.queries import list_other_connections
from service.errors import Conflict, NotFound, ProviderRefused, ProviderUnavailable
from service.providers.provider import Refused
from service.settings import get_machine_label
from service.text import replace_unstorable
from service.tunes import decisions, queries
from service.tunes.decisions import Step
from service.tunes.events import TUNE, Failure
from service.tunes.submission.doubts import Doubts
from service.tunes.submission.submission import Submission
from service.tunes.submission.training_file import Uploads
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

MAX_ATTEMPTS = 12
CONCURRENCY = 16
# A trouble that is over at the next attempt is not worth an event.
TROUBLED_ATTEMPTS = 2


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Send new tunes; cancel, pause and resume jobs until `stop` is set."""
    do = partial(dispatch, Uploads(context.engine), Doubts(context.settings))
    candidates = partial(queries.select_to_dispatch, get_machine_label(context.settings))
    task = LeasedTask(kind=queries.DISPATCH, candidates=candidates, do=do, base=2, cap=600, concurrency=CONCURRENCY)
    await run_task(context, task, stop)


async def dispatch(uploads: Uploads, doubts: Doubts, context: WorkerContext, leased_job: LeasedJob) -> float | None:
    """Take one tune's next step. Raises, such as ProviderUnavailable, when it must be retried."""
    stored = await context.ledger.get(TUNE, leased_job.workspace_id, leased_job.id)
    step = decisions.next_step(stored.state)
    submission = Submission(context=context, leased_job=leased_job, tune=stored.state)
    if step == "send" and leased_job.lease.attempts > MAX_ATTEMPTS:
        await _give_up(submission)
        return None
    connection_id = stored.state.asked.connection_id
    try:
        async with open_accounts(context).open(
            leased_job.workspace_id, connection_id, patience=JOB_SECONDS
        ) as provider:
            submission.provider = provider
            return await _take_step(step, submission, uploads, doubts)
    except (ProviderRefused, NotFound, Conflict) as refused:
        await submission.fail(await _build_failure(submission, refused))
        return None
    except ProviderUnavailable as error:
        if leased_job.lease.attempts >= TROUBLED_ATTEMPTS:
            message = replace_unstorable(error.detail)
            await submission.record(lambda tune: decisions.record_trouble(tune, message=message, at=datetime.now(UTC)))
        raise


async def _take_step(step: Step, submission: Submission, uploads: Uploads, doubts: Doubts) -> float | None:
    match step:
        case "nothing":  # somebody else was faster
            return None
        case "stop":
            return await submission.stop()
        case "pause" | "resume":
            return await submission.send_pause(step)
        case "confirm":
            return await doubts.confirm(submission)
        case "send" if submission.tune.posted:
            return await doubts.resolve(submission)
        case "send":
            return await submission.send(uploads)
        case _:
            assert_never(step)


async def _give_up(submission: Submission) -> None:
    last_error = submission.leased_job.lease.last_error or "the worker died"
    message = f"Gave up after {MAX_ATTEMPTS} attempts. Last error: {last_error}"
    if submission.tune.posted:
        now = datetime.now(UTC)
        await submission.record(lambda tune: decisions.ask_for_attention(tune, message=f"{message}.", at=now))
    else:
        await submission.fail(Failure(code="dispatch_given_up", message=message))


async def _build_failure(submission: Submission, refused: ProviderRefused | NotFound | Conflict) -> Failure:
    code = (refused.provider_code if isinstance(refused, Refused) else None) or refused.code
    asked = submission.tune.asked
    names = await list_other_connections(
        submission.context.engine, submission.leased_job.workspace_id, asked.connection_id, asked.method
    )
    hint = decisions.suggest_connections(names, asked.method, code=code)
    return replace_unstorable(Failure(code=code, message=refused.detail, hint=hint))
