"""HTTP to one account: signed, bounded, never retried (the caller knows when), and without redirects."""

import asyncio
from collections.abc import AsyncIterator, Generator, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Protocol, TypeVar

import httpx2

from service.errors import ProviderUnavailable
from service.network.resolver import Resolve
from service.providers.openai.error_map import build_error, translate_errors
from service.providers.openai.job_schemas import Page, decode
from service.providers.openai.transport import BoundedTransport
from service.providers.provider import Account, Refused, Unreachable

PAGE_SIZE = 100
CONNECT_SECONDS = 5.0
# Of one list. A list that goes on for longer than any of them is not read to its end.
MAX_PAGES = 200
MAX_LIST_BYTES = 64_000_000
LIST_SECONDS = 300.0


class EndlessList(ProviderUnavailable):
    """A provider's list has no end"""


class Identified(Protocol):
    @property
    def id(self) -> str: ...


Item = TypeVar("Item", bound=Identified)


class AccountAuth(httpx2.Auth):
    """Signs each request with the account's own header, if it has a secret."""

    def __init__(self, account: Account) -> None:
        self.name = account.header_name
        self.value = f"{account.header_prefix}{account.secret}" if account.secret else ""
        if not (self.value.isascii() and self.value.isprintable()):
            raise Refused("the secret holds characters that a header cannot carry")

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        if self.value:
            request.headers[self.name] = self.value
        yield request


class WireClient:
    """Requests to an account. OpenAI's SDK would take three times as long for each, and a second to import."""

    def __init__(self, account: Account, resolve: Resolve, *, auth: httpx2.Auth | None = None) -> None:
        self.account = account
        self.base_url = account.base_url.rstrip("/")
        timeout = httpx2.Timeout(account.timeout_seconds, connect=min(CONNECT_SECONDS, account.timeout_seconds))
        transport = BoundedTransport(
            scheme=check_address(account.base_url).scheme,
            policy=account.policy,
            timeout_seconds=account.timeout_seconds,
            resolve=resolve,
        )
        self._http = httpx2.AsyncClient(
            auth=auth or AccountAuth(account),
            headers={"User-Agent": "tuneledger"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            follow_redirects=False,
            params=account.query,
            timeout=timeout,
            transport=transport,
            trust_env=False,
        )

    def build_request(self, method: str, path: str, **request: Any) -> httpx2.Request:
        return self._http.build_request(method, f"{self.base_url}{path}", **request)

    async def send_request(self, request: httpx2.Request, *, stream: bool = False) -> httpx2.Response:
        """Send one request. Raises Refused or Unreachable; a stream is the caller's to close."""
        with translate_errors(self.account):
            response = await self._http.send(request, stream=stream)
            if not response.is_success:
                try:
                    await response.aread()
                finally:
                    await response.aclose()
                raise self.build_error(response)
            return response

    def build_error(self, response: httpx2.Response) -> Refused | Unreachable:
        """The error of a response whose body has been read."""
        return build_error(response, self.account)

    async def ask(self, method: str, path: str, **request: Any) -> bytes:
        """Send one request. Returns the body of a success; raises Refused or Unreachable."""
        return (await self.send_request(self.build_request(method, path, **request))).content

    async def list(
        self,
        path: str,
        shape: type[Page[Item]],
        *,
        query: Mapping[str, Any] | None = None,
        limit: int = PAGE_SIZE,
        pages: int = MAX_PAGES,
    ) -> AsyncIterator[Item]:
        """Yield the items of all pages. Raises EndlessList after too many pages, bytes or seconds."""
        after: str | None = None
        clock, bytes_read = asyncio.get_running_loop(), 0
        deadline = clock.time() + LIST_SECONDS
        for _ in range(pages):
            cursor = {} if after is None else {"after": after}
            content = await self.ask("GET", path, params={**(query or {}), "limit": limit, **cursor})
            page = decode(content, shape)
            for item in page.data or ():
                yield item
            if page.has_more is False or not page.data:
                return
            if page.data[-1].id == after:
                # The same last item again: this server does not know `after`, and would go round for ever.
                if page.has_more:
                    break
                return
            after, bytes_read = page.data[-1].id, bytes_read + len(content)
            if bytes_read > MAX_LIST_BYTES or clock.time() > deadline:
                break
        raise EndlessList("the provider's list has no end")

    async def aclose(self) -> None:
        await self._http.aclose()


def check_address(base_url: str) -> httpx2.URL:
    try:
        address = httpx2.URL(base_url)
    except httpx2.InvalidURL:
        raise Refused(f"{base_url!r} is not a URL") from None
    if address.scheme not in {"http", "https"} or not address.host:
        raise Refused(f"{base_url!r} is not an http or https URL with a host")
    return address
