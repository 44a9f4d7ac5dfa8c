"""Read points of training curves from the names that providers use for them."""

import base64
import binascii
import codecs
import csv
import math
from collections.abc import Iterable, Mapping

import msgspec

from service.providers.provider import MetricPoint

MAX_STEP = 2**31 - 1

MEASURES: dict[str, tuple[str, ...]] = {
    "train_loss": ("train_loss", "training_loss"),
    "valid_loss": ("valid_loss", "validation_loss"),
    "train_accuracy": ("train_mean_token_accuracy", "train_accuracy"),
    "valid_accuracy": ("valid_mean_token_accuracy", "validation_mean_token_accuracy", "valid_accuracy"),
    "full_valid_loss": ("full_valid_loss",),
    "full_valid_accuracy": ("full_valid_mean_token_accuracy", "full_valid_accuracy"),
}


def build_point(values: Mapping[str, object]) -> MetricPoint | None:
    """A point from a metrics event, a checkpoint or a row; None without a step or without a single measure."""
    step = to_number(values.get("step"))
    if step is None or not 0 <= step <= MAX_STEP:
        return None
    measures = {name: read_measure(values, spellings) for name, spellings in MEASURES.items()}
    known = {name: value for name, value in measures.items() if value is not None}
    if not known:
        return None
    finite = {name: value for name, value in known.items() if math.isfinite(value)}
    not_finite = tuple(name for name in known if name not in finite)
    return msgspec.convert({"step": int(step), "not_finite": not_finite, **finite}, MetricPoint)


def parse_result_file(content: bytes) -> list[MetricPoint]:
    """The points of a result file: CSV, plain or in base64 (newer jobs). Columns go by their names."""
    text = decode_text(decode_base64(content))
    try:
        return [found for row in csv.DictReader(text.splitlines()) if (found := build_point(row))]
    except csv.Error:
        return []


def merge_points(first: Iterable[MetricPoint], second: Iterable[MetricPoint]) -> tuple[MetricPoint, ...]:
    """Merge two curves by step. Where both have a value, `first` wins."""
    points: dict[int, MetricPoint] = {}
    for each in (*first, *second):
        points[each.step] = fill_gaps(points[each.step], each) if each.step in points else each
    return tuple(points[step] for step in sorted(points))


def fill_gaps(known: MetricPoint, other: MetricPoint) -> MetricPoint:
    gaps = {
        name: getattr(other, name)
        for name in MEASURES
        if getattr(known, name) is None and name not in known.not_finite and getattr(other, name) is not None
    }
    return msgspec.structs.replace(known, **gaps)


def read_measure(values: Mapping[str, object], spellings: Iterable[str]) -> float | None:
    return next((value for name in spellings if (value := to_number(values.get(name))) is not None), None)


def to_number(value: object) -> float | None:
    """A number from JSON or a cell of text; None for anything else, an empty cell too."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def decode_text(content: bytes) -> str:
    """UTF-8 or UTF-16, as the byte order mark says."""
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if is_utf16 else "utf-8-sig", errors="replace")


def decode_base64(content: bytes) -> bytes:
    # CSV has commas, which base64 never has, so they cannot be confused.
    try:
        return base64.b64decode(b"".join(content.split()), validate=True)
    except binascii.Error:
        return content
