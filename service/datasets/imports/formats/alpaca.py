"""Alpaca: instruction, input and output, as a JSON array or one object per line, with LLaMA-Factory's extra fields."""

from collections.abc import AsyncIterator, Iterator, Sequence

import msgspec

from service.datasets.examples.chat_content import (
    Assistant,
    Content,
    Message,
    System,
    User,
    decode_or_fault,
    encode_canonical,
    find_text_faults,
)
from service.datasets.imports.containers import BLOCK_BYTES, MAX_ROW_BYTES, FileHints, open_rows
from service.datasets.imports.formats.row import (
    ESCAPED_NUL,
    BadRow,
    Row,
    RowFields,
    build_row,
    find_metadata_faults,
)
from service.errors import Fault


class AlpacaRow(RowFields, frozen=True, kw_only=True):
    """`history` holds earlier turns as pairs of instruction and output."""

    instruction: str
    output: str
    input: str | None = None
    system: str | None = None
    history: tuple[tuple[str, str], ...] | None = None


DECODER = msgspec.json.Decoder(AlpacaRow)


async def read(
    stream: AsyncIterator[bytes], /, *, limit: int = MAX_ROW_BYTES, block: int = BLOCK_BYTES
) -> AsyncIterator[Sequence[Row | BadRow]]:
    """Rows of an Alpaca file; each keeps its JSON object as `original`."""
    _, rows = await open_rows(stream, FileHints(container="json"), limit=limit, block=block)
    async for batch in rows:
        yield [_parse_row(line, at, data) for line, at, data in batch]


def _parse_row(line: int, at: str, data: bytes | Fault) -> Row | BadRow:
    if isinstance(data, Fault):
        return BadRow(line=line, faults=(data,))
    alpaca_row = decode_or_fault(DECODER, data, at=at)
    if isinstance(alpaca_row, Fault):
        return BadRow(line=line, faults=(alpaca_row,))
    faults = [*_find_faults(alpaca_row, at), *find_metadata_faults(alpaca_row, at=at)]
    if ESCAPED_NUL in data:
        faults.extend(find_text_faults(msgspec.to_builtins(alpaca_row), at=at))
    if faults:
        return BadRow(line=line, faults=tuple(faults))
    content = Content(messages=tuple(_build_messages(alpaca_row)))
    return build_row(line, encode_canonical(content), fields=alpaca_row, original=msgspec.json.format(data, indent=-1))


def _find_faults(alpaca_row: AlpacaRow, at: str) -> Iterator[Fault]:
    if not alpaca_row.instruction and not alpaca_row.input:
        yield Fault(pointer=f"{at}/instruction", detail="An instruction or an input is needed.", code="empty")
    if not alpaca_row.output:
        yield Fault(pointer=f"{at}/output", detail="An output is needed.", code="empty")
    for turn, (_, output) in enumerate(alpaca_row.history or ()):
        if not output:
            yield Fault(pointer=f"{at}/history/{turn}/1", detail="An output is needed.", code="empty")


def _build_messages(alpaca_row: AlpacaRow) -> Iterator[Message]:
    if alpaca_row.system:
        yield System(content=alpaca_row.system)
    for instruction, output in alpaca_row.history or ():
        yield User(content=instruction)
        yield Assistant(content=output)
    yield User(content="\n\n".join(text for text in (alpaca_row.instruction, alpaca_row.input) if text))
    yield Assistant(content=alpaca_row.output)
