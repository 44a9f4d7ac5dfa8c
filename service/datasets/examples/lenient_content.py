"""Chat contents in bodies as SDKs write them: nulls, `reasoning_content` and `function_call` become canonical."""

from typing import Any

import msgspec

from service.datasets.imports.shapes.shape_reader import normalize_content

ANY_JSON = msgspec.json.Decoder()


def normalize_examples(body: bytes) -> bytes:
    """The body with canonical contents, of itself and under `examples`. Unchanged where one cannot be read."""
    try:
        value = ANY_JSON.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body
    if not isinstance(value, dict):
        return body
    listed = value.get("examples")
    try:
        for item in [value, *(listed if isinstance(listed, list) else [])]:
            _normalize(item)
        return msgspec.json.encode(value)
    except RecursionError:
        return body


def _normalize(item: Any) -> None:
    if isinstance(item, dict) and isinstance(item.get("content"), dict):
        item["content"] = normalize_content(item["content"]) or item["content"]
