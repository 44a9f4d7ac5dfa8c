"""The fields beside the content, in the spellings that files use for them, and the columns that nobody asked for."""

import math
import re
from typing import Any, Literal

import msgspec

from service.datasets.examples.chat_content import MAX_DEPTH, build_too_deep_fault, is_deeper_than
from service.datasets.examples.ratings import PassFail, Rating, Stars
from service.datasets.imports.shapes.draft import Draft, from_json_text
from service.datasets.imports.shapes.row import RowFields
from service.json_pointers import pointer
from service.json_type_faults import describe, find_type_faults

Extra = Literal["metadata", "ignore", "refuse"]
SPLITS = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "development", "eval", "evaluation"), "validation"),
    **dict.fromkeys(("test", "testing", "tst", "holdout"), "test"),
}
NO_RATING = ("", "nan", "none", "null", "na", "n/a")
MIN_STARS, MAX_STARS = 1, 5
UNNAMED = re.compile(r"(?:Unnamed: \d+|__index_level_\d+__|)")


def take_fields(draft: Draft, extra: Extra) -> RowFields:
    """The checked fields; what is wrong with them is added to the draft."""
    values = {
        "external_id": _take_external_id(draft),
        "tags": _take_tags(draft),
        "rating": _take_rating(draft),
        "split": _take_split(draft),
        "metadata": _take_metadata(draft, extra),
    }
    try:
        return msgspec.convert(values, RowFields)
    except msgspec.ValidationError:
        draft.faults += find_type_faults(values, RowFields, at=draft.at)
        return RowFields()


def _take_external_id(draft: Draft) -> Any:
    value, _ = draft.pop("external_id")
    if isinstance(value, str):
        return value.strip() or None
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else value


def _take_tags(draft: Draft) -> Any:
    """Tags; in one cell they are separated by ; or |."""
    value, _ = draft.pop("tags")
    value = from_json_text(value)
    if isinstance(value, str):
        return [tag for part in re.split(r"[;|]", value) if (tag := part.strip())]
    return value


def _take_rating(draft: Draft) -> Any:
    if draft.passed is not None:
        word: Literal["pass", "fail"] = "pass" if draft.passed else "fail"
        return msgspec.to_builtins(Rating(overall=PassFail(value=word)))
    value, at = draft.pop("rating")
    if isinstance(value, dict):
        return value
    number = _to_number(value)
    if number is None or (isinstance(number, float) and math.isnan(number)):
        return None
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if isinstance(number, int) and not isinstance(number, bool) and MIN_STARS <= number <= MAX_STARS:
        return msgspec.to_builtins(Rating(overall=Stars(value=number)))
    code = "invalid_value" if isinstance(number, int | float | str) and not isinstance(number, bool) else "wrong_type"
    draft.add_fault(at, f"Found {describe(value)}; allowed is a whole number from 1 to 5.", code)
    return None


def _to_number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value.strip().lower() in NO_RATING:
        return None
    try:
        return float(value)
    except ValueError:
        return value


def _take_split(draft: Draft) -> Any:
    value, at = draft.pop("split")
    if value is None or value == "":
        return None
    split = SPLITS.get(value.strip().lower()) if isinstance(value, str) else None
    if split is None:
        draft.add_fault(at, f"Found {describe(value)}; allowed are train, validation (val, dev, eval) and test.")
    return split


def _take_metadata(draft: Draft, extra: Extra) -> Any:
    value, at = draft.pop("metadata")
    value = from_json_text(value) or None
    if isinstance(value, dict | None):
        value = {**(value or {}), **draft.metadata}
        _take_extra(draft, value, extra)
    if isinstance(value, dict) and is_deeper_than(value, MAX_DEPTH):
        draft.faults.append(build_too_deep_fault(at))
        return None
    return value or None


def _take_extra(draft: Draft, metadata: dict[str, Any], extra: Extra) -> None:
    """Put the columns that are left where `extra` says. Nameless ones that count rows or are empty are left out."""
    for name, value in draft.row.items():
        if value is None or (UNNAMED.fullmatch(name) and (value == "" or str(value).isdigit())):
            continue
        if extra == "refuse":
            detail = f"The field {name[:64]!r} is unknown; leave it out, or say extra=metadata or extra=ignore."
            draft.add_fault(draft.at + pointer(name), detail, "unknown_field")
        elif extra == "ignore":
            draft.losses.add(f"columns: {name[:64]}")
        elif name in metadata:
            draft.add_fault(draft.at + pointer(name), "The metadata has a field of this name too.", "repeated")
        else:
            metadata[name] = value
