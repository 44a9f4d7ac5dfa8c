"""Check JSON Schemas as OpenAI does, resolve $refs, and find or infer the schema in a prompt."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

MAX_DEPTH = 10
MAX_PROPERTIES = 5_000
TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
REFUSED_KEYWORDS = ("allOf", "not", "dependentRequired", "dependentSchemas", "if", "then", "else", "patternProperties")
Schema = Mapping[str, Any]
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("properties", "$defs", "definitions"), dict[str, Any]),
    **dict.fromkeys(("anyOf", "oneOf"), Annotated[list[dict[str, Any]], Meta(min_length=1)]),
    **dict.fromkeys(("minItems", "maxItems"), Annotated[int, Meta(ge=0, le=10_000)]),
    **dict.fromkeys(("minLength", "maxLength"), Annotated[int, Meta(ge=0, le=1_000_000)]),
    **dict.fromkeys(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), Annotated[float, Meta(ge=-1e15, le=1e15)]
    ),
    **dict.fromkeys(("pattern", "format", "description", "$ref"), str),
    "multipleOf": Annotated[float, Meta(gt=1e-9, le=1e15)],
    "enum": Annotated[list[Any], Meta(min_length=1)],
    "required": list[str],
    "items": dict[str, Any],
}


def find_schema_error(schema: Schema, *, strict: bool) -> str | None:
    """OpenAI's message about an invalid schema, or None. Only strict schemas are checked in full."""
    if strict and "anyOf" in schema:
        return "schema must have type 'object' and not have 'anyOf' at the top level."
    if schema.get("type") != "object" and (strict or schema.get("type", "object") != "object"):
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{schema.get('type')}\"'."
    return _find_error(schema, schema, path=(), strict=strict)


def _find_error(schema: Any, root: Schema, *, path: tuple[str, ...], strict: bool) -> str | None:
    where = f"In context={path!r}, "
    if not isinstance(schema, dict):
        return f"{where}schema must be an object."
    if len(path) > MAX_DEPTH * 4:
        return f"{where}the schema is nested too deeply."
    if error := _find_keyword_error(schema):
        return where + error
    if "$ref" in schema and resolve_ref(schema, root) is None:
        return f"{where}reference to component '{schema['$ref']}' was not found in the schema."
    if strict and (error := _find_strict_error(schema)):
        return where + error
    return next(
        (
            error
            for key, part in _list_parts(schema)
            if (error := _find_error(part, root, path=(*path, *key), strict=strict))
        ),
        None,
    )


def _find_keyword_error(schema: Schema) -> str | None:
    kinds = schema.get("type", [])
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if kind not in TYPES:
            return f"'{kind}' is not a valid type."
    for word, shape in KEYWORDS.items():
        if word in schema:
            try:
                msgspec.convert(schema[word], shape)
            except msgspec.ValidationError as error:
                return f"'{word}' is not valid: {error}."
    return None


def _find_strict_error(schema: Schema) -> str | None:
    refused = next((word for word in REFUSED_KEYWORDS if word in schema), None)
    if refused:
        return f"'{refused}' is not permitted."
    if not any(word in schema for word in ("type", "anyOf", "$ref", "enum", "const")):
        return "schema must have a 'type' key."
    if schema.get("type") == "array" and "items" not in schema:
        return "array schema missing items."
    return _find_object_error(schema) if schema.get("type") == "object" else None


def _find_object_error(schema: Schema) -> str | None:
    if schema.get("additionalProperties") is not False:
        return "'additionalProperties' is required to be supplied and to be false."
    named, required = schema.get("properties") or {}, schema.get("required") or []
    missing = next((name for name in named if name not in required), None)
    if missing is None and all(name in named for name in required):
        return None
    error = "'required' is required to be supplied and to be an array including every key in properties."
    return f"{error} Missing '{missing}'." if missing is not None else f"{error} Extra required key supplied."


def _list_parts(schema: Schema) -> list[tuple[tuple[str, ...], Any]]:
    result: list[tuple[tuple[str, ...], Any]] = []
    for word in ("properties", "$defs", "definitions"):
        result += [((word, name), part) for name, part in (schema.get(word) or {}).items()]
    if "items" in schema:
        result.append((("items",), schema["items"]))
    for word in ("anyOf", "oneOf"):
        result += [((word, str(position)), part) for position, part in enumerate(schema.get(word) or ())]
    return result


def resolve_ref(schema: Schema, root: Schema) -> Schema | None:
    """Follow the chain of $refs within `root`; None when it is broken or circular."""
    for _ in range(MAX_DEPTH):
        reference = schema.get("$ref")
        if reference is None:
            return schema
        result: Any = root
        for step in str(reference).removeprefix("#").strip("/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            result = result if not step else result.get(name) if isinstance(result, dict) else None
        if not isinstance(result, dict) or not str(reference).startswith("#"):
            return None
        schema = {**result, **{key: value for key, value in schema.items() if key != "$ref"}}
    return None


def find_type(schema: Schema) -> str:
    """The schema's type, or the one its keywords imply; `null` is ignored beside another type."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in schema else "array" if "items" in schema else "string"


def has_required_keys(text: str, schema: Schema) -> bool:
    """Whether a text is a JSON object with all required keys of the schema's top level, and no unknown ones."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    properties = schema.get("properties") or {}
    return isinstance(value, dict) and set(schema.get("required") or ()) <= set(value) <= set(properties)


def find_schema(prompt: str) -> Schema | None:
    """Find the last schema in a prompt, or infer it from the last JSON example; None without any."""
    decoder, result, position = json.JSONDecoder(), None, prompt.find("{")
    while position >= 0:
        try:
            value, end = decoder.raw_decode(prompt, position)
        except (ValueError, RecursionError):
            end = position + 1
        else:
            result = value or result
        position = prompt.find("{", end)
    if not isinstance(result, dict):
        return None
    is_schema = isinstance(result.get("properties"), dict) or isinstance(result.get("$defs"), dict)
    return result if is_schema and find_schema_error(result, strict=False) is None else infer_schema(result)


NAMES = {bool: "boolean", int: "integer", float: "number", type(None): "null"}


def infer_schema(example: Any) -> dict[str, Any]:
    """Infer a schema from an example."""
    match example:
        case list():
            return {"type": "array", "items": infer_schema(example[0]) if example else {"type": "string"}}
        case dict():
            return {"type": "object", "properties": {name: infer_schema(value) for name, value in example.items()}}
        case str():
            return {"type": "string", "description": example}
        case _:
            return {"type": NAMES.get(type(example), "string")}
