"""The converter of each format. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping

import msgspec

from service.providers.training_rows import bedrock_rows, openai_preference, vertex_rows
from service.providers.training_rows.row_parts import Row, RowUnfit
from service.providers.traits import Format

Convert = Callable[[Row, Counter[str]], Row]
# Our rows are in OpenAI's chat format already.
CONVERTERS: Mapping[Format, Convert | None] = {
    "openai_chat": None,
    "openai_preference": openai_preference.convert,
    "vertex_gemini": vertex_rows.convert,
    "vertex_preference": vertex_rows.convert_preference,
    "bedrock_conversation": bedrock_rows.convert,
}


def convert_lines(piece: bytes, format_: Format, losses: Counter[str], *, first_line: int = 1) -> bytes:
    """Convert whole lines, one to one. `losses` counts the rows that lose something, by what it is.

    Raises RowUnfit, with the line.
    """
    convert = CONVERTERS[format_]
    if convert is None:
        return piece
    converted = []
    for number, line in enumerate(piece.splitlines(), first_line):
        row_losses: Counter[str] = Counter()
        try:
            converted.append(msgspec.json.encode(convert(msgspec.json.decode(line), row_losses)))
        except RowUnfit as unfit:
            raise RowUnfit(f"Row {number} cannot be used: {unfit}.") from None
        losses.update(dict.fromkeys(row_losses, 1))
    return b"".join(line + b"\n" for line in converted)
