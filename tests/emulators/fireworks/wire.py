"""google.rpc's error body, pages, and what else all routes share."""

import json
from typing import Any

from aiohttp import web

ACCOUNT = "acme"
HOME = f"/v1/accounts/{ACCOUNT}"
CODES = {400: 3, 401: 16, 403: 7, 404: 5, 409: 6, 412: 9, 429: 8, 501: 12, 503: 14}


class Refusal(Exception):  # noqa: N818 - an answer
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"code": CODES[status], "message": message, "details": []}


def answer(body: Any, **options: Any) -> web.Response:
    return web.json_response(body, dumps=json.dumps, **options)


async def read_json(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        raise Refusal(400, "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Refusal(400, "The body is not an object.")
    return body


def list_page(request: web.Request, key: str, items: list[dict[str, Any]]) -> web.Response:
    """A page of at most 200. Tokens are opaque on the wire; here they are where the next page begins."""
    size = min(int(request.query.get("pageSize") or 50), 200)
    start = int(request.query.get("pageToken") or 0)
    following = str(start + size) if start + size < len(items) else ""
    return answer({key: items[start : start + size], "nextPageToken": following, "totalSize": len(items)})


def split_verb(request: web.Request) -> tuple[str, str]:
    """The id and the verb of a path such as `models/mine:validateUpload`."""
    resource_id, _, verb = request.match_info["id"].partition(":")
    return resource_id, verb
