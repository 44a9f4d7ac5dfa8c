"""Load the pairs of answers that pairwise judges compared, as preferences: the winner and the loser."""

from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.datasets.examples.projection import current_split, examples, revisions
from service.datasets.examples.queries import metadata_texts, select_present, with_metadata
from service.datasets.exports.file_writer import build_pair, get_answer, to_example
from service.datasets.exports.writers.written_example import Json, WrittenExample
from service.datasets.filters.selection import Selection
from service.evaluations import queries
from service.evaluations.domain import REFERENCE, JudgeUsed, Plan
from service.evaluations.projection import evaluations
from service.evaluations.queries import ResultFilter
from service.inference.outcomes import StoredAnswer

PAGE_ROWS = 500
NO_FILTER = ResultFilter()
COLUMNS = (
    *(examples.c.id, examples.c.external_id, current_split.label("split")),
    *(revisions.c.tags, revisions.c.score, revisions.c.content.label("digest")),
    metadata_texts.c.body.label("metadata"),
    sa.null().label("original"),  # a pair was never imported
)


async def load_judgement_pairs(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection
) -> AsyncIterator[Sequence[WrittenExample]]:
    """Pairs by evaluation and example, of those examples whose text is still the one that was judged."""
    query = sa.select(evaluations.c.id, evaluations.c.plan).where(
        evaluations.c.workspace_id == workspace_id, evaluations.c.dataset_id == selection.dataset_id
    )
    for row in await fetch_all(engine, query.order_by(evaluations.c.id)):
        judges = [judge for judge in msgspec.convert(row.plan, Plan).judges if judge.kind == "pairwise"]
        if not judges:
            continue
        async for results in _read_results(engine, workspace_id, row.id):
            ids = {result.example_id for result in results}
            selected = await _load_selected(engine, workspace_id, selection, ids)
            yield list(_build_pairs(results, judges, selected))


async def _read_results(engine: AsyncEngine, workspace_id: UUID, evaluation_id: UUID) -> AsyncIterator[list[Any]]:
    """The results of whole examples, in batches."""
    waiting: list[Any] = []
    after: tuple[UUID, int] | None = None
    while page := await queries.list_results(
        engine, workspace_id, evaluation_id, NO_FILTER, after=after, limit=PAGE_ROWS
    ):
        after = (page[-1].example_id, page[-1].place)
        waiting += page
        whole = [row for row in waiting if row.example_id != after[0]]
        waiting = [row for row in waiting if row.example_id == after[0]]
        yield whole
    yield waiting


async def _load_selected(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, ids: set[UUID]
) -> dict[UUID, Any]:
    query = with_metadata(select_present(workspace_id, selection)).with_only_columns(
        *COLUMNS, maintain_column_froms=True
    )
    query = query.where(revisions.c.example_id == sa.any_(sa.cast(sorted(ids), ARRAY(sa.Uuid))))
    return {row.id: row for row in await fetch_all(engine, query)} if ids else {}


def _build_pairs(
    results: Sequence[Any], judges: Sequence[JudgeUsed], selected: dict[UUID, Any]
) -> Iterator[WrittenExample]:
    for example_id, group in groupby(results, lambda result: result.example_id):
        by_target = {result.target: result for result in group}
        row = selected.get(example_id)
        first = next(iter(by_target.values()))
        if row is None or first.example is None or row.digest.hex() != first.example_content:
            continue
        content: Json = msgspec.json.decode(first.example)
        for judge in judges:
            for result in by_target.values():
                pair = _find_pair(content, judge, result, by_target)
                if pair is not None:
                    yield to_example(row, build_pair(content, *pair))


def _find_pair(content: Json, judge: JudgeUsed, result: Any, by_target: dict[str, Any]) -> tuple[Json, Json] | None:
    """The better and the worse answer; None for a tie, without a judgement, and where an answer is missing."""
    winner = (result.scores.get(judge.label) or {}).get("details", {}).get("winner")
    if winner not in ("first", "second"):
        return None
    own = _read_answer(result)
    if judge.against == REFERENCE:
        rival: Json | None = get_answer(content)
    else:
        rival = _read_answer(by_target.get(judge.against or ""))
    if own is None or rival is None:
        return None
    return (own, rival) if winner == "first" else (rival, own)


def _read_answer(result: Any) -> Json | None:
    if result is None or result.answer is None:
        return None
    answer = msgspec.json.decode(result.answer, type=StoredAnswer)
    message: Json = {"role": "assistant"}
    if answer.text:
        message["content"] = answer.text
    if answer.tool_calls:
        message["tool_calls"] = msgspec.to_builtins(answer.tool_calls)
    return message if len(message) > 1 else None
