"""Bare HTTP beyond one JSON answer: other statuses than success, files to signed addresses, and long downloads."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2

from service.providers.openai.error_map import translate_errors
from service.providers.openai.transport import AnswerLimits
from service.providers.openai.wire_client import WireClient
from service.providers.provider import Refused, Unreachable

PARTIAL, NOT_FOUND = 206, 404
REDIRECTS = frozenset({301, 302, 303, 307, 308})
CHUNK_BYTES = 1_000_000
MAX_RESUMES = 5


class BareClient(WireClient):
    """Paths begin with a slash and follow the account's address; other addresses are whole."""

    async def send(
        self, method: str, url: str, *, accept: Collection[int] = (), limits: AnswerLimits | None = None, **parts: Any
    ) -> httpx2.Response:
        """Send one request. `accept`: statuses that are no errors here, beside those of success."""
        with translate_errors(self.account):
            response = await self._http.request(method, self._locate(url), extensions=_limit(limits), **parts)
            return self._check(response, accept)

    async def put_file(self, url: str, path: Path, *, size: int, headers: Mapping[str, str] | None = None) -> None:
        """Send a file to a signed address, in constant memory and without the secret."""
        self._check_redirect(url)
        await self.send_file("PUT", url, path, size=size, headers=headers or {}, auth=None)

    async def send_file(self, method: str, url: str, path: Path, *, size: int, **parts: Any) -> httpx2.Response:
        """Send a file as a body, in constant memory."""
        headers = {"Content-Length": str(size), **parts.pop("headers", {})}
        return await self.send(method, url, content=_read_chunks(path), headers=headers, **parts)

    @asynccontextmanager
    async def stream(
        self, url: str, *, headers: Mapping[str, str], limits: AnswerLimits, signed: bool = False
    ) -> AsyncIterator[httpx2.Response]:
        """Get an answer in pieces, from a `signed` address without the secret.

        A redirect is followed once, without the secret too: its address is signed.
        """
        if signed:
            self._check_redirect(url)
        with translate_errors(self.account):
            options = {"auth": None} if signed else {}
            response = await self._begin(self._locate(url), headers, limits, **options)
            if response.status_code in REDIRECTS:
                await response.aclose()
                location = str(response.url.join(response.headers.get("location", "")))
                self._check_redirect(location)
                response = await self._begin(location, headers, limits, auth=None)
            try:
                if not response.is_success:
                    await response.aread()
                yield self._check(response, ())
            finally:
                await response.aclose()

    async def download(
        self, url: str, *, size: int | None, limits: AnswerLimits, signed: bool = False
    ) -> AsyncIterator[bytes]:
        """Download a file. After a cut connection it goes on where it was."""
        done = 0
        for resumes in range(MAX_RESUMES + 1):
            before = done
            try:
                headers = {"Range": f"bytes={done}-"} if done else {}
                async with self.stream(url, headers=headers, limits=limits, signed=signed) as answer:
                    if done and answer.status_code != PARTIAL:
                        raise Refused("the provider cannot go on with a download that was cut off")
                    async for chunk in answer.aiter_raw():
                        done += len(chunk)
                        yield chunk
            except Unreachable:
                if resumes == MAX_RESUMES or done == before:
                    raise
                continue
            if size is None or done >= size:
                return
        raise Unreachable(f"the download ended after {done} of {size} bytes")

    async def _begin(
        self, url: str, headers: Mapping[str, str], limits: AnswerLimits, **options: Any
    ) -> httpx2.Response:
        request = self._http.build_request("GET", url, headers=headers, extensions=_limit(limits))
        return await self._http.send(request, stream=True, **options)

    def _check(self, response: httpx2.Response, accept: Collection[int]) -> httpx2.Response:
        if response.is_success or response.status_code in accept:
            return response
        raise self.build_error(response)

    def _locate(self, url: str) -> str:
        return f"{self.base_url}{url}" if url.startswith("/") else url

    def _check_redirect(self, url: str) -> None:
        if not is_safe(url, self.base_url):
            raise Refused("the provider redirects to an address that is not https")


def is_safe(url: str, base_url: str) -> bool:
    """Whether an address is https, or http as the account's own. The transport checks the rest."""
    try:
        address = httpx2.URL(url)
    except httpx2.InvalidURL:
        return False
    return bool(address.host) and address.scheme in {"https", httpx2.URL(base_url).scheme}


async def _read_chunks(path: Path) -> AsyncIterator[bytes]:
    async with await anyio.open_file(path, "rb") as file:
        while chunk := await file.read(CHUNK_BYTES):
            yield chunk


def redact(error: Refused | Unreachable, secret: str) -> None:
    """Take a text out of an error in which the provider may have repeated it."""
    error.detail = error.detail.replace(secret, "…")
    error.args = (error.detail,)
    if secret in (error.provider_code or ""):
        error.provider_code = None
    error.reply = None
    error.errors = tuple(fault for fault in error.errors if secret not in f"{fault.detail} {fault.code}")


def _limit(limits: AnswerLimits | None) -> dict[str, Any]:
    return {"answer_limits": limits} if limits else {}
