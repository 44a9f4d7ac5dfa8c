"""The types of columns, from the values in them. What differs from row to row is text. Pure."""

from typing import Any

import msgspec

# Their shape differs from row to row, so they are JSON text, as tables of the Hugging Face Hub have them.
AS_TEXT = frozenset({"tools", "metadata", "arguments", "parameters", "args", "json", "schema"})
MAX_INTEGER = 2**63


class ColumnType(msgspec.Struct, frozen=True):
    """`kind` is SQL's word, `list` or `struct`; an empty kind fits any other."""

    kind: str
    item: "ColumnType | None" = None
    fields: dict[str, "ColumnType"] = {}


TEXT, ANY = ColumnType("VARCHAR"), ColumnType("")


def read_type(name: str, value: Any) -> ColumnType:  # noqa: PLR0911 - one return a type
    """The type of a value in a field of this name."""
    match value:
        case None:
            return ANY
        case bool():
            return ColumnType("BOOLEAN")
        case int():
            return ColumnType("BIGINT") if -MAX_INTEGER <= value < MAX_INTEGER else TEXT
        case float():
            return ColumnType("DOUBLE")
        case list() | dict() if name in AS_TEXT:
            return TEXT
        case list():
            item = ANY
            for each in value:
                item = merge(item, read_type(name, each))
            return ColumnType("list", item=item)
        case dict() if value:
            return ColumnType("struct", fields={field: read_type(field, each) for field, each in value.items()})
        case _:
            return TEXT


def merge(before: ColumnType | None, now: ColumnType) -> ColumnType:  # noqa: PLR0911 - one return a case
    """What fits both; text if nothing else does: strings then stay as they are, other values become JSON."""
    if before is None or not before.kind or before == now:
        return now
    if not now.kind:
        return before
    if {before.kind, now.kind} == {"BIGINT", "DOUBLE"}:
        return ColumnType("DOUBLE")
    if before.kind != now.kind:
        return TEXT
    if before.kind == "list":
        return ColumnType("list", item=merge(before.item, now.item or ANY))
    if before.kind == "struct":
        names = dict.fromkeys([*before.fields, *now.fields])
        fields = {name: merge(before.fields.get(name, ANY), now.fields.get(name, ANY)) for name in names}
        return ColumnType("struct", fields=fields)
    return before


def to_sql(kind: ColumnType) -> str:
    if kind.kind == "list":
        return f"{to_sql(kind.item or ANY)}[]"
    if kind.kind == "struct":
        fields = ", ".join('"' + name.replace('"', '""') + '" ' + to_sql(each) for name, each in kind.fields.items())
        return f"STRUCT({fields})"
    return kind.kind or "VARCHAR"
