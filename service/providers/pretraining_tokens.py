"""On how many tokens base models were trained, by `pretraining_tokens.json`, where their makers have told."""

import re
from functools import cache
from importlib import resources

import msgspec


class Pretraining(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`pattern` finds the models in the ids of all providers. The first that fits counts; null tokens: not told."""

    pattern: str
    tokens_trillion: float | None
    source: str


@cache
def find_pretraining(model_id: str) -> Pretraining | None:
    name = model_id.lower()
    found = next((each for each in _list_pretraining() if re.search(each.pattern, name)), None)
    return found if found and found.tokens_trillion else None


@cache
def _list_pretraining() -> tuple[Pretraining, ...]:
    content = resources.files(__package__).joinpath("pretraining_tokens.json").read_bytes()
    return msgspec.json.decode(content, type=tuple[Pretraining, ...])
