"""Schemas as TypeScript types: an interface for each, unions told apart by their discriminator's literal."""

import json
from collections.abc import Iterator
from typing import Any

from clients.generate.document import Document, Operation, reference
from clients.generate_typescript.words import HEADER, comment, pascal

_PLAIN = {"boolean": "boolean", "integer": "number", "null": "null", "number": "number", "string": "string"}


def expression(schema: dict[str, Any], space: str = "") -> str:  # noqa: PLR0911 - one for each kind of schema
    """The type that a value of this schema has; `space` stands before the names of other schemas."""
    if name := reference(schema):
        return space + name
    if members := schema.get("anyOf") or schema.get("oneOf"):
        return union(*(expression(member, space) for member in members))
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return union(*(json.dumps(value, ensure_ascii=False) for value in schema["enum"]))
    match schema.get("type"):
        case list() as kinds:
            return union(*(expression({**schema, "type": kind}, space) for kind in kinds))
        case "array":
            items = expression(schema.get("items", {}), space)
            return f"Array<{items}>" if " | " in items else f"{items}[]"
        case "object":
            values = schema.get("additionalProperties")
            return f"Record<string, {expression(values, space) if isinstance(values, dict) else 'unknown'}>"
        case None:
            return "unknown"
        case kind:
            return _PLAIN[kind]


def union(*members: str) -> str:
    """Each member once, null last."""
    once = dict.fromkeys(member for member in members if member != "null")
    return " | ".join([*once, *(["null"] if "null" in members else [])])


def types(document: Document) -> str:
    """The module of all schemas, and of the queries of all operations."""
    made = {name: _model(name, schema) for name, schema in document.schemas.items()}
    for operation in document.operations:
        if operation.query:
            name = query_name(operation)
            if name in made:
                raise ValueError(f"there is a schema {name}, and a query of that name")
            made[name] = _query(name, operation)
    return HEADER + "".join("\n" + made[name] for name in sorted(made))


def query_name(operation: Operation) -> str:
    return f"{pascal(operation.name)}Query"


def _model(name: str, schema: dict[str, Any]) -> str:
    about = comment(schema.get("description", ""))
    if "properties" not in schema:
        return f"{about}export type {name} = {expression(schema)};\n"
    return f"{about}export interface {name} {{\n{''.join(_fields(schema))}}}\n"


def _fields(schema: dict[str, Any]) -> Iterator[str]:
    needed = schema.get("required", [])
    properties = schema["properties"]
    told = [*(name for name in needed if name in properties), *(name for name in properties if name not in needed)]
    for name in told:
        kind = expression(properties[name])
        yield _field(name, kind, required=name in needed, about=properties[name].get("description", ""))


def _query(name: str, operation: Operation) -> str:
    fields = "".join(
        _field(each.name, _given(each.schema), required=each.required, about=each.description)
        for each in operation.query
    )
    about = comment(f"The parameters of `{operation.method} {operation.path}`.")
    return f"{about}export interface {name} {{\n{fields}}}\n"


def _given(schema: dict[str, Any]) -> str:
    """The type of a parameter, which is left out rather than null."""
    return " | ".join(each for each in expression(schema).split(" | ") if each != "null")


def _field(name: str, kind: str, *, required: bool, about: str) -> str:
    key = name if name.isidentifier() else json.dumps(name)
    return f"{comment(about, indent=2)}  {key}{'' if required else '?'}: {kind};\n"
