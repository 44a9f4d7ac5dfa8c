"""The reference of the API as Markdown, from openapi.json: a page for each area, and one for all shapes."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
    "minLength": "length at least {}",
    "maxLength": "length at most {}",
    "minItems": "at least {} of them",
    "maxItems": "at most {} of them",
}
EVERYWHERE = {"400", "401", "403", "404", "413", "415", "429", "503"}  # told once, on the first page
BEGINNING = """\
Every path, from the OpenAPI document that the server also gives at `/openapi.json`. A key goes into
`Authorization: Bearer tl_…`, bodies are JSON, and a refusal is a [problem](../errors.md). Refusals that any path
may give are not repeated: 401 and 403 say what is wrong with the key, 400, 413 and 415 with the request, 404 is not
there or not yours, 429 and 503 say when to try again. Each operation shows how it is called with the clients for
[Python](../sdk/python/index.md) and [TypeScript](../sdk/typescript/index.md)."""
Schema = dict[str, Any]


def pages(document: Schema, calls: Mapping[str, str]) -> dict[str, str]:
    """The pages by file name; `calls` are the lines that say how an operation is called in the clients, by its id.

    Raises KeyError where the document refers to a shape that it does not have.
    """
    areas: dict[str, list[str]] = defaultdict(list)
    told: dict[str, list[str]] = defaultdict(list)
    for path, item in document["paths"].items():
        for method in (method for method in METHODS if method in item):
            operation = item[method]
            [area] = operation["tags"]
            areas[area].append(_line(area, method, path, operation))
            told[area].append("\n".join(_operation(method, path, operation, calls)))
    shapes = document["components"]["schemas"]
    return {
        "index.md": _index(areas),
        **{f"{area}.md": f"# {title(area)}\n\n" + "\n".join(parts) for area, parts in told.items()},
        "shapes.md": "# Shapes\n\n" + "\n".join("\n".join(_shape(name, shapes[name])) for name in sorted(shapes)),
    }


def title(area: str) -> str:
    return area.capitalize().replace("-", " ")


def _index(areas: dict[str, list[str]]) -> str:
    parts = ["# The API", BEGINNING]
    for area, lines in sorted(areas.items()):
        parts += [f"## [{title(area)}]({area}.md)", "| path | what it does |\n|---|---|\n" + "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def _line(area: str, method: str, path: str, operation: Schema) -> str:
    return f"| `{method.upper()} {path}` | [{operation['summary']}]({area}.md#{operation['operationId']}) |"


def _operation(method: str, path: str, operation: Schema, calls: Mapping[str, str]) -> Iterator[str]:
    yield f"## {operation['summary']} {{ #{operation['operationId']} }}\n"
    yield f"`{method.upper()} {path}` · operation `{operation['operationId']}`\n"
    if operation["operationId"] in calls:
        yield calls[operation["operationId"]]
    if operation.get("description"):
        yield f"{operation['description']}\n"
    if operation.get("parameters"):
        yield "| parameter | in | type | |\n|---|---|---|---|"
        yield from (_parameter(parameter) for parameter in operation["parameters"])
        yield ""
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        yield f"**Body** ({kind}): {_type(media.get('schema', {}))}\n"
    for status, answer in sorted(operation["responses"].items()):
        if status not in EVERYWHERE:
            yield _answer(status, answer)
    yield ""


def _parameter(parameter: Schema) -> str:
    name = f"`{parameter['name']}`" + (" (required)" if parameter.get("required") else "")
    schema = parameter["schema"]
    notes = _notes(schema | {"description": parameter.get("description") or schema.get("description", "")})
    return f"| {name} | {parameter['in']} | {_type(schema)} | {notes} |"


def _answer(status: str, answer: Schema) -> str:
    if "$ref" in answer:
        return f"**{status}**: a [problem](../errors.md)\n"
    kinds = [_type(media["schema"]) for media in answer.get("content", {}).values() if media.get("schema")]
    return f"**{status}**: {' or '.join(kinds) or 'no JSON'}. {answer['description']}\n"


def _shape(name: str, schema: Schema) -> Iterator[str]:
    yield f"## {name} {{ #{name} }}\n"
    if schema.get("description"):
        yield f"{schema['description']}\n"
    if "properties" not in schema:
        yield f"{_type(schema)}\n"
        return
    yield "| field | type | |\n|---|---|---|"
    required = schema.get("required", [])
    for field, kind in schema["properties"].items():
        yield f"| `{field}`{' (required)' if field in required else ''} | {_type(kind)} | {_notes(kind)} |"
    yield ""


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](shapes.md#{name})"
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(dict.fromkeys(_type(one) for one in schema[several]))
    if "enum" in schema or "const" in schema:
        return " or ".join(f"`{json.dumps(value)}`" for value in schema.get("enum", [schema.get("const")]))
    kinds = schema.get("type", "anything")
    return " or ".join(_plain(kind, schema) for kind in (kinds if isinstance(kinds, list) else [kinds]))


def _plain(kind: str, schema: Schema) -> str:
    if kind == "array":
        items = [_type(one) for one in schema.get("prefixItems", [])] or [_type(schema.get("items") or {})]
        return f"list of {', '.join(items)}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_type(schema['additionalProperties'])} by name"
    return str(schema.get("format", kind) if kind == "string" else kind)


def _notes(schema: Schema) -> str:
    """What a table's last column says of a field: its description, bounds and default."""
    bounds = [text.format(schema[name]) for name, text in BOUNDS.items() if name in schema]
    default = [f"default `{json.dumps(schema['default'])}`"] if schema.get("default") is not None else []
    said = [schema.get("description", ""), ", ".join([*bounds, *default])]
    return re.sub(r"\s+", " ", ". ".join(part.rstrip(".") for part in said if part)).replace("|", "\\|")
