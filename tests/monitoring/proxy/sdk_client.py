"""OpenAI's own client, over the application's transport, and the request that its call was logged as."""

import asyncio
from typing import Any

import httpx
import httpx2
import openai

from tests.datasets.example_bodies import Json, ok
from tests.http_client import OPERATOR_KEY
from tests.monitoring.production import Production


class Adapted(openai.DefaultAsyncHttpxClient):
    """The SDK's own HTTP client, over the application's transport."""

    def __init__(self, through: httpx.AsyncClient) -> None:
        super().__init__()
        self.through = through

    async def send(self, request: Any, **_: Any) -> Any:
        sent = await self.through.request(
            request.method, str(request.url), content=request.content, headers=dict(request.headers)
        )
        return httpx2.Response(sent.status_code, headers=dict(sent.headers), content=sent.content, request=request)


def sdk_through(transport: httpx.AsyncClient, **settings: Any) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        api_key=OPERATOR_KEY, base_url="http://tuneledger.test/v1", http_client=Adapted(transport), **settings
    )


async def found(live: Production, request_id: str) -> Json:
    """The logged request, which comes a moment after the answer."""
    for _ in range(500):
        read = await live.api.get(f"/v1/requests/{request_id}")
        if read.status_code != 404:
            return await ok(read)
        await asyncio.sleep(0.02)
    raise AssertionError("it was not logged")
