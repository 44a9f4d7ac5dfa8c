"""Find rows a target has already seen, in training or as few-shot examples in its prompt."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, find_one
from service.datasets.examples.projection import revisions
from service.datasets.examples.queries import content_texts, select_revisions, with_content
from service.datasets.filters.selection import Filter, Selection
from service.datasets.projection import dataset_versions
from service.errors import Fault, Unprocessable
from service.evaluations.domain import Leak, PromptUsed, TargetUsed
from service.inference.domain import Served
from service.models.projection import model_versions
from service.tunes.projection import tunes

MAX_LISTED = 20  # ids in an error or a leak; the counts are complete
MAX_ANCESTORS = 20  # how many generations of tunes are traced back
Use = Literal["train", "validation"]


class Leakage(Unprocessable):
    """A target has already seen rows it would be measured on"""

    code = "leakage"


class TrainingSet(msgspec.Struct, frozen=True):
    """Examples used to train or validate a model."""

    selection: Selection
    use: Use


class EvaluationRows(msgspec.Struct, frozen=True):
    """The rows of an evaluation: a selection and the ids taken from it."""

    selection: Selection
    ids: Sequence[UUID]


async def find_leaks(
    engine: AsyncEngine, workspace_id: UUID, rows: EvaluationRows, targets: Sequence[TargetUsed]
) -> list[Leak]:
    """Find the rows each target has seen. Targets that have seen none are left out."""
    leaks = [await _find_leak(engine, workspace_id, rows, target) for target in targets]
    return [leak for leak in leaks if leak.has_leaked or leak.validated]


def check_leaks(leaks: Iterable[Leak], names: Sequence[str], *, rows: int) -> None:
    """Raise Leakage with a fault for each target that has seen rows."""
    faults = [
        Fault(pointer=f"/targets/{names.index(leak.target)}", detail=_describe(leak, rows), code="leakage")
        for leak in leaks
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
    for training_set in await _load_training_sets(engine, workspace_id, target.served):
        source = select_revisions(workspace_id, training_set.selection)
        same, equal_text = await _find_seen_rows(engine, workspace_id, rows, source)
        if training_set.use == "validation":
            validated |= same | equal_text
        else:
            trained, equal = trained | same, equal | equal_text
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
    """Load the training sets of a model and of all models it was tuned from."""
    names, seen = {served.provider_model}, set[str]()
    sources: set[tuple[UUID, str, str, Use]] = set()
    for _ in range(MAX_ANCESTORS):
        new = names - seen
        if not new:
            break
        seen |= new
        for row in await _find_origins(engine, workspace_id, sorted(new)):
            names.add(row.base_model)
            if row.dataset_id is None:
                continue
            version = (row.dataset_id, row.dataset_version)
            sources.add((*version, row.train_split or "train", "train"))
            if row.validation_split:
                sources.add((*version, row.validation_split, "validation"))
    training_sets = [await _load_training_set(engine, workspace_id, *source) for source in sorted(sources, key=str)]
    return [each for each in training_sets if each is not None]


async def _find_origins(engine: AsyncEngine, workspace_id: UUID, names: Sequence[str]) -> Sequence[Any]:
    """Find model versions and tunes by the provider's name: connections to one account share its models."""
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
    filters = msgspec.convert(row.filter, Filter)
    return TrainingSet(Selection(dataset_id=dataset_id, seq=row.seq, filter=filters, split=split, answered=True), use)


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
    same, equal_text = await _find_seen_rows(engine, workspace_id, rows, source)
    return same | equal_text


async def _find_seen_rows(
    engine: AsyncEngine, workspace_id: UUID, rows: EvaluationRows, source: sa.Select[Any]
) -> tuple[set[UUID], set[UUID]]:
    """Find rows that are in the source, and other rows with the same text as one in the source."""
    own_rows = select_revisions(workspace_id, rows.selection).where(
        revisions.c.example_id == sa.any_(sa.cast(list(rows.ids), ARRAY(sa.Uuid)))
    )
    measured, seen = _with_hashes(own_rows), _with_hashes(source)
    same = sa.select(seen.c.example_id).distinct().subquery()
    equal_text = sa.select(seen.c.hash).where(seen.c.hash.is_not(None)).distinct().subquery()
    query = (
        sa.select(measured.c.example_id, same.c.example_id.is_not(None).label("same"))
        .outerjoin_from(measured, same, same.c.example_id == measured.c.example_id)
        .outerjoin(equal_text, equal_text.c.hash == measured.c.hash)
        .where(sa.or_(same.c.example_id.is_not(None), equal_text.c.hash.is_not(None)))
    )
    matches = await fetch_all(engine, query)
    return {row.example_id for row in matches if row.same}, {row.example_id for row in matches if not row.same}


def _with_hashes(query: sa.Select[Any]) -> sa.CTE:
    columns = (revisions.c.example_id, sa.func.sha256(content_texts.c.body).label("hash"))
    return with_content(query).with_only_columns(*columns, maintain_column_froms=True).cte()
