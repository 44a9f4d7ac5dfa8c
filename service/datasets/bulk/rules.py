"""Load what the change of each example follows from, beside the example."""

from uuid import UUID

from service.datasets.bulk.actions.bulk_order import UndoChange
from service.datasets.bulk.bulk_batch import BatchRules
from service.datasets.bulk.domain import BULK, BulkState
from service.datasets.bulk.queries import BulkTexts
from service.datasets.domain import DATASET
from service.ledger.store import Ledger
from service.tasks.domain import TASK


async def load_rules(
    ledger: Ledger, workspace_id: UUID, bulk_id: UUID, bulk: BulkState, *, texts: BulkTexts, actor: str
) -> BatchRules:
    """Load what the change of each example follows from, beside the example."""
    dataset = (await ledger.get(DATASET, workspace_id, bulk.dataset_id)).state
    action = texts.order.action
    undone = (await ledger.get(BULK, workspace_id, action.bulk_id)).state if isinstance(action, UndoChange) else None
    return BatchRules(
        bulk_id=bulk_id,
        dataset_id=bulk.dataset_id,
        action=action,
        actor=actor,
        reason=bulk.reason,
        task=await ledger.find(TASK, workspace_id, dataset.task_id) if dataset.task_id else None,
        policy=dataset.split_policy,
        moves=texts.moves,
        undo_ids=undone.undo_ids if undone else (),
    )
