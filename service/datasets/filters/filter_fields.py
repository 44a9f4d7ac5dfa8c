"""The fields that a filter expression can name, and the values that each is compared with. Pure."""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec

from service.datasets.examples.sources import Source, SourceType
from service.datasets.splits import Split

Value = str | bool | int | float | date | datetime | UUID | None
Kind = Literal["flag", "choice", "text", "set", "number", "time", "id", "json", "search", "finding"]

EQUALITY = ("=", "!=", "in")
ORDER = ("<", "<=", ">", ">=")
OPERATORS: dict[Kind, tuple[str | None, ...]] = {
    "flag": (None, "=", "!="),
    "choice": EQUALITY,
    "text": (*EQUALITY, ":"),
    "set": (*EQUALITY, ":"),
    "number": (*EQUALITY, *ORDER),
    "time": ("=", "!=", *ORDER),
    "id": EQUALITY,
    "json": (*EQUALITY, ":", *ORDER),
    "search": (":",),
    "finding": EQUALITY,
}
YEARS = range(1900, 2200)
NULLABLE = ("text", "set", "number", "json")
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field: what it holds, in words. `parts` are the paths below it; None allows any."""

    kind: Kind
    holds: str
    choices: tuple[str, ...] = ()
    parts: tuple[tuple[str, ...], ...] | None = ()
    needs_path: bool = False

    @property
    def operators(self) -> tuple[str | None, ...]:
        return OPERATORS[self.kind]


SOURCE_PARTS = tuple(
    (field.name,) for field in msgspec.structs.fields(Source) if field.type in (str | None, UUID | None)
)
FIELDS: dict[str, Field] = {
    "id": Field(kind="id", holds="The example's id."),
    "external_id": Field(kind="text", holds="Your own id of it."),
    "tag": Field(kind="set", holds="Any of its tags."),
    "split": Field(kind="choice", choices=get_args(Split), holds="Its split."),
    "source": Field(
        kind="choice",
        choices=get_args(SourceType),
        parts=SOURCE_PARTS,
        holds="Where it is from; `source.name`, `source.import_id` and so on say more.",
    ),
    "rating": Field(kind="number", holds="The mean of its ratings, in stars; null without one."),
    "rater": Field(kind="set", holds="Anyone who rated it."),
    "label": Field(
        kind="set",
        parts=None,
        holds="Any category it is labelled with; `label.intent`: the answer to the question `intent`.",
    ),
    "metadata": Field(kind="json", parts=None, needs_path=True, holds="A value in its metadata, by its path."),
    "text": Field(kind="search", holds="Any text of the content."),
    "output": Field(kind="search", holds="The text of the answer."),
    "created_at": Field(kind="time", holds="When it was added."),
    "created_by": Field(kind="text", holds="Who added it."),
    "updated_at": Field(kind="time", holds="When it last changed."),
    "updated_by": Field(kind="text", holds="Who changed it last."),
    "task_version": Field(kind="number", holds="The version of the task that it was checked against."),
    "rated": Field(kind="flag", holds="It has a rating."),
    "repaired": Field(kind="flag", holds="Its answer is a repair."),
    "valid": Field(kind="flag", holds="Its answer matches the task's schema."),
    "labelled": Field(kind="flag", holds="It has a label."),
    "finding": Field(kind="finding", holds="A check found this in it: `<check id>/<code>`; see Readiness."),
    "unanswered": Field(kind="flag", holds="It ends without an answer."),
}
READS_TEXTS = {"metadata", "text", "output"}  # these look into the texts of each example


def read_value(field: Field, path: tuple[str, ...], text: str, *, is_quoted: bool) -> Value:
    """The value that `text` means to the field. Raises ValueError, with what the field takes."""
    if "\0" in text:
        raise ValueError("NUL characters are in no example; remove them.")
    kind: Kind = "text" if field.kind == "choice" and path else field.kind
    if not is_quoted and text.lower() == "null" and kind in NULLABLE:
        return None
    if kind == "choice":
        return _read_choice(field, text)
    if kind in _READERS:
        return _READERS[kind](text)
    return _read_json(text) if kind == "json" and not is_quoted else text


def _read_flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("Expected true or false.")
    return text.lower() == "true"


def _read_choice(field: Field, text: str) -> str:
    if text not in field.choices:
        raise ValueError(f"Expected one of {', '.join(field.choices)}.")
    return text


def _read_number(text: str) -> float:
    if not _NUMBER.fullmatch(text) or math.isinf(float(text)):
        raise ValueError("Expected a number, such as 4 or 4.5.")
    return float(text)


def _read_time(text: str) -> date | datetime:
    moment: date | datetime
    try:
        is_day = len(text) == len("2026-11-30")
        moment = date.fromisoformat(text) if is_day else datetime.fromisoformat(text.upper())
    except ValueError:
        moment = date.min
    if moment.year not in YEARS:
        raise ValueError("Expected a date, such as 2026-11-30, or an RFC 3339 time.")
    return moment.replace(tzinfo=UTC) if isinstance(moment, datetime) and not moment.tzinfo else moment


def _read_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ValueError("Expected an example's id, which is a UUID.") from None


def _read_json(text: str) -> Value:
    if text.lower() in _CONSTANTS:
        return _CONSTANTS[text.lower()]
    if not _NUMBER.fullmatch(text):
        return text
    return int(text) if text.lstrip("-").isdigit() else _read_number(text)


def _read_finding(text: str) -> str:
    """The id of a check and the code of a finding."""
    check_id, _, code = text.partition("/")
    try:
        return f"{UUID(check_id)}/{code}"
    except ValueError:
        raise ValueError("Expected a check's id and a finding's code, as in <id>/duplicate.") from None


_READERS: dict[Kind, Callable[[str], Value]] = {
    "flag": _read_flag,
    "number": _read_number,
    "time": _read_time,
    "id": _read_id,
    "finding": _read_finding,
}
