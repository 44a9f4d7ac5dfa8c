"""Hold a row against a target: its method, its format, and the tokens that its base model takes. Pure."""

from collections import Counter
from collections.abc import Iterator

from service.datasets.checks.scan_input import ScanTarget
from service.providers.training_rows.row_formats import CONVERTERS
from service.providers.training_rows.row_parts import Row, RowUnfit


def find_target_faults(target: ScanTarget, content: Row, tokens: int) -> Iterator[tuple[str, str]]:
    """The codes of the findings and their kinds."""
    if target.max_tokens is not None and tokens > target.max_tokens:
        yield "too_long", ""
    if bool(content.get("chosen")) != (target.method == "dpo"):
        yield "unfit_for_target", "preference" if content.get("chosen") else "no_preference"
        return
    messages = content["messages"]
    if not target.tools and any(message.get("tool_calls") for message in messages):
        yield "not_carried", "tool_calls"
    losses: Counter[str] = Counter()
    if not target.weights and any(message.get("weight") == 0 for message in messages):
        losses["weight"] += 1
    convert = CONVERTERS[target.format] if target.format else None
    if convert:
        try:
            convert(content, losses)
        except (RowUnfit, KeyError):
            yield "unfit_for_target", "structure"
            return
    for name in sorted(losses):
        yield "not_carried", name
