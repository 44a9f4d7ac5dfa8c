"""Export model versions: download the weights, make each form, sign the folder, publish it. A killed export goes on."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from uuid import UUID

from service.artifacts.artifact_store import ArtifactStore
from service.errors import Conflict, NotFound, Problem, ProviderRefused, Unprocessable
from service.extras import MissingExtra
from service.integrations.domain import PUBLISHERS
from service.integrations.integration_accounts import open_integration
from service.integrations.publication import Publication, publish
from service.ledger.store import Caller
from service.models.domain import MODEL, get_version
from service.models.exports import domain, queries
from service.models.exports.domain import (
    MODEL_EXPORT,
    ModelExportEvent,
    ModelExportFormMade,
    ModelExportState,
)
from service.models.exports.export_folder import ExportFolder
from service.models.exports.forms import list_steps, open_maker
from service.models.exports.provenance import CARD_FILE, Exported, sign_export, write_export_card
from service.models.gates.gate_facts import GateFactsLoader
from service.text import replace_unstorable
from service.tunes.weights.commands import request_weights
from service.tunes.weights.domain import WEIGHTS
from service.weights.refusal import NotConvertible
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task
from service.worker.stop_requests import StopRequested, run_until_stopped

# Each takes a core and, of its largest tensor, some copies in memory.
CONCURRENCY = 2
MAX_ATTEMPTS = 6
WAIT_SECONDS = 1.0

Decide = Callable[[ModelExportState | None], Sequence[ModelExportEvent]]
# Makes files in the folder and returns their paths.
Make = Callable[[], Awaitable[list[str]]]


async def run(load_gate_facts: GateFactsLoader, context: WorkerContext, stop: asyncio.Event) -> None:
    """Export until `stop` is set. Any number of processes share the work."""
    task = LeasedTask(
        kind=queries.LEASE_KIND,
        candidates=queries.select_open,
        do=partial(export_model, load_gate_facts),
        base=2.0,
        cap=120.0,
        concurrency=CONCURRENCY,
    )
    await run_task(context, task, stop)


async def export_model(load_gate_facts: GateFactsLoader, context: WorkerContext, leased_job: LeasedJob) -> float | None:
    """Run one export to its end. Raises what may be better at the next attempt, of which there are MAX_ATTEMPTS."""
    stored = await context.ledger.get(MODEL_EXPORT, leased_job.workspace_id, leased_job.id)
    if stored.state.ended:
        return None
    export = Export(context, leased_job, stored.state, load_gate_facts)
    try:
        return await run_until_stopped(export.run(), export.is_to_stop)
    except StopRequested:
        await export.record(domain.finish_cancel)
    except (Conflict, MissingExtra, NotFound, ProviderRefused, Unprocessable) as problem:
        await export.fail(problem.code, problem.detail)
    except Problem as problem:
        if leased_job.lease.attempts < MAX_ATTEMPTS:
            raise
        await export.fail(problem.code, problem.detail)
    except OSError as error:
        if leased_job.lease.attempts < MAX_ATTEMPTS:
            raise
        await export.fail("disk_error", f"The export could not be written on the worker's disk: {error.strerror}.")
    return None


class Export:
    """One export, from where the attempt before left it."""

    def __init__(
        self,
        context: WorkerContext,
        leased_job: LeasedJob,
        state: ModelExportState,
        load_gate_facts: GateFactsLoader,
    ) -> None:
        self._context = context
        self._ledger = context.ledger
        self._id = leased_job.id
        self._state = state
        self._asked = state.asked
        self._load_gate_facts = load_gate_facts
        self._caller = Caller(
            workspace_id=leased_job.workspace_id, actor=state.asked.asked_by, request_id=state.asked.asked_in
        )
        root = (context.settings.data_directory / "exports").expanduser().absolute()
        store = ArtifactStore(context.settings)
        self._folder = ExportFolder(root, self._id, self._ledger, store, self._caller)

    async def run(self) -> float | None:
        """Do what is left. Returns in how many seconds to look again whether the weights have come."""
        artifact_ids = await self._find_weights()
        if artifact_ids is None:
            return WAIT_SECONDS
        try:
            await asyncio.to_thread(self._folder.begin)
            await self._make_all(artifact_ids)
        finally:
            await asyncio.to_thread(self._folder.remove)
        return None

    async def is_to_stop(self) -> bool:
        stored = await self._ledger.get(MODEL_EXPORT, self._caller.workspace_id, self._id)
        return stored.state.state == "cancelling"

    async def fail(self, code: str, detail: str) -> None:
        await self.record(partial(domain.fail, code=code, detail=replace_unstorable(detail[:2_000])))

    async def record(self, decide: Decide) -> None:
        self._state = (await self._ledger.change(MODEL_EXPORT, self._id, decide, caller=self._caller)).state

    async def _find_weights(self) -> list[UUID] | None:
        """The artifacts of the weights at the job's end; None while they are on their way, which is asked for once."""
        for row in await queries.list_downloads(self._ledger.engine, self._caller.workspace_id, self._asked.tune_id):
            download = (await self._ledger.get(WEIGHTS, self._caller.workspace_id, row.id)).state
            if download.asked.checkpoint is None:
                return [UUID(each) for each in row.result["artifacts"]]
        if self._state.weights_operation is not None:
            download = (await self._ledger.get(WEIGHTS, self._caller.workspace_id, self._state.weights_operation)).state
            if download.ended:
                raise Conflict(f"The weights were not downloaded: see the operation {self._state.weights_operation}.")
            return None
        weights_id = await request_weights(self._ledger, self._caller, self._asked.tune_id, checkpoint=None)
        await self.record(partial(domain.fetch, weights_operation=weights_id))
        return None

    async def _make_all(self, artifact_ids: list[UUID]) -> None:
        asked, workspace_id, out = self._asked, self._caller.workspace_id, self._folder.out
        source = await self._folder.lay_out(artifact_ids)
        await self._folder.restore(
            [each for form in self._state.made.values() for each in form.artifacts], version=asked.model_version
        )
        model = (await self._ledger.get(MODEL, workspace_id, asked.model_id)).state
        version = get_version(model, asked.model_version)
        maker = await open_maker(self._context, workspace_id, version, model=model.name, source=source, out=out)
        exported = Exported(workspace_id=workspace_id, model=model.name, version=version, license=maker.license)
        steps: dict[str, Make] = {form: partial(maker.make, form) for form in list_steps(asked.forms)}
        steps["card"] = partial(self._write_card, exported)
        steps["signature"] = partial(sign_export, self._context, exported, asked.model_id, out)
        for number, (form, make) in enumerate(steps.items(), start=1):
            if form not in self._state.made:
                await self._make(form, make, done=number, total=len(steps))
        await self.record(partial(domain.finish, location=await self._publish(exported)))

    async def _publish(self, exported: Exported) -> str | None:
        """Publish the folder where that was asked for. Raises Conflict when it is refused, Unavailable otherwise."""
        to = self._asked.to
        if to is None or not self._state.has_forms:
            return None
        account = await open_integration(self._context, self._caller.workspace_id, to.integration_id, *PUBLISHERS)
        message = f"{exported.model} {exported.version.model_version}"
        publication = Publication(account=account, target=to, folder=self._folder.out, message=message, type="model")
        return await publish(publication)

    async def _make(self, form: str, make: Make, *, done: int, total: int) -> None:
        """Make one form and store it; or record why it cannot be made."""
        try:
            artifacts, size = await self._folder.keep(self._asked, await make())
        except NotConvertible as refusal:
            made = ModelExportFormMade(
                form=form, done=done, total=total, skipped=replace_unstorable(refusal.detail[:2_000])
            )
        else:
            made = ModelExportFormMade(form=form, done=done, total=total, artifacts=tuple(artifacts), bytes=size)
        await self.record(partial(domain.make, made=made))
        if self._state.state == "cancelling":
            raise StopRequested

    async def _write_card(self, exported: Exported) -> list[str]:
        await write_export_card(
            self._context, exported, self._state, self._folder.out, load_gate_facts=self._load_gate_facts
        )
        return [CARD_FILE]
