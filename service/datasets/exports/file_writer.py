"""Write pages of examples as the lines of a file. Pure."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from service.datasets.exports.export_options import ExportOptions, change_content
from service.datasets.exports.export_report import LossCounter
from service.datasets.exports.original_row import find_original
from service.datasets.exports.writers.written_example import Json, LeftOut, WrittenExample, get_fields
from service.providers.training_rows.row_parts import RowUnfit

CSV_COLUMNS = ("input", "output", "system", "tags", "rating", "external_id", "split")
ENCODER = msgspec.json.Encoder()
DECODER = msgspec.json.Decoder()


def write_lines(examples: Sequence[WrittenExample], options: ExportOptions, counter: LossCounter) -> bytes:
    """The lines of a page."""
    written = write_page(examples, options, counter)
    return write_csv(written) if options.format == "csv" else ENCODER.encode_lines(written)


def write_page(examples: Sequence[WrittenExample], options: ExportOptions, counter: LossCounter) -> list[Json]:
    """The rows of a page; what a row loses, and which are left out, is counted."""
    has_fields = options.include == "fields" or options.format == "csv"
    written: list[Any] = []
    for stored in examples:
        if options.include == "original" and (original := find_original(stored, options.format)):
            written.append(msgspec.Raw(original))
            continue
        example = msgspec.structs.replace(stored, content=change_content(stored.content, options))
        losses: Counter[str] = Counter()
        try:
            built = options.write(example, losses)
        except LeftOut as left_out:
            counter.leave_out(example.id, str(left_out))
            continue
        except RowUnfit:
            counter.leave_out(example.id, "no_preference")
            continue
        counter.note(example.id, losses)
        fields = get_fields(example) if has_fields else {}
        if options.format == "kto":
            fields.pop("rating", None)  # the label says it
        if "metadata" in fields and options.container == "parquet":
            fields["metadata"] = bytes(fields["metadata"]).decode()  # each row's has another shape
        written += [{**each, **fields} for each in built] if fields else built
    counter.rows += len(written)
    return written


def to_examples(rows: Sequence[Any], options: ExportOptions) -> list[WrittenExample]:
    """The examples of a page. As pairs of repairs, those that were repaired."""
    if options.pairs == "repairs":
        rows = [row for row in rows if row.replaced is not None]
    return [to_example(row, build_repair_pair(row) if options.pairs else DECODER.decode(row.content)) for row in rows]


def to_example(row: Any, content: Json) -> WrittenExample:
    return WrittenExample(
        id=row.id,
        content=content,
        external_id=row.external_id,
        tags=tuple(row.tags),
        split=row.split,
        score=row.score,
        metadata=None if row.metadata is None else msgspec.Raw(row.metadata),
        original=None if row.original is None else bytes(row.original),
    )


def build_repair_pair(row: Any) -> Json:
    """The answer is better than the one that it replaced."""
    content, replaced = DECODER.decode(row.content), DECODER.decode(row.replaced)
    return build_pair(content, get_answer(content), get_answer(replaced))


def build_pair(content: Json, chosen: Json, rejected: Json) -> Json:
    """The conversation up to its answer, with two answers to it."""
    messages = content["messages"] if content.get("chosen") else content["messages"][:-1]
    return {**content, "messages": messages, "chosen": chosen, "rejected": rejected}


def get_answer(content: Json) -> Json:
    answer: Json = content.get("chosen") or content["messages"][-1]
    return answer


def write_csv(rows: Sequence[Json]) -> bytes:
    """Records of a table, as RFC 4180 has them; `write_header` comes before."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    for row in rows:
        cells = {**row, "tags": ";".join(row["tags"])}
        writer.writerow([cells.get(name, "") for name in CSV_COLUMNS])
    return target.getvalue().encode()


def write_header(options: ExportOptions) -> bytes:
    """What stands before the first row."""
    return (",".join(CSV_COLUMNS) + "\r\n").encode() if options.format == "csv" else b""
