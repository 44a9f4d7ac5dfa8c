"""Read what the rows of a split are like: their shape, what they carry, and how many tokens they have."""

import asyncio
from collections import OrderedDict
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.projection import DatasetVersionRow
from service.datasets.splits import Split
from service.datasets.versions.export import stream_jsonl
from service.tunes.preflight.domain import ENCODING, RowFacts

# Rows beyond these are not read: their figures follow from the first ones, and the answer says so.
MAX_ROWS = 5_000
MAX_BYTES = 32_000_000
# Of the chat format, a message: its role and the marks around it. Source: OpenAI's guide to counting tokens.
TOKENS_PER_MESSAGE = 4
CACHED = 256


class RowReader:
    """Reads splits of frozen versions, and remembers the last ones: a frozen split does not change."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[UUID, UUID, str, Split], RowFacts] = OrderedDict()

    async def read(
        self, engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, version: DatasetVersionRow, split: Split
    ) -> RowFacts:
        key = (workspace_id, dataset_id, version.name, split)
        if key not in self._known:
            self._known[key] = await _read_split(engine, workspace_id, version, split)
            if len(self._known) > CACHED:
                self._known.popitem(last=False)
        return self._known[key]


async def _read_split(engine: AsyncEngine, workspace_id: UUID, version: DatasetVersionRow, split: Split) -> RowFacts:
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
    return await asyncio.to_thread(_measure, lines[:MAX_ROWS], total)


def _measure(lines: list[bytes], total: int) -> RowFacts:
    contents = [msgspec.json.decode(line) for line in lines]
    lengths = count_tokens([_collect_text(content) for content in contents])
    tokens = None
    if lengths is not None:
        marks = [TOKENS_PER_MESSAGE * len(content["messages"]) for content in contents]
        lengths = [length + mark for length, mark in zip(lengths, marks, strict=True)]
        tokens = round(sum(lengths) * total / len(lengths)) if lengths else 0
    return RowFacts(
        rows=total,
        read=len(contents),
        preference=sum("chosen" in content for content in contents),
        untrained=sum(not _is_trained_on(content) for content in contents),
        weighted=sum(any(m.get("weight") == 0 for m in content["messages"]) for content in contents),
        with_tools=sum(any(m.get("tool_calls") for m in content["messages"]) for content in contents),
        tokens=tokens,
        longest=max(lengths, default=0) if lengths is not None else None,
    )


def count_tokens(texts: list[str]) -> list[int] | None:
    """Count the tokens of each text. None where no tokenizer is installed."""
    try:
        import bpe_openai  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        return None
    encoding = bpe_openai.get_encoding(ENCODING)
    return [len(encoding.encode_ordinary(text)) for text in texts]


def _collect_text(content: dict[str, Any]) -> str:
    """All text that a model reads or writes for a row, its tools and tool calls as JSON."""
    messages = [*content["messages"], *([content["chosen"], content["rejected"]] if "chosen" in content else [])]
    texts = [text for message in messages for text in _list_texts(message)]
    if tools := content.get("tools"):
        texts.append(msgspec.json.encode(tools).decode())
    return "\n".join(texts)


def _list_texts(message: Any) -> list[str]:
    if isinstance(message, list):
        return [text for each in message for text in _list_texts(each)]
    content = message.get("content")
    parts = [content] if isinstance(content, str) else [part.get("text", "") for part in content or ()]
    calls = [call["function"]["name"] + call["function"]["arguments"] for call in message.get("tool_calls") or ()]
    return [*parts, message.get("reasoning") or "", *calls]


def _is_trained_on(content: dict[str, Any]) -> bool:
    if "chosen" in content:
        return True
    return any(
        message["role"] == "assistant"
        and message.get("weight") != 0
        and (message.get("content") or message.get("tool_calls"))
        for message in content["messages"]
    )
