"""Together's error body, and what else all of its routes share."""

import json
from typing import Any

from aiohttp import web


class Refusal(Exception):  # noqa: N818 - an answer
    def __init__(self, status: int, message: str, *, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        kind = "invalid_request_error" if status < 500 else "server_error"
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


def answer(body: Any, **options: Any) -> web.Response:
    """Numbers that are not finite go out as Python writes them."""
    return web.json_response(body, dumps=json.dumps, **options)


async def read_json(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        raise Refusal(400, "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Refusal(400, "The body is not an object.")
    return body


def without_nulls(body: dict[str, Any]) -> dict[str, Any]:
    """Together leaves fields out rather than to send null."""
    return {name: value for name, value in body.items() if value is not None}
