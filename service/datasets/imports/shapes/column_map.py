"""Which column or JSON pointer of a row is which field: `map=input:question,output:/answers/0/text`. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec

from service.datasets.imports.shapes.draft import Json
from service.errors import Fault, Invalid

TARGETS = (
    *("input", "output", "system", "messages", "tools", "prompt", "chosen", "rejected"),
    *("tags", "rating", "external_id", "split", "metadata"),
)


def parse_column_map(text: str | None) -> dict[str, str]:
    """The source of each field, from `field:column,…` or a JSON object. Raises Invalid with what is allowed."""
    if text is None:
        return {}
    try:
        columns = msgspec.json.decode(text, type=dict[str, str]) if text.lstrip().startswith("{") else _split(text)
    except msgspec.DecodeError as error:
        raise _refuse("Write map=field:column,field:column, or a JSON object of texts.") from error
    unknown = [name for name in columns if name not in TARGETS]
    if unknown:
        raise _refuse(f"{unknown[0][:64]!r} is no field; the fields are {', '.join(TARGETS)}.")
    return columns


def apply_column_map(row: Json, columns: Mapping[str, str], *, at: str = "") -> tuple[Json, list[Fault]]:
    """The row under the fields' names, and a fault for each column that it does not have."""
    mapped: Json = {name: value for name, value in row.items() if name not in columns.values()}
    faults = []
    for field, source in columns.items():
        is_there, value = _find(row, source)
        if not is_there:
            detail = (
                f"There is no {source[:64]!r} in this row; it has {', '.join(name[:64] for name in list(row)[:20])}."
            )
            faults.append(Fault(pointer=at, detail=detail, code="missing_column"))
        elif field == "metadata" and not isinstance(value, dict):
            mapped[field] = {source.rpartition("/")[2]: value}
        else:
            mapped[field] = value
    return mapped, faults


def _split(text: str) -> dict[str, str]:
    pairs = [pair.partition(":") for pair in text.split(",")]
    if not all(colon and field.strip() and source.strip() for field, colon, source in pairs):
        raise _refuse("Write map=field:column,field:column, or a JSON object of texts.")
    return {field.strip(): source.strip() for field, _, source in pairs}


def _find(row: Json, source: str) -> tuple[bool, Any]:
    if source in row:
        return True, row[source]
    if not source.startswith("/"):
        return False, None
    value: Any = row
    for step in source[1:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return False, None
    return True, value


def _refuse(detail: str) -> Invalid:
    return Invalid(detail, errors=[Fault(pointer="?map", detail=detail, code="invalid_value")])
