"""JSON Schemas as OpenAI takes them: what it refuses, where a $ref leads, and the shape of an example."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

MOST_DEPTH = 10
MOST_PROPERTIES = 5_000
TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
REFUSED = ("allOf", "not", "dependentRequired", "dependentSchemas", "if", "then", "else", "patternProperties")
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


def complaint(schema: Schema, *, strict: bool) -> str | None:
    """What OpenAI would say against the schema, or None. Only a strict one is looked at closely."""
    if strict and "anyOf" in schema:
        return "schema must have type 'object' and not have 'anyOf' at the top level."
    if schema.get("type") != "object" and (strict or schema.get("type", "object") != "object"):
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{schema.get('type')}\"'."
    return _against(schema, schema, path=(), strict=strict)


def _against(schema: Any, root: Schema, *, path: tuple[str, ...], strict: bool) -> str | None:
    where = f"In context={path!r}, "
    if not isinstance(schema, dict):
        return f"{where}schema must be an object."
    if len(path) > MOST_DEPTH * 4:
        return f"{where}the schema is nested too deeply."
    if said := _against_words(schema):
        return where + said
    if "$ref" in schema and resolved(schema, root) is None:
        return f"{where}reference to component '{schema['$ref']}' was not found in the schema."
    if strict and (said := _against_strict(schema)):
        return where + said
    return next(
        (said for key, part in _parts(schema) if (said := _against(part, root, path=(*path, *key), strict=strict))),
        None,
    )


def _against_words(schema: Schema) -> str | None:
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


def _against_strict(schema: Schema) -> str | None:
    refused = next((word for word in REFUSED if word in schema), None)
    if refused:
        return f"'{refused}' is not permitted."
    if not any(word in schema for word in ("type", "anyOf", "$ref", "enum", "const")):
        return "schema must have a 'type' key."
    if schema.get("type") == "array" and "items" not in schema:
        return "array schema missing items."
    return _against_object(schema) if schema.get("type") == "object" else None


def _against_object(schema: Schema) -> str | None:
    if schema.get("additionalProperties") is not False:
        return "'additionalProperties' is required to be supplied and to be false."
    named, required = schema.get("properties") or {}, schema.get("required") or []
    missing = next((name for name in named if name not in required), None)
    if missing is None and all(name in named for name in required):
        return None
    said = "'required' is required to be supplied and to be an array including every key in properties."
    return f"{said} Missing '{missing}'." if missing is not None else f"{said} Extra required key supplied."


def _parts(schema: Schema) -> list[tuple[tuple[str, ...], Any]]:
    found: list[tuple[tuple[str, ...], Any]] = []
    for word in ("properties", "$defs", "definitions"):
        found += [((word, name), part) for name, part in (schema.get(word) or {}).items()]
    if "items" in schema:
        found.append((("items",), schema["items"]))
    for word in ("anyOf", "oneOf"):
        found += [((word, str(at)), part) for at, part in enumerate(schema.get(word) or ())]
    return found


def resolved(schema: Schema, root: Schema) -> Schema | None:
    """The schema that a chain of $refs inside `root` leads to; None when it leads nowhere or in a circle."""
    for _ in range(MOST_DEPTH):
        reference = schema.get("$ref")
        if reference is None:
            return schema
        found: Any = root
        for step in str(reference).removeprefix("#").strip("/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            found = found if not step else found.get(name) if isinstance(found, dict) else None
        if not isinstance(found, dict) or not str(reference).startswith("#"):
            return None
        schema = {**found, **{key: value for key, value in schema.items() if key != "$ref"}}
    return None


def kind_of(schema: Schema) -> str:
    """The type that is meant, also where it is only to be seen from the other words. Nullable is what it else is."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in schema else "array" if "items" in schema else "string"


def fits(text: str, schema: Schema) -> bool:
    """Whether a text is JSON with every key that the schema's top level requires, and none that it does not know."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return False
    known = schema.get("properties") or {}
    return isinstance(read, dict) and set(schema.get("required") or ()) <= set(read) <= set(known)


def shown_in(prompt: str) -> Schema | None:
    """The schema that a prompt shows, or that of the JSON example it shows; of several the last. None without any."""
    decoder, found, at = json.JSONDecoder(), None, prompt.find("{")
    while at >= 0:
        try:
            shown, end = decoder.raw_decode(prompt, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            found = shown or found
        at = prompt.find("{", end)
    if not isinstance(found, dict):
        return None
    is_schema = isinstance(found.get("properties"), dict) or isinstance(found.get("$defs"), dict)
    return found if is_schema and complaint(found, strict=False) is None else like(found)


NAMES = {bool: "boolean", int: "integer", float: "number", type(None): "null"}


def like(example: Any) -> dict[str, Any]:
    """The schema of whatever has the example's shape."""
    match example:
        case list():
            return {"type": "array", "items": like(example[0]) if example else {"type": "string"}}
        case dict():
            return {"type": "object", "properties": {name: like(value) for name, value in example.items()}}
        case str():
            return {"type": "string", "description": example}
        case _:
            return {"type": NAMES.get(type(example), "string")}
