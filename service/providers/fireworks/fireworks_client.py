"""HTTP to one Fireworks account: paths below it, lists by page tokens, and errors by Google's codes."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx2
import msgspec

from service.network.resolver import Resolve
from service.providers.bare_client import BareClient
from service.providers.fireworks.fireworks_errors import build_fireworks_error
from service.providers.openai.job_schemas import decode
from service.providers.openai.wire_client import EndlessList
from service.providers.provider import Account, Refused, Unreachable

PAGE_SIZE = 200
MAX_PAGES = 100
Item = dict[str, Any]


class FireworksClient(BareClient):
    """Paths without a slash before them are below the account, such as `models/mine:validateUpload`."""

    def __init__(self, account: Account, resolve: Resolve) -> None:
        super().__init__(account, resolve)
        self.base_url = self.base_url.removesuffix("/inference/v1").removesuffix("/v1")
        self.account_id = account.options.get("account", "")
        if not self.account_id:
            raise Refused("Set the connection's option `account` to the id of the Fireworks account.")
        self.home = f"accounts/{self.account_id}"

    def build_error(self, response: httpx2.Response) -> Refused | Unreachable:
        return build_fireworks_error(response, self.account)

    async def read(self, method: str, path: str, **parts: Any) -> Item:
        """Send one request. Returns the object of its answer."""
        answer = await self.send(method, f"/v1/{self.home}/{path}", **parts)
        return decode(answer.content or b"{}", dict[str, Any])

    async def list_pages(self, path: str, *, key: str, pages: int = MAX_PAGES) -> AsyncIterator[list[Item]]:
        """Yield the objects of each page. `path`: whole, since public models are another account's.

        Raises EndlessList when there are more pages, or when a page names itself as the next.
        """
        token = ""
        for _ in range(pages):
            query = {"pageSize": PAGE_SIZE} | ({"pageToken": token} if token else {})
            page = decode((await self.send("GET", path, params=query)).content, dict[str, Any])
            yield list_objects(page.get(key))
            following = read_text(page.get("nextPageToken"))
            if following is None:
                return
            if following == token:
                break
            token = following
        raise EndlessList("the provider's list has no end")

    def read_id(self, name: str, *, collection: str) -> str:
        """The id in a name such as `accounts/acme/models/mine`, or alone. Raises Refused for another account's."""
        own = f"{self.home}/{collection}/"
        resource_id = name.removeprefix(own)
        if not resource_id or "/" in resource_id:
            raise Refused(f"{name!r} is not in this account: names begin with {own}", provider_status=404)
        return quote(resource_id, safe="")


def list_objects(values: Any) -> list[Item]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def read_text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """google.rpc.Status of a resource: why its last change failed."""

    code: Any = None
    message: Any = None

    @property
    def is_ok(self) -> bool:
        return self.code in (None, "", "OK", 0)


def read_status(value: Any) -> Status:
    return msgspec.convert(value, Status) if isinstance(value, dict) else Status()
