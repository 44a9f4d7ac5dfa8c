"""What generated documents say too much or too vaguely, made plain before clients are generated from them."""

import inspect
from collections.abc import Iterator
from typing import Any

_SAID = {"200": "As asked.", "201": "Made; `Location` is where.", "202": "Accepted; `Location` is where to watch it."}
_SILENT = ("deprecated", "allowEmptyValue", "allowReserved", "exclusiveMinimum", "exclusiveMaximum")
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "default")
LOCATION = {"description": "The path of what was made.", "schema": {"type": "string", "format": "uri-reference"}}


def tidied(document: dict[str, Any]) -> dict[str, Any]:
    """The document, changed in place: nothing that is false or null, whole numbers whole, texts without indentation."""
    for node in _nodes(document):
        for name in [name for name in _SILENT if node.get(name) is False]:
            del node[name]
        for name in _BOUNDS:
            if isinstance(node.get(name), float) and node[name].is_integer():
                node[name] = int(node[name])
        if isinstance(node.get("description"), str):
            node["description"] = inspect.cleandoc(node["description"])
    for operation in _operations(document):
        for parameter in operation.get("parameters", ()):
            _tidy_parameter(parameter)
        for status, response in operation["responses"].items():
            _tidy_response(status, response)
    return document


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from _nodes(each)


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from (
            operation for operation in item.values() if isinstance(operation, dict) and "responses" in operation
        )


def _tidy_parameter(parameter: dict[str, Any]) -> None:
    schema = parameter["schema"]
    schema.pop("description", None)  # the parameter has it
    kinds = schema.get("oneOf", [])
    if {"type": "null"} in kinds:
        # A parameter that is not given is not sent; none is sent as null.
        others = [kind for kind in kinds if kind != {"type": "null"}]
        del schema["oneOf"]
        schema.update(others[0] if len(others) == 1 else {"oneOf": others})
    if schema.get("default", ...) is None:
        del schema["default"]


def _tidy_response(status: str, response: dict[str, Any]) -> None:
    if status in _SAID:
        response["description"] = _SAID[status]
    if "$ref" in response:
        return
    if status in {"201", "202"}:
        response["headers"] = {**response.get("headers", {}), "Location": LOCATION}
    if not response.get("headers", True):
        del response["headers"]
