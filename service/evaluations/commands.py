"""Check a request for an evaluation, look up everything it names, and plan it."""

from uuid import UUID

import msgspec

from service.datasets.domain import DATASET
from service.datasets.examples.chat_content import find_text_faults
from service.datasets.projection import DatasetVersionRow, load_version
from service.errors import Fault, Invalid, NotFound, Unprocessable
from service.evaluations.domain import EvaluationRequested, Leak, Plan, TargetUsed
from service.evaluations.row_selection import MAX_ROWS, select_row_ids
from service.evaluations.schemas import NewEvaluation
from service.evaluations.scores.scorer_setup import build_scorer_setup
from service.evaluations.targets.leakage import EvaluationRows, check_leaks, find_leaks
from service.evaluations.targets.target_setup import resolve_targets
from service.extras import require_extra
from service.ledger.decider import StreamState
from service.ledger.store import Ledger
from service.models.completions import check_options
from service.tasks.domain import TASK, TaskState

REQUEST_FIELDS = ("limit", "sample", "seed", "repeats", "temperature", "max_tokens", "options", "fresh")


async def plan_evaluation(ledger: Ledger, workspace_id: UUID, run_id: UUID, data: NewEvaluation) -> EvaluationRequested:
    """Build the event of a new evaluation. Raises NotFound, Invalid, MissingExtra, and Unprocessable with Leakage."""
    # Checked for every scorer: the intervals of all means need it. A worker without it would fail after paying.
    require_extra("evaluations")
    _check_settings(data)
    task = await _find_task(ledger, workspace_id, data.dataset_id)
    version = await _find_version(ledger, workspace_id, data)
    rows = await _select_rows(ledger, workspace_id, version, data)
    targets = await resolve_targets(ledger, workspace_id, data.targets)
    setup = await build_scorer_setup(ledger, workspace_id, data, task.state if task else None, targets)
    leaks = await _find_leakage(ledger, workspace_id, rows, targets, data)
    plan = Plan(
        dataset_seq=version.seq,
        dataset_digest=version.digest,
        rows=len(rows.ids),
        targets=targets,
        task_id=task.id if task else None,
        task_version=task.version if task else None,
        leakage=tuple(leaks),
        leakage_forced=any(leak.has_leaked for leak in leaks),
        **msgspec.structs.asdict(setup),
        **{name: getattr(data, name) for name in REQUEST_FIELDS},
    )
    return EvaluationRequested(
        name=data.name,
        dataset_id=data.dataset_id,
        dataset_version=version.name,
        split=data.split,
        run_id=run_id,
        plan=plan,
    )


def _check_settings(data: NewEvaluation) -> None:
    check_options(data.options)
    if faults := list(find_text_faults(data.options, at="/options")):
        raise Invalid(faults[0].detail, errors=faults)
    if data.limit is not None and data.sample is not None:
        detail = "Give limit or sample, not both."
        raise Invalid(detail, errors=[Fault(pointer="/sample", detail=detail)])


async def _find_task(ledger: Ledger, workspace_id: UUID, dataset_id: UUID) -> StreamState[TaskState] | None:
    dataset = (await ledger.get(DATASET, workspace_id, dataset_id)).state
    return None if dataset.task_id is None else await ledger.find(TASK, workspace_id, dataset.task_id)


async def _find_version(ledger: Ledger, workspace_id: UUID, data: NewEvaluation) -> DatasetVersionRow:
    try:
        return await load_version(ledger.engine, workspace_id, data.dataset_id, data.version)
    except NotFound as error:
        fault = Fault(pointer="/version", detail=error.detail, code="no_such_version")
        raise Unprocessable(error.detail, errors=[fault]) from error


async def _select_rows(
    ledger: Ledger, workspace_id: UUID, version: DatasetVersionRow, data: NewEvaluation
) -> EvaluationRows:
    selection = version.selection(data.split)
    ids = await select_row_ids(
        ledger.engine, workspace_id, selection, limit=data.limit, sample=data.sample, seed=data.seed
    )
    if not ids:
        detail = f"Version {version.name} has no examples in {data.split}."
        raise Unprocessable(detail, errors=[Fault(pointer="/split", detail=detail, code="empty")])
    if len(ids) > MAX_ROWS:
        detail = f"An evaluation can measure at most {MAX_ROWS:,} rows. Set limit or sample."
        raise Unprocessable(detail, errors=[Fault(pointer="/limit", detail=detail, code="too_many")])
    return EvaluationRows(selection, ids)


async def _find_leakage(
    ledger: Ledger, workspace_id: UUID, rows: EvaluationRows, targets: tuple[TargetUsed, ...], data: NewEvaluation
) -> list[Leak]:
    leaks = await find_leaks(ledger.engine, workspace_id, rows, targets)
    if not data.force_leakage:
        check_leaks(leaks, [target.name for target in targets], rows=len(rows.ids))
    return leaks
