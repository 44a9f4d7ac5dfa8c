"""Find what counts a base model's tokens: its own tokenizer where that can be had offline, else an estimate."""

import re
from pathlib import Path

import msgspec

ENCODING = "o200k_base"
# OpenAI's models by the names that they have everywhere. gpt-oss has o200k with more special tokens, which texts lack.
OWN_ENCODINGS = (
    (re.compile(r"(^|[/:.])(chatgpt-4o|gpt-(4o|4\.[15]|5|oss)|o[134])\b"), ENCODING),
    (re.compile(r"(^|[/:.])gpt-(4|3\.?5)\b"), "cl100k_base"),
)
PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


class Tokenizer(msgspec.Struct, frozen=True, kw_only=True):
    """What counts tokens. `exact`: it is the model's own. `path`: its tokenizer.json, where it is no known encoding."""

    name: str = ENCODING
    exact: bool = False
    path: str | None = None


def find_tokenizer(provider: str, base_model: str | None, folder: Path | None) -> Tokenizer:
    """`folder`: where the operator puts models; one may lie there for its tokenizer alone."""
    if base_model is None:
        return Tokenizer(exact=provider == "openai")
    if path := folder and _find_file(folder, base_model):
        return Tokenizer(name=base_model, exact=True, path=str(path))
    if provider != "sandbox":  # it gives OpenAI's names to models that have words for tokens
        for pattern, encoding in OWN_ENCODINGS:
            if pattern.search(base_model.lower()):
                return Tokenizer(name=encoding, exact=True)
    return Tokenizer()


def _find_file(folder: Path, base_model: str) -> Path | None:
    """The model's tokenizer.json; of a .gguf that of the folder that a training unpacked it to."""
    parts = base_model.split("/")
    if not all(PART.fullmatch(part) for part in parts):
        return None
    whole = folder.joinpath("models", *parts, "tokenizer.json")
    if whole.is_file():
        return whole
    stem, end, _ = base_model.rpartition(".gguf")
    unpacked = list((folder / "unpacked").glob(f"{stem}-*/tokenizer.json")) if end and len(parts) == 1 else []
    return unpacked[0] if len(unpacked) == 1 else None
