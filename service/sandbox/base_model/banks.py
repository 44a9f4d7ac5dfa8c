"""Load the base model's words and sentence frames from banks.json."""

from functools import cache
from pathlib import Path

import msgspec


class Banks(msgspec.Struct, frozen=True, kw_only=True):
    """Frames for short texts: {t} is the topic, {p} a place, {n} and {m} a larger and a smaller number.

    `actors` and `deeds` come in two forms: for headlines and for sentences. `fields`: words typical of a field.
    """

    subtopics: tuple[str, ...]
    actors: tuple[tuple[str, str], ...]
    places: tuple[str, ...]
    deeds: tuple[tuple[str, str], ...]
    whens: tuple[str, ...]
    reactions: tuple[str, ...]
    details: tuple[str, ...]
    questions: tuple[str, ...]
    fields: dict[str, str]


@cache
def load_banks() -> Banks:
    return msgspec.json.decode(Path(__file__).with_name("banks.json").read_bytes(), type=Banks)
