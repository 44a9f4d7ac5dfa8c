"""Google's error body, and what else all of its routes share."""

from typing import Any

from aiohttp import web

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
}


class Refusal(Exception):  # noqa: N818 - an answer
    def __init__(self, status: int, message: str, *, word: str | None = None, details: list[Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = build_error(status, message, word=word, details=details)


def build_error(status: int, message: str, *, word: str | None = None, details: list[Any] | None = None) -> Any:
    fields = {"code": status, "message": message, "status": word or STATUSES[status]}
    return {"error": fields | ({"details": details} if details else {})}


async def read_json(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        raise Refusal(400, "Invalid JSON payload received.") from None
    if not isinstance(body, dict):
        raise Refusal(400, "Invalid JSON payload received. Root element must be a message.")
    return body


def without_nulls(body: dict[str, Any]) -> dict[str, Any]:
    """Google leaves fields out rather than to send null."""
    return {name: value for name, value in body.items() if value is not None}
