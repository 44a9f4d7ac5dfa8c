"""Count the tokens of our rows, and see whether a row trains anything. Pure."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec

from service.providers.training_rows.model_tokenizer import ENCODING, Tokenizer
from service.providers.training_rows.row_parts import Row

# Of the chat format, a message: its role and the marks around it. Source: OpenAI's guide to counting tokens.
TOKENS_PER_MESSAGE = 4
CHARACTERS_PER_TOKEN = 4
CHARACTERS = Tokenizer(name="characters/4")


def choose_usable(tokenizer: Tokenizer) -> Tokenizer:
    """The tokenizer, or what stands in for it where its library is not installed, or its file cannot be read."""
    for usable in (tokenizer, Tokenizer(name=ENCODING)):
        if _load_counter(usable) is not None:
            return usable
    return CHARACTERS


def count_row_tokens(rows: list[Row], tokenizer: Tokenizer) -> list[int]:
    """Count the tokens of each row, with those of the chat format; by a usable tokenizer, or by characters."""
    texts = [collect_text(row) for row in rows]
    counter = _load_counter(tokenizer)
    lengths = counter(texts) if counter else [len(text) // CHARACTERS_PER_TOKEN for text in texts]
    return [length + TOKENS_PER_MESSAGE * len(row["messages"]) for length, row in zip(lengths, rows, strict=True)]


@lru_cache(maxsize=8)
def _load_counter(tokenizer: Tokenizer) -> Callable[[list[str]], list[int]] | None:
    """Takes some 0.2 seconds."""
    try:
        if tokenizer.path is not None:
            return _load_file(tokenizer.path)
        import bpe_openai  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        return None
    if tokenizer.name == CHARACTERS.name:
        return None
    encoding = bpe_openai.get_encoding(tokenizer.name)
    return lambda texts: [len(encoding.encode_ordinary(text)) for text in texts]


def _load_file(path: str) -> Callable[[list[str]], list[int]] | None:
    """None for a file that is none."""
    import tokenizers  # noqa: PLC0415 - an extra

    try:
        loaded = tokenizers.Tokenizer.from_file(path)
    except Exception:  # noqa: BLE001 - the library raises nothing more special
        return None
    return lambda texts: [len(each.ids) for each in loaded.encode_batch(texts, add_special_tokens=False)]


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
