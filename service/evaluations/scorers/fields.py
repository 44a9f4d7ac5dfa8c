"""Compare structured answers with the expected ones, field by field."""

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
    """A field and how to compare it. Numbers match within `tolerance`, or within `relative` times the larger."""

    path: Path
    compare: CompareMode = "exact"
    tolerance: Tolerance = 0.0
    relative: Tolerance = 0.0


class FieldMatchConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="field_match"):
    """Without `fields`, all values in the expected answer except objects and lists are compared, by `compare`."""

    fields: Annotated[tuple[Field, ...], msgspec.Meta(max_length=MAX_FIELDS)] = ()
    compare: CompareMode = "exact"
    fenced: bool = False

    def faults(self, *, at: str = "") -> list[Fault]:
        faults = []
        seen: set[tuple[str, ...]] = set()
        for index, field in enumerate(self.fields):
            pointer_to_path = f"{at}/fields/{index}/path"
            if field.path.startswith("/") and "~" in field.path.replace("~0", "").replace("~1", ""):
                faults.append(Fault(pointer=pointer_to_path, detail="Invalid JSON pointer. Write ~ as ~0 and / as ~1."))
            elif split_path(field.path) in seen:
                faults.append(Fault(pointer=pointer_to_path, detail="Duplicate field.", code="duplicate"))
            seen.add(split_path(field.path))
        return faults


def field_match(subject: Subject, config: FieldMatchConfig) -> Score:
    """The share of fields with the expected value; passes if all have it. A field matches if both answers lack it, but
    not if only one has it. If the answer is not JSON, no field matches.

    Exact: equal as JSON, where 1 equals 1.0. Normalized: text in SQuAD's normal form. Numeric: numbers, or texts that
    are numbers, within the tolerance of Python's `math.isclose` (PEP 485).
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
    matched_fields = {path.translate(UNPRINTABLE): matched for path, matched in right.items()}
    return Score(value=share, passed=all(right.values()), details={"fields": matched_fields, **reason})


def summarize_fields(scores: Sequence[Score], config: FieldMatchConfig) -> Summary:
    """Add the share of rows in which each field was right."""
    matches: dict[str, list[bool]] = {}
    for score in scores:
        for path, right in score.details.get("fields", {}).items():
            matches.setdefault(path, []).append(right)
    shares = {path: {"scored": len(rows), "mean": sum(rows) / len(rows)} for path, rows in sorted(matches.items())}
    return summarize(scores, config) | {"fields": shares}


def split_path(path: str) -> tuple[str, ...]:
    """Split a JSON pointer or a dotted path into its steps."""
    if path.startswith("/"):
        return tuple(step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/"))
    return tuple(path.split(".")) if path else ()


def get_value(value: Any, path: str) -> Any:
    """Get the value at `path` in a JSON value, or ABSENT."""
    for step in split_path(path):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and _INDEX.fullmatch(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return ABSENT
    return value


def is_equal(a: Any, b: Any) -> bool:
    """Compare as JSON: true is not 1, 1 equals 1.0, and the order of fields does not matter."""
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
        a, b = _parse_number(answer), _parse_number(expected)
        if a is not None and b is not None:
            return math.isclose(a, b, rel_tol=field.relative, abs_tol=field.tolerance)
    if field.compare == "normalized" and isinstance(answer, str) and isinstance(expected, str):
        return normalize(answer) == normalize(expected)
    return is_equal(answer, expected)


def _parse_number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _find_leaves(value: Any, compare: CompareMode) -> Iterator[Field]:
    stack: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    count = 0
    while stack and count < MAX_FIELDS:
        path, node = stack.pop()
        if isinstance(node, dict):
            stack += [((*path, key), child) for key, child in reversed(node.items())]
        elif isinstance(node, list):
            stack += [((*path, index), child) for index, child in reversed(list(enumerate(node)))]
        elif len(leaf := pointer(*path)) <= MAX_PATH_LENGTH:
            count += 1
            yield Field(path=leaf, compare=compare)


FIELD_MATCH = Scorer(
    name="field_match",
    needs=frozenset({"reference"}),
    config=FieldMatchConfig,
    score=field_match,
    summarize=summarize_fields,
)
