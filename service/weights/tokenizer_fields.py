"""What a GGUF file says of its tokenizer, from a folder's tokenizer.json."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gguf
import msgspec

from service.weights.refusal import NotConvertible

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# How llama.cpp names the ways to split a text before its pairs are merged. A wrong name makes wrong tokens.
NAMES: dict[tuple[str, ...], str] = {
    ("ByteLevel",): "gpt-2",
    ("Digits", "ByteLevel"): "smollm",
    (LLAMA3, "ByteLevel"): "llama-bpe",
    (LLAMA3.replace("{1,3}", ""), "ByteLevel"): "qwen2",
}
Vocabulary = tuple[list[str], list[gguf.TokenType]]


def write_tokenizer(writer: gguf.GGUFWriter, folder: Path, *, size: int) -> None:
    """Write tokens, merges, special tokens and the chat template. Raises NotConvertible for an unknown tokenizer."""
    tokenizer = _read(folder)
    tokens, types = _list_tokens(tokenizer, size)
    is_sentencepiece = bool(tokenizer["model"].get("byte_fallback"))
    if is_sentencepiece:
        writer.add_tokenizer_model("llama")
        writer.add_tokenizer_pre("default")
        writer.add_token_scores(_score(tokenizer, tokens))
        writer.add_add_space_prefix(_adds_space(tokenizer))
    else:
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(_name_split(tokenizer))
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    special = gguf.SpecialVocab(folder, load_merges=not is_sentencepiece, n_vocab=size)
    special.add_to_gguf(writer, quiet=True)


def _read(folder: Path) -> dict[str, Any]:
    try:
        tokenizer = msgspec.json.decode((folder / "tokenizer.json").read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError) as error:
        raise NotConvertible("The base model has no readable tokenizer.json.") from error
    kind = tokenizer.get("model", {}).get("type")
    if kind != "BPE":
        raise NotConvertible(f"A tokenizer of the type {kind} is not converted to GGUF here; BPE is.")
    return tokenizer


def _list_tokens(tokenizer: Mapping[str, Any], size: int) -> Vocabulary:
    """List the tokens by id. Ids between that no token has are filled up, as the weights have rows for them."""
    tokens = [f"[PAD{number}]" for number in range(size)]
    types = [gguf.TokenType.UNUSED] * size
    unknown = tokenizer["model"].get("unk_token")
    is_sentencepiece = tokenizer["model"].get("byte_fallback")
    for text, number in tokenizer["model"]["vocab"].items():
        is_byte = is_sentencepiece and text.startswith("<0x") and text.endswith(">")
        kind = gguf.TokenType.BYTE if is_byte else gguf.TokenType.NORMAL
        tokens[number], types[number] = text, gguf.TokenType.UNKNOWN if text == unknown else kind
    for added in tokenizer.get("added_tokens", []):
        if added["id"] >= size:
            raise NotConvertible(f"The tokenizer has the token {added['id']}, the weights only {size} rows.")
        tokens[added["id"]] = added["content"]
        if added["content"] != unknown or not is_sentencepiece:
            types[added["id"]] = gguf.TokenType.CONTROL if added["special"] else gguf.TokenType.USER_DEFINED
    return tokens, types


def _score(tokenizer: Mapping[str, Any], tokens: list[str]) -> list[float]:
    """Score each token by its merge: SentencePiece takes the highest first, BPE the first of its list."""
    ranks: dict[str, int] = {}
    for rank, pair in enumerate(tokenizer["model"]["merges"]):
        parts = pair.split(" ") if isinstance(pair, str) else pair
        ranks.setdefault("".join(parts), rank)
    return [-float(ranks[token]) if token in ranks else 0.0 for token in tokens]


def _adds_space(tokenizer: Mapping[str, Any]) -> bool:
    return any(
        step.get("type") == "Prepend" or step.get("prepend_scheme") in {"first", "always"}
        for part in ("normalizer", "pre_tokenizer")
        for step in _flatten(tokenizer.get(part))
    )


def _name_split(tokenizer: Mapping[str, Any]) -> str:
    steps = tuple(
        step["pattern"].get("Regex", "") if step["type"] == "Split" else step["type"]
        for step in _flatten(tokenizer.get("pre_tokenizer"))
    )
    if steps not in NAMES:
        raise NotConvertible("How this tokenizer splits a text is not known here; a guess would make wrong tokens.")
    return NAMES[steps]


def _flatten(step: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    """List the steps of a sequence, also of one within another."""
    if step is None:
        return
    inner = step.get("normalizers") or step.get("pretokenizers")
    if inner is None:
        yield step
    for each in inner or ():
        yield from _flatten(each)
