"""A secret that is replaced while a run is at work is used from the next question on."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.inference.example_runs import Desk, run_worker
from tests.providers.recorded_wire import recorded_wire

CHAT = "/v1/chat/completions"


async def test_a_run_goes_on_with_the_new_key(desk: Desk, engine: AsyncEngine) -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 4}}
    answer = {"choices": [{"message": {"content": "sports"}, "finish_reason": "stop"}], "usage": usage}
    async with recorded_wire() as wire:
        wire.says("POST", CHAT, answer, headers={"x-request-id": "req_1"})
        wire.says("POST", CHAT, {"error": {"message": "Wait."}}, status=429, headers={"retry-after": "1.5"})
        wire.says("POST", CHAT, {"error": {"message": "No.", "code": "content_filter"}}, status=400)
        wire.says("POST", CHAT, answer, headers={"x-request-id": "req_4"})
        offers = {"stored_completions": False}
        connection = await desk.connected(None, base_url=wire.base_url, capabilities=offers)
        run_id = await desk.asked(connection, 3, at_once=1)
        async with run_worker(engine):
            async with asyncio.timeout(30):
                while len(wire.requests) < 2:  # noqa: ASYNC110 - the wire tells nobody
                    await asyncio.sleep(0.02)
            await desk.api.patch(f"/v1/connections/{connection}", json={"secret": "sk-second"})
            operation = await desk.ended(run_id)
    assert operation["state"] == "succeeded"
    sent = [request.headers["authorization"].removeprefix("Bearer ") for request in wire.requests]
    assert sent == ["sk-hush-hush-hush", "sk-hush-hush-hush", "sk-second", "sk-second"]
    first, refused, last = await desk.calls(run_id)
    assert [first["provider_request_id"], last["provider_request_id"]] == ["req_1", "req_4"]
    assert (first["cached_tokens"], refused["provider_code"]) == (4, "content_filter")
