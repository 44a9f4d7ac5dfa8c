"""Attach a task to a dataset, a model or a prompt."""

from uuid import UUID

from service.ledger.store import Ledger
from service.tasks.domain import TASK, require_active


async def check_task(ledger: Ledger, workspace_id: UUID, task_id: UUID | None) -> None:
    """Raises NotFound if there is no such task, and Archived."""
    if task_id is not None:
        require_active((await ledger.get(TASK, workspace_id, task_id)).state, pointer="/task_id")
