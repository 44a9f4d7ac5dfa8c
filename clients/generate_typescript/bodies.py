"""The types of what is sent, by operation id."""

from typing import Any

from clients.generate.document import JSON, METHODS
from clients.generate_typescript.methods import SPACE
from clients.generate_typescript.types import expression


def bodies(raw: dict[str, Any]) -> dict[str, str]:
    """The expression of each JSON body that has a schema of its own; a body that may be left out ends with null."""
    found = {}
    for item in raw["paths"].values():
        for operation in (item[method] for method in METHODS if method in item):
            schema = operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema")
            if schema and schema.get("type") != "string":
                found[operation["operationId"]] = expression(schema, SPACE)
    return found
