"""Chat JSONL as OpenAI, Together and Fireworks read it: our canonical content, with optional fields besides it."""

from collections.abc import AsyncIterator, Sequence

import msgspec

from service.datasets.examples.chat_content import Content, decode_or_fault, encode_and_check, find_text_faults
from service.datasets.imports.containers import BLOCK_BYTES, MAX_ROW_BYTES, FileHints, open_rows
from service.datasets.imports.formats.row import (
    ESCAPED_NUL,
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
LOOKS_LIKE = {
    "conversations": "This looks like ShareGPT: write `messages`, each with `role` and `content`.",
    "instruction": "This looks like Alpaca: import it with ?format=alpaca.",
    "prompt": "This looks like prompt and completion: write `messages`, or a CSV file with columns input and output.",
    "id": "An id of your own is `external_id`.",
}
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


async def read(
    stream: AsyncIterator[bytes], /, *, limit: int = MAX_ROW_BYTES, block: int = BLOCK_BYTES
) -> AsyncIterator[Sequence[Row | BadRow]]:
    """Rows of chat JSONL, or of a JSON array of the same objects."""
    _, rows = await open_rows(stream, FileHints(container="json"), limit=limit, block=block)
    async for batch in rows:
        yield [_parse_row(line, at, data) for line, at, data in batch]


def _parse_row(line: int, at: str, data: bytes | Fault) -> Row | BadRow:
    if isinstance(data, Fault):
        return BadRow(line=line, faults=(data,))
    chat_row = decode_or_fault(DECODER, data, at=at)
    if isinstance(chat_row, Fault):
        return BadRow(line=line, faults=(_add_hint(chat_row, data),))
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


def _add_hint(fault: Fault, data: bytes) -> Fault:
    """Say which other format the row looks like, if it is not the row's value that is wrong."""
    try:
        names = _FIELDS.decode(data)
    except (msgspec.MsgspecError, RecursionError):
        return fault
    hints = [hint for name, hint in LOOKS_LIKE.items() if name in names]
    return msgspec.structs.replace(fault, detail=f"{fault.detail} {hints[0]}") if hints else fault
