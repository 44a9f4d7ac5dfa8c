"""Structured answers field by field against the expected ones."""

import math
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

import msgspec

from service.datasets.examples.chat_content import UNPRINTABLE
from service.errors import Fault
from service.evaluations.scorers.json_validity import read_json
from service.evaluations.scorers.scorer import (
    NO_ANSWER,
    NO_REFERENCE,
    Config,
    Score,
    Scorer,
    Summary,
    no_score,
    summarize,
)
from service.evaluations.scorers.text_match import normalize
from service.evaluations.scores.subject import Subject
from service.json_pointers import pointer

MAX_PATH_LENGTH = 500
Path = Annotated[
    str,
    msgspec.Meta(
        max_length=MAX_PATH_LENGTH,
        pattern=r"^[^\x00]*$",
        description="A JSON pointer (`/items/0/name`) or a dotted path (`items.0.name`); empty for the whole answer.",
    ),
]
CompareMode = Literal["exact", "normalized", "numeric"]
Tolerance = Annotated[float, msgspec.Meta(ge=0, le=1e300)]
MAX_FIELDS = 200
ABSENT = object()
_INDEX = re.compile(r"[0-9]{1,9}")


class Field(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One field and how it is compared. Numbers match within `tolerance`, or within `relative` times the larger."""

    path: Path
    compare: CompareMode = "exact"
    tolerance: Tolerance = 0.0
    relative: Tolerance = 0.0


class FieldMatchConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="field_match"):
    """Without `fields`, every value of the expected answer that is no object or list is one, compared by `compare`."""

    fields: Annotated[tuple[Field, ...], msgspec.Meta(max_length=MAX_FIELDS)] = ()
    compare: CompareMode = "exact"
    fenced: bool = False

    def faults(self, *, at: str = "") -> list[Fault]:
        found = []
        seen: set[tuple[str, ...]] = set()
        for place, field in enumerate(self.fields):
            where = f"{at}/fields/{place}/path"
            if field.path.startswith("/") and "~" in field.path.replace("~0", "").replace("~1", ""):
                found.append(Fault(pointer=where, detail="In a JSON pointer ~ is written ~0 and / is ~1."))
            elif split_path(field.path) in seen:
                found.append(Fault(pointer=where, detail="Duplicate field.", code="duplicate"))
            seen.add(split_path(field.path))
        return found


def field_match(subject: Subject, config: FieldMatchConfig) -> Score:
    """The share of fields in which the answer has the expected value; passed where all have. A field that both lack
    matches; one that only one of them has does not. An answer that is not JSON matches in none.

    Exact: equal as JSON, 1 and 1.0 being one number. Normalized: text in SQuAD's normal form. Numeric: numbers, or
    text that is one, within the tolerance, as Python's `math.isclose` (PEP 485).
    """
    if subject.expected is None:
        return NO_REFERENCE
    if subject.output is None:
        return NO_ANSWER
    expected = read_json(subject.expected, fenced=True)
    if isinstance(expected, Fault):
        return no_score("reference_not_json", "The example's answer is not JSON.")
    fields = config.fields or tuple(_find_leaves(expected, config.compare))
    if not fields:
        return no_score("no_fields", "The example's answer has no fields.")
    answer = read_json(subject.output, fenced=config.fenced)
    reason = {"reason": answer.code} if isinstance(answer, Fault) else {}
    right = {
        field.path: not reason and _matches(field, get_value(answer, field.path), get_value(expected, field.path))
        for field in fields
    }
    share = sum(right.values()) / len(right)
    kept = {path.translate(UNPRINTABLE): matched for path, matched in right.items()}
    return Score(value=share, passed=all(right.values()), details={"fields": kept, **reason})


def summarize_fields(scores: Sequence[Score], config: FieldMatchConfig) -> Summary:
    """Beside the mean, for each field the share of rows in which it was right."""
    marks: dict[str, list[bool]] = {}
    for score in scores:
        for path, right in score.details.get("fields", {}).items():
            marks.setdefault(path, []).append(right)
    shares = {path: {"scored": len(seen), "mean": sum(seen) / len(seen)} for path, seen in sorted(marks.items())}
    return summarize(scores, config) | {"fields": shares}


def split_path(path: str) -> tuple[str, ...]:
    """A JSON pointer's or a dotted path's steps."""
    if path.startswith("/"):
        return tuple(step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/"))
    return tuple(path.split(".")) if path else ()


def get_value(value: Any, path: str) -> Any:
    """What stands at `path` in a JSON value, or ABSENT."""
    for step in split_path(path):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and _INDEX.fullmatch(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return ABSENT
    return value


def is_equal(a: Any, b: Any) -> bool:
    """Equal as JSON: true is not 1, 1 is 1.0, and the order of an object's fields says nothing."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(is_equal(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(is_equal, a, b))
    return bool(a == b)


def _matches(field: Field, answer: Any, expected: Any) -> bool:
    if answer is ABSENT or expected is ABSENT:
        return answer is expected
    if field.compare == "numeric":
        a, b = _number(answer), _number(expected)
        if a is not None and b is not None:
            return math.isclose(a, b, rel_tol=field.relative, abs_tol=field.tolerance)
    if field.compare == "normalized" and isinstance(answer, str) and isinstance(expected, str):
        return normalize(answer) == normalize(expected)
    return is_equal(answer, expected)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _find_leaves(value: Any, compare: CompareMode) -> Iterator[Field]:
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    count = 0
    while waiting and count < MAX_FIELDS:
        path, found = waiting.pop()
        if isinstance(found, dict):
            waiting += [((*path, key), child) for key, child in reversed(found.items())]
        elif isinstance(found, list):
            waiting += [((*path, at), child) for at, child in reversed(list(enumerate(found)))]
        elif len(place := pointer(*path)) <= MAX_PATH_LENGTH:
            count += 1
            yield Field(path=place, compare=compare)


FIELD_MATCH = Scorer(
    name="field_match",
    needs=frozenset({"reference"}),
    config=FieldMatchConfig,
    score=field_match,
    summarize=summarize_fields,
)
