"""Count the tokens of our rows, and see whether a row trains anything. Pure."""

from functools import cache
from typing import Any

import msgspec

from service.providers.training_rows.row_parts import Row

ENCODING = "o200k_base"
# Of the chat format, a message: its role and the marks around it. Source: OpenAI's guide to counting tokens.
TOKENS_PER_MESSAGE = 4


def count_tokens(texts: list[str]) -> list[int] | None:
    """Count the tokens of each text. None where no tokenizer is installed."""
    encoding = _load_encoding()
    return None if encoding is None else [len(encoding.encode_ordinary(text)) for text in texts]


@cache
def _load_encoding() -> Any | None:
    """Takes some 0.2 seconds."""
    try:
        import bpe_openai  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        return None
    return bpe_openai.get_encoding(ENCODING)


def count_row_tokens(rows: list[Row]) -> list[int] | None:
    """Count the tokens of each row, with those of the chat format. None where no tokenizer is installed."""
    lengths = count_tokens([collect_text(row) for row in rows])
    if lengths is None:
        return None
    return [length + TOKENS_PER_MESSAGE * len(row["messages"]) for length, row in zip(lengths, rows, strict=True)]


def collect_text(row: Row) -> str:
    """All text that a model reads or writes for a row, its tools and tool calls as JSON."""
    answers = [row["chosen"], row["rejected"]] if "chosen" in row else []
    texts = [text for message in [*row["messages"], *answers] for text in _list_texts(message)]
    if tools := row.get("tools"):
        texts.append(msgspec.json.encode(tools).decode())
    return "\n".join(texts)


def is_trained_on(row: Row) -> bool:
    if "chosen" in row:
        return True
    return any(
        message["role"] == "assistant"
        and message.get("weight") != 0
        and (message.get("content") or message.get("tool_calls"))
        for message in row["messages"]
    )


def _list_texts(message: Any) -> list[str]:
    if isinstance(message, list):
        return [text for each in message for text in _list_texts(each)]
    content = message.get("content")
    parts = [content] if isinstance(content, str) else [part.get("text", "") for part in content or ()]
    calls = [call["function"]["name"] + call["function"]["arguments"] for call in message.get("tool_calls") or ()]
    return [*parts, message.get("reasoning") or "", *calls]
