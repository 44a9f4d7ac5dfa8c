"""Chat JSONL as OpenAI, Together and Fireworks read it: our canonical content, with what we keep beside it."""

from collections.abc import AsyncIterator, Sequence

import msgspec

from service.datasets.examples.chat_content import Content, checked, decoded, text_faults
from service.datasets.imports.formats.json_rows import elements
from service.datasets.imports.formats.row import (
    BLOCK,
    LIMIT,
    NUL,
    BadRow,
    ExternalId,
    Metadata,
    Rating,
    Row,
    Split,
    Tags,
    build_row,
    find_metadata_faults,
)
from service.errors import Fault


class ChatRow(Content, frozen=True, kw_only=True):
    external_id: ExternalId | None = None
    tags: Tags | None = None
    rating: Rating | None = None
    split: Split | None = None
    metadata: Metadata | None = None


DECODER = msgspec.json.Decoder(ChatRow)


async def read(
    stream: AsyncIterator[bytes], /, *, limit: int = LIMIT, block: int = BLOCK
) -> AsyncIterator[Sequence[Row | BadRow]]:
    """Rows of chat JSONL; a JSON array of the same objects is taken too."""
    async for batch in elements(stream, limit=limit, block=block):
        yield [_read(line, at, data) for line, at, data in batch]


def _read(line: int, at: str, data: bytes | Fault) -> Row | BadRow:
    if isinstance(data, Fault):
        return BadRow(line=line, faults=(data,))
    said = decoded(DECODER, data, at=at)
    if isinstance(said, Fault):
        return BadRow(line=line, faults=(said,))
    content = Content(
        messages=said.messages,
        tools=said.tools,
        parallel_tool_calls=said.parallel_tool_calls,
        chosen=said.chosen,
        rejected=said.rejected,
    )
    encoded, faults = checked(content, at=at)
    faults.extend(find_metadata_faults(said, at=at))
    if NUL in data:
        beside = {"external_id": said.external_id, "tags": said.tags, "metadata": said.metadata}
        faults.extend(text_faults(msgspec.to_builtins(beside), at=at))
    return BadRow(line=line, faults=tuple(faults)) if faults else build_row(line, encoded, beside=said)
