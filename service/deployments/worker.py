"""Start deployments exactly once, follow them, and stop them on every path: on request, at their time, or killed."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from service.access.actors import SERVER
from service.connections.accounts import JOB_SECONDS, open_accounts
from service.deployments import domain, queries
from service.deployments.domain import DEPLOYMENT, DeploymentEvent, DeploymentObserved, DeploymentRecord
from service.errors import NotFound, ProviderRefused
from service.ledger.store import Caller
from service.providers.abilities import Deployer, Deployment, DeploymentSpec
from service.providers.provider import Refused
from service.text import replace_unstorable
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

CONCURRENCY = 8
HTTP_NOT_FOUND = 404
# One that answers is looked at less often than one that is being made or stopped.
SLOWDOWN = 6


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Look after deployments until `stop` is set. Any number of processes share them."""
    interval = context.settings.poll_interval
    task = LeasedTask(
        kind=queries.DEPLOY,
        candidates=queries.select_open,
        do=look_after,
        base=interval,
        cap=60 * interval,
        concurrency=CONCURRENCY,
    )
    await run_task(context, task, stop)


async def look_after(context: WorkerContext, leased_job: LeasedJob) -> float | None:
    """Take one deployment's next step. Raises the provider's errors that say nothing about the deployment."""
    keeper = Keeper(context, leased_job)
    record = await keeper.load()
    if not record.ended and record.asked.stop_after <= datetime.now(UTC):
        record = await keeper.record(lambda each: domain.stop(each, reason="stop_after", at=datetime.now(UTC)))
    if record.ended:
        return None
    try:
        accounts = open_accounts(context)
        async with accounts.open(leased_job.workspace_id, record.asked.connection_id, patience=JOB_SECONDS) as provider:
            record = await keeper.step(_require_deployer(provider, record.asked.connection_kind), record)
    except NotFound:
        record = await keeper.fail("The connection was deleted. Stop the deployment in the provider's own console.")
    except ProviderRefused as refused:
        if record.stop_requested or record.deployment_id:  # it may go on costing: try again, do not give up
            raise
        record = await keeper.fail(refused.detail)
    if record.ended:
        return None
    interval = context.settings.poll_interval
    return interval * SLOWDOWN if record.state in ("ready", "cold") and not record.stop_requested else interval


Decide = Callable[[DeploymentRecord | None], Sequence[DeploymentEvent]]


class Keeper:
    """Looks after one deployment."""

    def __init__(self, context: WorkerContext, leased_job: LeasedJob) -> None:
        self._context = context
        self._lease = leased_job

    async def load(self) -> DeploymentRecord:
        stored = await self._context.ledger.get(DEPLOYMENT, self._lease.workspace_id, self._lease.id)
        return stored.state

    async def step(self, provider: Deployer, record: DeploymentRecord) -> DeploymentRecord:
        if record.stop_requested or record.state == "failed":
            return await self._stop(provider, record)
        if record.token is None:
            token = str(self._lease.id)
            record = await self.record(lambda each: domain.begin(each, token=token))
            if record.token is None:
                return record  # stopped in the meantime
        if record.deployment_id is None:
            seen = await provider.find_deployment(record.token or "")
            if seen is None:
                await self._lease.confirm()
                seen = await provider.deploy(build_spec(record))
            return await self._observe(seen)
        try:
            return await self._observe(await provider.deployment(record.deployment_id))
        except Refused as refused:
            if refused.provider_status != HTTP_NOT_FOUND:
                raise
            now = datetime.now(UTC)
            return await self.record(lambda each: domain.record_stopped(each, at=now, by_provider=True))

    async def fail(self, message: str) -> DeploymentRecord:
        now, text = datetime.now(UTC), replace_unstorable(message)
        return await self.record(lambda each: domain.fail(each, text, at=now))

    async def record(self, decide: Decide) -> DeploymentRecord:
        caller = Caller(workspace_id=self._lease.workspace_id, actor=SERVER, request_id="")
        stored = await self._context.ledger.change(DEPLOYMENT, self._lease.id, decide, caller=caller)
        return stored.state

    async def _stop(self, provider: Deployer, record: DeploymentRecord) -> DeploymentRecord:
        """Stop it at the provider. It has ended once the provider says so, or no longer knows it."""
        deployment_id = record.deployment_id
        if deployment_id is None:
            found = await provider.find_deployment(record.token or "")
            deployment_id = found.id if found else None
        if deployment_id is not None:
            await provider.undeploy(deployment_id)
            try:
                seen = await provider.deployment(deployment_id)
            except Refused as refused:
                if refused.provider_status != HTTP_NOT_FOUND:
                    raise
            else:
                if seen.state not in ("stopped", "failed"):
                    return await self._observe(seen)
        now = datetime.now(UTC)
        return await self.record(lambda each: domain.record_stopped(each, at=now, by_provider=False))

    async def _observe(self, seen: Deployment) -> DeploymentRecord:
        news = replace_unstorable(build_observation(seen, at=datetime.now(UTC)))
        return await self.record(lambda each: domain.observe(each, news))


def _require_deployer(provider: object, kind: str) -> Deployer:
    if not isinstance(provider, Deployer):
        raise ProviderRefused(f"{kind} deploys no models.")
    return provider


def build_spec(record: DeploymentRecord) -> DeploymentSpec:
    names = ("model", "name", "hardware", "min_replicas", "max_replicas", "idle_minutes")
    return DeploymentSpec(token=record.token or "", **{name: getattr(record.asked, name) for name in names})


def build_observation(seen: Deployment, *, at: datetime) -> DeploymentObserved:
    return DeploymentObserved(
        deployment_id=seen.id,
        state=seen.state,
        raw_status=seen.raw_status,
        address=seen.address,
        error=seen.error,
        price_per_hour=None if seen.hourly_price is None else format(seen.hourly_price, "f"),
        at=at,
    )
