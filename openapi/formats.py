"""The tables of docs/formats.md: what each format of an export loses, found by writing sample rows in it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from service.datasets.exports.export_options import PREFERENCE_FORMATS
from service.datasets.exports.writers.export_formats import WRITERS
from service.datasets.exports.writers.sample_rows import SAMPLES
from service.datasets.exports.writers.written_example import LOSSES, REASONS, LeftOut
from service.providers.training_rows.row_parts import RowUnfit

PAGE = Path(__file__).parents[1] / "docs" / "formats.md"
BEGIN = "<!-- generated: python -m openapi formats -->"
END = "<!-- end of what is generated -->"


def update(page: Path = PAGE) -> None:
    """Write the tables between the page's markers."""
    page.write_text(fill(page.read_text()))


def fill(text: str) -> str:
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    tables = "\n".join([*_list_formats(), "", *_list_words(LOSSES, "lost"), "", *_list_words(REASONS, "left out")])
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


def _list_formats() -> Iterator[str]:
    yield "| `format` | loses | leaves out rows | fields | pairs |"
    yield "|---|---|---|---|---|"
    yield "| `tuneledger` | nothing | none | yes | no |"
    for name, writer in WRITERS.items():
        losses, reasons = _find_losses(name)
        fields = "yes" if writer.takes_fields else "no"
        pairs = "yes" if name in PREFERENCE_FORMATS else "no"
        yield f"| `{name}` | {_join(losses) or 'nothing'} | {_join(reasons) or 'none'} | {fields} | {pairs} |"


def _find_losses(format_: str) -> tuple[list[str], list[str]]:
    losses: Counter[str] = Counter()
    reasons: set[str] = set()
    for sample in SAMPLES:
        try:
            WRITERS[format_].write(sample.to_example(), losses)
        except LeftOut as left_out:
            reasons.add(str(left_out))
        except RowUnfit:
            reasons.add("no_preference")
    return sorted(losses), sorted(reasons)


def _list_words(words: dict[str, str], what: str) -> Iterator[str]:
    yield f"| {what} | meaning |"
    yield "|---|---|"
    for name, meaning in words.items():
        yield f"| `{name}` | {meaning} |"


def _join(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
