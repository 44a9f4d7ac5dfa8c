"""Signed requests to one service of AWS, and its lists in pages."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import httpx2
import msgspec

from service.network.resolver import Resolve
from service.providers.bare_client import BareClient
from service.providers.bedrock.aws_errors import build_aws_error
from service.providers.bedrock.aws_keys import AwsKeys
from service.providers.bedrock.aws_signature import AwsAuth
from service.providers.openai.job_schemas import decode
from service.providers.openai.wire_client import LIST_SECONDS, MAX_LIST_BYTES, MAX_PAGES, EndlessList
from service.providers.provider import Account, Refused, Unreachable

PAGE_SIZE = 1_000
Item = dict[str, Any]


class AwsClient(BareClient):
    """`service`: the name that is signed. The account's own address is replaced by that of the service."""

    def __init__(self, account: Account, keys: AwsKeys, resolve: Resolve, *, service: str, base_url: str) -> None:
        auth = AwsAuth(keys, service=service, region=get_option(account, "region"))
        super().__init__(msgspec.structs.replace(account, base_url=base_url), resolve, auth=auth)
        self._keys = keys

    def build_error(self, response: httpx2.Response) -> Refused | Unreachable:
        return build_aws_error(response, self.account, self._keys)

    async def list_items(self, path: str, field: str, query: Mapping[str, Any]) -> AsyncIterator[Item]:
        """Yield the objects of all pages. Raises EndlessList after too many pages, bytes or seconds."""
        clock, bytes_read, after = asyncio.get_running_loop(), 0, ""
        deadline = clock.time() + LIST_SECONDS
        for _ in range(MAX_PAGES):
            cursor = {"nextToken": after} if after else {}
            answer = await self.send("GET", build_url(path, {**query, "maxResults": PAGE_SIZE, **cursor}))
            page = decode(answer.content, Item)
            items = page.get(field)
            for item in items if isinstance(items, list) else ():
                if isinstance(item, dict):
                    yield item
            following, bytes_read = page.get("nextToken"), bytes_read + len(answer.content)
            if not isinstance(following, str) or not following:
                return
            if following == after or bytes_read > MAX_LIST_BYTES or clock.time() > deadline:
                break
            after = following
        raise EndlessList("the provider's list has no end")


def build_url(path: str, query: Mapping[str, Any]) -> str:
    """A path with its query in the one spelling that AWS signs."""
    return f"{path}?{urlencode(query, quote_via=quote, safe='-_.~')}" if query else path


def get_option(account: Account, name: str) -> str:
    value = account.options.get(name)
    if not value:
        raise Refused(f"The connection lacks the option `{name}`.")
    return value
