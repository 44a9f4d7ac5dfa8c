"""Chat JSONL as OpenAI, Together and Fireworks read it: our canonical content, with optional fields besides it."""

from collections.abc import AsyncIterator, Sequence

import msgspec

from service.datasets.examples.chat_content import Content, decode_or_fault, encode_and_check, find_text_faults
from service.datasets.imports.formats.json_rows import read_json_rows
from service.datasets.imports.formats.row import (
    BLOCK_BYTES,
    ESCAPED_NUL,
    MAX_ROW_BYTES,
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
    stream: AsyncIterator[bytes], /, *, limit: int = MAX_ROW_BYTES, block: int = BLOCK_BYTES
) -> AsyncIterator[Sequence[Row | BadRow]]:
    """Rows of chat JSONL, or of a JSON array of the same objects."""
    async for batch in read_json_rows(stream, limit=limit, block=block):
        yield [_parse_row(line, at, data) for line, at, data in batch]


def _parse_row(line: int, at: str, data: bytes | Fault) -> Row | BadRow:
    if isinstance(data, Fault):
        return BadRow(line=line, faults=(data,))
    chat_row = decode_or_fault(DECODER, data, at=at)
    if isinstance(chat_row, Fault):
        return BadRow(line=line, faults=(chat_row,))
    content = Content(
        messages=chat_row.messages,
        tools=chat_row.tools,
        parallel_tool_calls=chat_row.parallel_tool_calls,
        chosen=chat_row.chosen,
        rejected=chat_row.rejected,
    )
    content_bytes, faults = encode_and_check(content, at=at)
    faults.extend(find_metadata_faults(chat_row, at=at))
    if ESCAPED_NUL in data:
        strings = {"external_id": chat_row.external_id, "tags": chat_row.tags, "metadata": chat_row.metadata}
        faults.extend(find_text_faults(msgspec.to_builtins(strings), at=at))
    return BadRow(line=line, faults=tuple(faults)) if faults else build_row(line, content_bytes, fields=chat_row)
