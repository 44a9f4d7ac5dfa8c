"""Find rows a target has already seen, in training or as few-shot examples in its prompt."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, find_one
from service.datasets.examples.filters import Filter, Selection
from service.datasets.examples.projection import revisions
from service.datasets.examples.queries import chosen, said, with_content
from service.datasets.projection import dataset_versions
from service.errors import Fault, Unprocessable
from service.evaluations.domain import Leak, PromptUsed, TargetUsed
from service.inference.domain import Served
from service.models.projection import model_versions
from service.tunes.projection import tunes

MAX_LISTED = 20  # ids that are named; the counts tell how many there are
MAX_ANCESTORS = 20  # tunes upon tunes that are followed back
Use = Literal["train", "validation"]


class Leakage(Unprocessable):
    """A target was trained on what it would be measured with"""

    code = "leakage"


class TrainingSet(msgspec.Struct, frozen=True):
    """Examples that a model was made with."""

    selection: Selection
    use: Use


class EvaluationRows(msgspec.Struct, frozen=True):
    """The rows of an evaluation."""

    selection: Selection
    ids: Sequence[UUID]


async def find_leaks(
    engine: AsyncEngine, workspace_id: UUID, rows: EvaluationRows, targets: Sequence[TargetUsed]
) -> list[Leak]:
    """Find the rows each target has seen. Targets that have seen none are left out."""
    found = [await _find_leak(engine, workspace_id, rows, target) for target in targets]
    return [leak for leak in found if leak.has_leaked or leak.validated]


def check_leaks(found: Iterable[Leak], names: Sequence[str], *, rows: int) -> None:
    """Raises Leakage with a fault for each target that leaks."""
    faults = [
        Fault(pointer=f"/targets/{names.index(leak.target)}", detail=_describe(leak, rows), code="leakage")
        for leak in found
        if leak.has_leaked
    ]
    if faults:
        detail = "Some targets have already seen some rows. Measure other rows, or set force_leakage."
        raise Leakage(detail, errors=faults)


def _describe(leak: Leak, rows: int) -> str:
    kinds = {
        "were trained on": leak.trained,
        "have the same text as one trained on": leak.equal,
        "are shown in its prompt": leak.shown,
    }
    counts = ", ".join(f"{count} {words}" for words, count in kinds.items() if count)
    first = ", ".join(str(each) for each in leak.examples)
    return f"Of {rows} rows, {counts}. The first: {first}."


async def _find_leak(engine: AsyncEngine, workspace_id: UUID, rows: EvaluationRows, target: TargetUsed) -> Leak:
    trained: set[UUID] = set()
    equal: set[UUID] = set()
    validated: set[UUID] = set()
    for taught in await _load_training_sets(engine, workspace_id, target.served):
        same, alike = await _find_seen_rows(engine, workspace_id, rows, chosen(workspace_id, taught.selection))
        if taught.use == "validation":
            validated |= same | alike
        else:
            trained, equal = trained | same, equal | alike
    shown = await _find_shown_rows(engine, workspace_id, rows, target.prompt)
    return Leak(
        target=target.name,
        trained=len(trained),
        equal=len(equal - trained),
        shown=len(shown),
        validated=len(validated),
        examples=tuple(sorted(trained | equal | shown)[:MAX_LISTED]),
    )


async def _load_training_sets(engine: AsyncEngine, workspace_id: UUID, served: Served) -> list[TrainingSet]:
    """Load what a model and all its ancestors were trained with."""
    names, taught, known = {served.provider_model}, set[tuple[UUID, str, str, Use]](), set[str]()
    for _ in range(MAX_ANCESTORS):
        open_ = names - known
        if not open_:
            break
        known |= open_
        for row in await _find_origins(engine, workspace_id, sorted(open_)):
            names.add(row.base_model)
            if row.dataset_id is None:
                continue
            here = (row.dataset_id, row.dataset_version)
            taught.add((*here, row.train_split or "train", "train"))
            if row.validation_split:
                taught.add((*here, row.validation_split, "validation"))
    return [
        found for each in sorted(taught, key=str) if (found := await _load_training_set(engine, workspace_id, *each))
    ]


async def _find_origins(engine: AsyncEngine, workspace_id: UUID, names: Sequence[str]) -> Sequence[Any]:
    """Versions and tunes of these names. A provider's name is enough: connections to one account share its models."""
    fields = ("base_model", "dataset_id", "dataset_version", "train_split", "validation_split")
    queries = [
        sa.select(*[table.c[name] for name in fields]).where(
            table.c.workspace_id == workspace_id,
            table.c.provider_model == sa.any_(sa.cast(list(names), ARRAY(sa.Text))),
        )
        for table in (model_versions, tunes)
    ]
    return await fetch_all(engine, sa.union(*queries))


async def _load_training_set(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, version: str, split: Any, use: Use
) -> TrainingSet | None:
    query = sa.select(dataset_versions.c.seq, dataset_versions.c.filter).where(
        dataset_versions.c.workspace_id == workspace_id,
        dataset_versions.c.dataset_id == dataset_id,
        dataset_versions.c.name == version,
    )
    row = await find_one(engine, query)
    if row is None:
        return None
    wanted = msgspec.convert(row.filter, Filter)
    return TrainingSet(Selection(dataset_id=dataset_id, seq=row.seq, filter=wanted, split=split), use)


async def _find_shown_rows(
    engine: AsyncEngine, workspace_id: UUID, rows: EvaluationRows, prompt: PromptUsed | None
) -> set[UUID]:
    if prompt is None or not prompt.examples:
        return set()
    source = (
        sa.select()
        .select_from(revisions)
        .where(
            revisions.c.workspace_id == workspace_id,
            revisions.c.dataset_id == prompt.dataset_id,
            sa.or_(
                *[
                    sa.and_(revisions.c.example_id == ref.example_id, revisions.c.version == ref.version)
                    for ref in prompt.examples
                ]
            ),
        )
    )
    same, alike = await _find_seen_rows(engine, workspace_id, rows, source)
    return same | alike


async def _find_seen_rows(
    engine: AsyncEngine, workspace_id: UUID, rows: EvaluationRows, source: sa.Select[Any]
) -> tuple[set[UUID], set[UUID]]:
    """Find rows that are in the source, and other rows with the same text as one in the source."""
    mine = chosen(workspace_id, rows.selection).where(
        revisions.c.example_id == sa.any_(sa.cast(list(rows.ids), ARRAY(sa.Uuid)))
    )
    asked, theirs = _with_hashes(mine), _with_hashes(source)
    same = sa.select(theirs.c.example_id).distinct().subquery()
    alike = sa.select(theirs.c.hash).where(theirs.c.hash.is_not(None)).distinct().subquery()
    query = (
        sa.select(asked.c.example_id, same.c.example_id.is_not(None).label("same"))
        .outerjoin_from(asked, same, same.c.example_id == asked.c.example_id)
        .outerjoin(alike, alike.c.hash == asked.c.hash)
        .where(sa.or_(same.c.example_id.is_not(None), alike.c.hash.is_not(None)))
    )
    found = await fetch_all(engine, query)
    return {row.example_id for row in found if row.same}, {row.example_id for row in found if not row.same}


def _with_hashes(query: sa.Select[Any]) -> sa.CTE:
    columns = (revisions.c.example_id, sa.func.sha256(said.c.body).label("hash"))
    return with_content(query).with_only_columns(*columns, maintain_column_froms=True).cte()
