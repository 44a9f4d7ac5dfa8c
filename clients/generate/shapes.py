"""The structs: one module for each area of the API, and one for what several areas share."""

from collections import defaultdict
from typing import Any

from clients.generate.annotations import received, union
from clients.generate.document import Document, reference, references
from clients.generate.naming import argument
from clients.generate.words import HEADER, docstring

_IMPORTS = """
from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar, Literal

from msgspec import UNSET, UnsetType, field

from tuneledger._shapes import OneOf, Shape
"""
SHARED = "shared"


def modules(document: Document) -> dict[str, str]:
    """The text of each module of `tuneledger.types` by its name."""
    homes = _homes(document)
    tags = _tags(document)
    members: dict[str, list[str]] = defaultdict(list)
    for name in sorted(homes):
        members[homes[name]].append(name)
    texts = {home: _module(document, home, names, homes, tags) for home, names in sorted(members.items())}
    lines = [f"from tuneledger.types.{home} import {', '.join(names)}" for home, names in sorted(members.items())]
    listed = ",\n".join(f'"{name}"' for name in sorted(homes))
    texts["__init__"] = "\n".join([HEADER, '"""The structs of the API."""', *lines, f"\n__all__ = [\n{listed},\n]\n"])
    return texts


def _homes(document: Document) -> dict[str, str]:
    """The module of each struct: its area's where only one area has it."""
    areas: dict[str, set[str]] = defaultdict(set)
    for operation in document.operations:
        for name in document.reachable(operation.structs):
            areas[name].add(operation.tag)
    return {name: SHARED if len(found) > 1 else found.copy().pop() for name, found in areas.items()}


def _tags(document: Document) -> dict[str, tuple[str, str]]:
    """For a member of a union, the property that tells it apart and the word in it."""
    tags: dict[str, tuple[str, str]] = {}

    def look(schema: Any) -> None:
        if isinstance(schema, dict):
            told = schema.get("discriminator")
            if isinstance(told, dict) and "mapping" in told:
                for word, path in told["mapping"].items():
                    name = str(reference({"$ref": path}))
                    tag = (told["propertyName"], word)
                    if tags.setdefault(name, tag) != tag:
                        raise ValueError(f"{name} is told apart by {tags[name]} here and by {tag} there")
            for each in schema.values():
                look(each)
        elif isinstance(schema, list):
            for each in schema:
                look(each)

    look(document.schemas)
    look(document.answers)
    return tags


def _module(
    document: Document, home: str, names: list[str], homes: dict[str, str], tags: dict[str, tuple[str, str]]
) -> str:
    mentioned = {each for name in names for each in references(document.schemas[name])}
    shared = sorted(each for each in mentioned if homes[each] != home)
    about = "What several areas of the API share." if home == SHARED else f"Structs of {home}."
    lines = [HEADER, f'"""{about}"""', _IMPORTS]
    if shared:
        lines.append(f"from tuneledger.types.{SHARED} import {', '.join(shared)}")
    return "\n".join([*lines, *(_struct(name, document.schemas[name], tags.get(name)) for name in names)])


def _struct(name: str, schema: dict[str, Any], tag: tuple[str, str] | None) -> str:
    tagged = "" if tag is None else f', tag_field="{tag[0]}", tag="{tag[1]}"'
    # Checkers want each struct to say again what its base says.
    lines = [
        f"\n\nclass {name}(Shape, frozen=True, kw_only=True{tagged}):",
        docstring(schema.get("description") or f"`{name}`."),
    ]
    if tag is not None:
        lines.append(f'    {tag[0]}: ClassVar[OneOf["{tag[1]}"]] = "{tag[1]}"')
    required = schema.get("required", [])
    properties = {key: value for key, value in schema.get("properties", {}).items() if tag is None or key != tag[0]}
    order = sorted(properties, key=lambda key: (required.index(key) if key in required else len(required), key))
    lines += [_field(key, properties[key], required=key in required) for key in order]
    return "\n".join(lines)


def _field(key: str, schema: dict[str, Any], *, required: bool) -> str:
    name, kind = argument(key), received(schema)
    renamed = f'name="{key}"' if name != key else ""
    default, unset = ("", False) if required else _default(schema)
    annotation = union(kind, "UnsetType") if unset else kind
    if renamed:
        value = f" = field({', '.join(part for part in (f'default={default}' if default else '', renamed) if part)})"
    else:
        value = f" = {default}" if default else ""
    about = schema.get("description")
    said = f"\n{docstring(about)}" if about else ""
    return f"    {name}: {annotation}{value}{said}"


def _default(schema: dict[str, Any]) -> tuple[str, bool]:
    """What an absent field means, and whether it means that it is absent."""
    if "default" not in schema or reference(schema) or (schema["default"] and not _scalar(schema["default"])):
        return "UNSET", True
    return repr(schema["default"]), False


def _scalar(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)
