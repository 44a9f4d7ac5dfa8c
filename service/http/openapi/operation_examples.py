"""Examples in the OpenAPI document: one recorded request and response for each operation.

`make examples` records them while it runs the demo and the tests of the routes (openapi/recorder.py).
"""

import json
import shlex
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

EXAMPLES = Path(__file__).with_name("examples.json")
SERVER = "http://localhost:8400"


class Exchange(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One request and its response. Bodies are JSON values, or text when they are not JSON."""

    path: str
    query: dict[str, str] = {}
    request: Any = None
    request_type: str | None = None
    status: int
    response: Any = None
    response_type: str | None = None


@cache
def load_examples() -> dict[str, Exchange]:
    """The recorded exchanges by operation id."""
    return msgspec.json.decode(EXAMPLES.read_bytes(), type=dict[str, Exchange])


def add_examples(path: str, method: str, operation: dict[str, Any]) -> None:
    """Add the recorded exchange to an operation of the document, in place."""
    exchange = load_examples().get(operation["operationId"])
    if exchange is None:
        return
    _add_parameters(path, operation, exchange)
    body = operation.get("requestBody", {}).get("content", {})
    if exchange.request is not None and exchange.request_type in body:
        body[exchange.request_type]["example"] = exchange.request
    response = operation["responses"].get(str(exchange.status), {})
    if exchange.response is not None and exchange.response_type is not None and "$ref" not in response:
        response.setdefault("content", {}).setdefault(exchange.response_type, {})["example"] = exchange.response
    operation["x-codeSamples"] = [{"lang": "Shell", "label": "curl", "source": build_curl(method, exchange)}]


def build_curl(method: str, exchange: Exchange) -> str:
    """Build the request as a shell command, with the API key in `$KEY`."""
    query = f"?{urlencode(exchange.query)}" if exchange.query else ""
    verb = "" if method == "get" else f" -X {method.upper()}"
    lines = [f"curl{verb} {shlex.quote(f'{SERVER}{exchange.path}{query}')}", '-H "Authorization: Bearer $KEY"']
    if exchange.request_type:
        lines.append(shlex.join(["-H", f"Content-Type: {exchange.request_type}"]))
    if exchange.request is not None:
        body = exchange.request
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        lines.append(shlex.join(["--data-binary", text]))
    return " \\\n  ".join(lines)


def _add_parameters(path: str, operation: dict[str, Any], exchange: Exchange) -> None:
    names = [part.strip("{}") if part.startswith("{") else None for part in path.split("/")]
    values = dict(zip(names, exchange.path.split("/"), strict=False)) | exchange.query
    for parameter in operation.get("parameters", ()):
        if parameter["in"] != "header" and parameter["name"] in values:
            parameter["example"] = _parse_value(values[parameter["name"]], parameter["schema"])


def _parse_value(text: str, schema: dict[str, Any]) -> Any:
    """Parse a value of a path or query as the type that its schema has."""
    kinds = str([kind.get("type") for kind in (schema, *schema.get("oneOf", ()), *schema.get("anyOf", ()))])
    if any(kind in kinds for kind in ("integer", "number", "boolean")):
        try:
            return json.loads(text.lower())
        except ValueError:
            return text
    return text
