"""OpenAI's format of preferences, which Together and Fireworks take too. Pure."""

from collections import Counter
from typing import Any

from service.providers.training_rows.row_parts import Row, require_preference


def convert(row: Row, losses: Counter[str]) -> Row:
    """The conversation as the input, and the two answers."""
    chosen, rejected = require_preference(row)
    asked: dict[str, Any] = {"messages": [_drop_weight(message) for message in row["messages"]]}
    asked |= {name: row[name] for name in ("tools", "parallel_tool_calls") if row.get(name) is not None}
    if any(message.get("weight") == 0 for message in row["messages"]):
        losses["weight"] += 1
    return {
        "input": asked,
        "preferred_output": [_drop_weight(chosen)],
        "non_preferred_output": [_drop_weight(rejected)],
    }


def _drop_weight(message: Row) -> Row:
    return {name: value for name, value in message.items() if name != "weight"}
