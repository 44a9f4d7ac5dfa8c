"""Read what the rows of a split are like: their shape, what they carry, and how many tokens they have."""

import asyncio
from collections import OrderedDict
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.projection import DatasetVersionRow
from service.datasets.splits import Split
from service.datasets.versions.export import stream_jsonl
from service.providers.training_rows.model_tokenizer import Tokenizer
from service.providers.training_rows.token_counter import choose_usable, count_row_tokens, is_trained_on
from service.tunes.preflight.domain import RowFacts

# Rows beyond these are not read: their figures follow from the first ones, and the answer says so.
MAX_ROWS = 5_000
MAX_BYTES = 32_000_000
CACHED = 256


class RowReader:
    """Reads splits of frozen versions, and remembers the last ones: a frozen split does not change."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[UUID, UUID, str, Split, Tokenizer], RowFacts] = OrderedDict()

    async def read(
        self,
        engine: AsyncEngine,
        workspace_id: UUID,
        dataset_id: UUID,
        version: DatasetVersionRow,
        split: Split,
        tokenizer: Tokenizer,
    ) -> RowFacts:
        key = (workspace_id, dataset_id, version.name, split, tokenizer)
        if key not in self._known:
            self._known[key] = await _read_split(engine, workspace_id, version, split, tokenizer)
            if len(self._known) > CACHED:
                self._known.popitem(last=False)
        return self._known[key]


async def _read_split(
    engine: AsyncEngine, workspace_id: UUID, version: DatasetVersionRow, split: Split, tokenizer: Tokenizer
) -> RowFacts:
    total, lines, size = version.splits.get(split, 0), [], 0
    pieces = stream_jsonl(engine, workspace_id, version.selection(split))
    try:
        async for piece in pieces:
            lines += piece.splitlines()
            size += len(piece)
            if len(lines) >= MAX_ROWS or size >= MAX_BYTES:
                break
    finally:
        await pieces.aclose()  # type: ignore[attr-defined]
    return await asyncio.to_thread(_measure, lines[:MAX_ROWS], total, tokenizer)


def _measure(lines: list[bytes], total: int, tokenizer: Tokenizer) -> RowFacts:
    contents = [msgspec.json.decode(line) for line in lines]
    usable = choose_usable(tokenizer)
    lengths = count_row_tokens(contents, usable)
    return RowFacts(
        rows=total,
        read=len(contents),
        preference=sum("chosen" in content for content in contents),
        untrained=sum(not is_trained_on(content) for content in contents),
        weighted=sum(any(m.get("weight") == 0 for m in content["messages"]) for content in contents),
        with_tools=sum(any(m.get("tool_calls") for m in content["messages"]) for content in contents),
        tokens=round(sum(lengths) * total / len(lengths)) if lengths else 0,
        longest=max(lengths, default=0),
        encoding=usable.name,
        exact=usable.exact,
    )
