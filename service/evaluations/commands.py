"""From a request to an order that is complete: what it names is looked up, and what cannot be measured is refused."""

from uuid import UUID

import msgspec

from service.datasets.domain import DATASET
from service.datasets.examples.chat_content import text_faults
from service.datasets.projection import DatasetVersionRow, version_named
from service.errors import Fault, Invalid, NotFound, Unprocessable
from service.evaluations.domain import EvaluationRequested, Leak, Measured, Plan
from service.evaluations.row_selection import MOST_ROWS, row_ids
from service.evaluations.schemas import NewEvaluation
from service.evaluations.scores.scorer_setup import columns
from service.evaluations.targets.leakage import Rows, leaks, refuse
from service.evaluations.targets.target_setup import measured
from service.ledger.decider import StreamState
from service.ledger.store import Ledger
from service.models.completions import refuse_faults
from service.tasks.domain import TASK, Task

AS_ASKED = ("limit", "sample", "seed", "repeats", "temperature", "max_tokens", "options", "fresh")


async def requested(ledger: Ledger, workspace_id: UUID, run_id: UUID, data: NewEvaluation) -> EvaluationRequested:
    """The event of an evaluation. Raises NotFound, Invalid and Unprocessable, among them Leakage."""
    _refuse_settings(data)
    task = await _task(ledger, workspace_id, data.dataset_id)
    version = await _version(ledger, workspace_id, data)
    rows = await _rows(ledger, workspace_id, version, data)
    targets = await measured(ledger, workspace_id, data.targets)
    used = await columns(ledger, workspace_id, data, task.state if task else None, targets)
    found = await _leakage(ledger, workspace_id, rows, targets, data)
    plan = Plan(
        dataset_seq=version.seq,
        dataset_digest=version.digest,
        rows=len(rows.ids),
        targets=targets,
        task_id=task.id if task else None,
        task_version=task.version if task else None,
        leakage=tuple(found),
        leakage_forced=any(leak.leaks for leak in found),
        **msgspec.structs.asdict(used),
        **{name: getattr(data, name) for name in AS_ASKED},
    )
    return EvaluationRequested(
        name=data.name,
        dataset_id=data.dataset_id,
        dataset_version=version.name,
        split=data.split,
        run_id=run_id,
        plan=plan,
    )


def _refuse_settings(data: NewEvaluation) -> None:
    refuse_faults(data.options)
    if faults := list(text_faults(data.options, at="/options")):
        raise Invalid(faults[0].detail, errors=faults)
    if data.limit is not None and data.sample is not None:
        detail = "Give limit or sample, not both."
        raise Invalid(detail, errors=[Fault(pointer="/sample", detail=detail)])


async def _task(ledger: Ledger, workspace_id: UUID, dataset_id: UUID) -> StreamState[Task] | None:
    dataset = (await ledger.get(DATASET, workspace_id, dataset_id)).state
    return None if dataset.task_id is None else await ledger.find(TASK, workspace_id, dataset.task_id)


async def _version(ledger: Ledger, workspace_id: UUID, data: NewEvaluation) -> DatasetVersionRow:
    try:
        return await version_named(ledger.engine, workspace_id, data.dataset_id, data.version)
    except NotFound as error:
        fault = Fault(pointer="/version", detail=error.detail, code="no_such_version")
        raise Unprocessable(error.detail, errors=[fault]) from error


async def _rows(ledger: Ledger, workspace_id: UUID, version: DatasetVersionRow, data: NewEvaluation) -> Rows:
    selection = version.selection(data.split)
    ids = await row_ids(ledger.engine, workspace_id, selection, limit=data.limit, sample=data.sample, seed=data.seed)
    if not ids:
        detail = f"Version {version.name} has no examples in {data.split}."
        raise Unprocessable(detail, errors=[Fault(pointer="/split", detail=detail, code="empty")])
    if len(ids) > MOST_ROWS:
        detail = f"One evaluation is over {MOST_ROWS:,} rows at the most: give a limit or a sample."
        raise Unprocessable(detail, errors=[Fault(pointer="/limit", detail=detail, code="too_many")])
    return Rows(selection, ids)


async def _leakage(
    ledger: Ledger, workspace_id: UUID, rows: Rows, targets: tuple[Measured, ...], data: NewEvaluation
) -> list[Leak]:
    found = await leaks(ledger.engine, workspace_id, rows, targets)
    if not data.force_leakage:
        refuse(found, [target.name for target in targets], rows=len(rows.ids))
    return found
