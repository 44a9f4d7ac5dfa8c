"""Tokens are counted by the base model's own tokenizer where one can be had offline; everything else says it is not."""

from pathlib import Path
from typing import Any

import pytest
import tokenizers
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from service.providers.training_rows.model_tokenizer import Tokenizer, find_tokenizer
from service.providers.training_rows.token_counter import (
    CHARACTERS,
    TOKENS_PER_MESSAGE,
    choose_usable,
    count_row_tokens,
)

ROW: dict[str, Any] = {
    "messages": [
        {"role": "user", "content": "Straßenbahn faster than ever"},
        {"role": "assistant", "content": "Yes, much faster"},
    ]
}


def save_tokenizer(path: Path) -> None:
    """One that knows a few words; all others are one token each, too."""
    words = tokenizers.Tokenizer(WordLevel({"faster": 0, "[UNK]": 1}, unk_token="[UNK]"))
    words.pre_tokenizer = Whitespace()
    path.parent.mkdir(parents=True)
    words.save(str(path))


@pytest.mark.parametrize(
    ("provider", "model", "name", "exact"),
    [
        ("openai", "gpt-4.1-mini-2025-04-14", "o200k_base", True),
        ("openai", "ft:gpt-4o-mini-2024-07-18:us::abc", "o200k_base", True),
        ("openai", "o4-mini-2025-04-16", "o200k_base", True),
        ("openai", "gpt-3.5-turbo-0125", "cl100k_base", True),
        ("openai", "gpt-4-0613", "cl100k_base", True),
        ("azure", "Llama-3.3-70B-Instruct", "o200k_base", False),
        ("together", "openai/gpt-oss-20b", "o200k_base", True),
        ("together", "Qwen/Qwen3-8B", "o200k_base", False),
        ("vertex", "gemini-2.5-flash", "o200k_base", False),
        ("sandbox", "gpt-4.1-nano-2025-04-14", "o200k_base", False),
        ("openai", None, "o200k_base", True),
    ],
)
def test_each_model_has_its_tokenizer_or_an_estimate(
    provider: str,
    model: str,
    name: str,
    exact: bool,
) -> None:
    assert find_tokenizer(provider, model, None) == Tokenizer(name=name, exact=exact)


def test_encodings_count_differently() -> None:
    counts = [count_row_tokens([ROW], Tokenizer(name=name)) for name in ("o200k_base", "cl100k_base")]
    assert counts[0] < counts[1]


def test_a_model_in_the_operators_folder_counts_with_its_own_file(tmp_path: Path) -> None:
    save_tokenizer(tmp_path / "models" / "Qwen" / "Qwen3-8B" / "tokenizer.json")
    save_tokenizer(tmp_path / "unpacked" / "small-0123456789abcdef" / "tokenizer.json")
    for model in ("Qwen/Qwen3-8B", "small.gguf"):
        found = find_tokenizer("together", model, tmp_path)
        assert (found.name, found.exact, choose_usable(found)) == (model, True, found)
        assert count_row_tokens([ROW], found) == [8 + 2 * TOKENS_PER_MESSAGE]
    for elsewhere in ("../models/Qwen/Qwen3-8B", "/etc", "Qwen//Qwen3-8B", "small-*.gguf", ""):
        assert find_tokenizer("together", elsewhere, tmp_path).path is None


def test_a_file_that_is_no_tokenizer_is_an_estimate(tmp_path: Path) -> None:
    path = tmp_path / "models" / "broken" / "tokenizer.json"
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    assert choose_usable(find_tokenizer("local", "broken", tmp_path)) == Tokenizer()


def test_without_a_tokenizer_characters_are_counted() -> None:
    assert count_row_tokens([ROW], CHARACTERS) == [45 // 4 + 2 * TOKENS_PER_MESSAGE]
