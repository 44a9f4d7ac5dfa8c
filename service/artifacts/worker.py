"""Delete contents that no artifact needs: a process was killed before it could."""

import asyncio

import sqlalchemy as sa
import structlog

from service.access.projection import workspaces
from service.artifacts.artifact_store import ArtifactStore
from service.artifacts.commands import delete_orphans
from service.database.rows import fetch_column
from service.errors import Problem
from service.ledger.retry import sleep_or_stop
from service.worker.context import WorkerContext

PAUSE_SECONDS = 3_600.0

log = structlog.get_logger(__name__)


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Delete the orphans of all workspaces, once an hour, until `stop` is set."""
    store = ArtifactStore(context.settings)
    while not stop.is_set():
        try:
            store.delete_abandoned()
            for workspace_id in await fetch_column(context.engine, sa.select(workspaces.c.workspace_id)):
                await delete_orphans(context.engine, store, workspace_id)
        except Problem as problem:
            log.warning("orphans_not_deleted", because=problem.detail)
        await sleep_or_stop(stop, PAUSE_SECONDS)
