"""Alpaca: instruction, input, output, in a JSON array or one object a line, and LLaMA-Factory's system and history."""

from collections.abc import AsyncIterator, Iterator, Sequence

import msgspec

from service.datasets.examples.chat_content import (
    Assistant,
    Content,
    Message,
    System,
    User,
    canonical,
    decoded,
    text_faults,
)
from service.datasets.imports.formats.json_rows import elements
from service.datasets.imports.formats.row import (
    BLOCK,
    LIMIT,
    NUL,
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
    stream: AsyncIterator[bytes], /, *, limit: int = LIMIT, block: int = BLOCK
) -> AsyncIterator[Sequence[Row | BadRow]]:
    """Rows of an Alpaca file; each keeps the object it came from as `original`."""
    async for batch in elements(stream, limit=limit, block=block):
        yield [_read(line, at, data) for line, at, data in batch]


def _read(line: int, at: str, data: bytes | Fault) -> Row | BadRow:
    if isinstance(data, Fault):
        return BadRow(line=line, faults=(data,))
    said = decoded(DECODER, data, at=at)
    if isinstance(said, Fault):
        return BadRow(line=line, faults=(said,))
    faults = [*_faults(said, at), *find_metadata_faults(said, at=at)]
    if NUL in data:
        faults.extend(text_faults(msgspec.to_builtins(said), at=at))
    if faults:
        return BadRow(line=line, faults=tuple(faults))
    content = Content(messages=tuple(_messages(said)))
    return build_row(line, canonical(content), beside=said, original=msgspec.json.format(data, indent=-1))


def _faults(said: AlpacaRow, at: str) -> Iterator[Fault]:
    if not said.instruction and not said.input:
        yield Fault(pointer=f"{at}/instruction", detail="an instruction or an input is needed", code="empty")
    if not said.output:
        yield Fault(pointer=f"{at}/output", detail="an output is needed", code="empty")
    for turn, (_, output) in enumerate(said.history or ()):
        if not output:
            yield Fault(pointer=f"{at}/history/{turn}/1", detail="an output is needed", code="empty")


def _messages(said: AlpacaRow) -> Iterator[Message]:
    if said.system:
        yield System(content=said.system)
    for instruction, output in said.history or ():
        yield User(content=instruction)
        yield Assistant(content=output)
    yield User(content="\n\n".join(text for text in (said.instruction, said.input) if text))
    yield Assistant(content=said.output)
