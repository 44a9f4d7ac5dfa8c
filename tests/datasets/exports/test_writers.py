"""Each format out and in again, by the reader of that name: equal, but for the losses that the writer counts."""

import json
import re
from collections import Counter
from typing import Any

import pytest

from service.datasets.examples.chat_content import decode, encode_canonical
from service.datasets.exports.writers.export_formats import WRITERS
from service.datasets.exports.writers.recipe_writer import write_alternate
from service.datasets.exports.writers.sample_rows import SAMPLES
from service.datasets.exports.writers.written_example import LOSSES, REASONS, LeftOut
from service.datasets.imports.shapes.recognition import SHAPES
from service.datasets.imports.shapes.row import Row
from service.datasets.imports.shapes.shape_reader import RowReader
from service.providers.training_rows.row_parts import RowUnfit

Json = dict[str, Any]


def read_back(format_: str, row: Json) -> Json:
    reader = RowReader(SHAPES[format_])
    read = reader.read(1, "", json.dumps(row).encode())
    assert isinstance(read, Row), read
    content: Json = json.loads(read.content)
    return content


def normalize(content: Json) -> Json:
    """Without what may differ: ids of calls are links within a row, a result may name its call, texts may be parts."""
    for message in (*content["messages"], content.get("chosen", {}), content.get("rejected", {})):
        parts = message.get("content")
        if message.get("role") == "tool":
            message.pop("name", None)
        if isinstance(parts, list) and all(part["type"] == "text" for part in parts):
            message["content"] = "".join(part["text"] for part in parts)
    text = json.dumps(content, sort_keys=True)
    for number, found in enumerate(dict.fromkeys(re.findall(r'"id": "([^"]+)"', text))):
        text = text.replace(f'"{found}"', f'"call-{number}"')
    renamed: Json = json.loads(text)
    return renamed


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
@pytest.mark.parametrize("format_", [name for name in WRITERS if name not in ("openai-chat", "csv")])
def test_what_a_format_does_not_count_as_lost_comes_in_again(format_: str, sample: Any) -> None:
    losses: Counter[str] = Counter()
    content = json.loads(encode_canonical(decode(json.dumps(sample.content).encode())))
    example = sample.to_example()
    try:
        rows = WRITERS[format_].write(example, losses)
    except (LeftOut, RowUnfit):
        return
    assert set(losses) <= set(LOSSES)
    read = [read_back(format_, row) for row in rows]
    if not losses and format_ != "kto":
        assert [normalize(each) for each in read] == [normalize(content)]
    elif format_ != "kto":
        assert [normalize(each) for each in read] != [normalize(content)], losses


def test_every_loss_and_reason_has_a_sample() -> None:
    seen: set[str] = set()
    for sample in SAMPLES:
        for write in (*[writer.write for writer in WRITERS.values()], write_alternate):
            losses: Counter[str] = Counter()
            try:
                write(sample.to_example(), losses)
            except LeftOut as left_out:
                seen.add(str(left_out))
            except RowUnfit:
                seen.add("no_preference")
            seen |= set(losses)
    assert seen == {*LOSSES, *REASONS}
