"""What was asked to be stored is found again; what was paid for is counted; who goes away is noticed."""

import asyncio
from typing import Any

import openai
import pytest

from tests.sandbox.conftest import Running, eventually

MODEL = "gpt-4o-mini"
MESSAGES: Any = [{"role": "user", "content": "Say something about lighthouses, please."}]


async def chat(sandbox: Running, call: str | None = None, **given: Any) -> Any:
    kept = {"store": True, "metadata": {"tuneledger_call": call}} if call else {}
    return await sandbox.ai.chat.completions.create(**({"model": MODEL, "messages": MESSAGES} | kept | given))


async def counted(sandbox: Running) -> dict[str, Any]:
    found: dict[str, Any] = (await sandbox.http.get("/sandbox/calls")).json()["chat"]
    return found


async def test_a_stored_answer_is_found_by_its_metadata_whole(sandbox: Running) -> None:
    made = await chat(sandbox, "stored-1", temperature=0.5, seed=3)
    await chat(sandbox, "stored-2")
    await chat(sandbox)
    found = (await sandbox.ai.chat.completions.list(metadata={"tuneledger_call": "stored-1"})).data
    assert [one.id for one in found] == [made.id]
    assert found[0].choices == made.choices
    assert found[0].usage == made.usage
    assert found[0].metadata == {"tuneledger_call": "stored-1"}
    assert (await sandbox.ai.chat.completions.retrieve(made.id)).choices == made.choices


async def test_pages_of_stored_answers_go_both_ways_and_lose_none(sandbox: Running) -> None:
    made = [(await chat(sandbox, store=True, metadata={"batch": "pages"})).id for _ in range(5)]
    first = await sandbox.ai.chat.completions.list(metadata={"batch": "pages"}, limit=2)
    assert first.has_more
    assert [one.id async for one in first] == made
    newest = sandbox.ai.chat.completions.list(metadata={"batch": "pages"}, limit=2, order="desc")
    assert [one.id async for one in newest] == made[::-1]
    assert (await sandbox.ai.chat.completions.list(metadata={"batch": "pages"}, model="gpt-4.1")).data == []


async def test_a_deleted_answer_is_found_no_more(sandbox: Running) -> None:
    made = await chat(sandbox, "deleted")
    assert (await sandbox.ai.chat.completions.delete(made.id)).deleted
    assert (await sandbox.ai.chat.completions.list(metadata={"tuneledger_call": "deleted"})).data == []
    with pytest.raises(openai.NotFoundError):
        await sandbox.ai.chat.completions.retrieve(made.id)


async def test_a_dropped_reply_leaves_the_answer_that_was_paid_for(sandbox: Running) -> None:
    await sandbox.fault("drop_reply", path="/v1/chat")
    with pytest.raises(openai.APIConnectionError):
        await chat(sandbox, "dropped")
    found = (await sandbox.ai.chat.completions.list(metadata={"tuneledger_call": "dropped"})).data
    assert [one.choices[0].finish_reason for one in found] == ["stop"]
    assert (await counted(sandbox))["paid"]["dropped"] == 1


async def test_a_stored_answer_outlives_a_kill(slow: Running) -> None:
    made = await chat(slow, "kept")
    await slow.stop(hard=True)
    await slow.start()
    found = (await slow.ai.chat.completions.list(metadata={"tuneledger_call": "kept"})).data
    assert [(one.id, one.choices) for one in found] == [(made.id, made.choices)]


async def test_each_call_is_counted_as_often_as_it_was_paid(sandbox: Running) -> None:
    before = await counted(sandbox)
    for call in ("once", "twice", "twice"):
        await chat(sandbox, call)
    await sandbox.fault("rate_limited", path="/v1/chat")
    with pytest.raises(openai.RateLimitError):
        await chat(sandbox, "never")
    with pytest.raises(openai.BadRequestError):
        await chat(sandbox, "nonsense", messages=[])
    now = await counted(sandbox)
    assert now["answered"] == before["answered"] + 3
    assert {name: now["paid"].get(name) for name in ("once", "twice", "never", "nonsense")} == {
        "once": 1,
        "twice": 2,
        "never": None,
        "nonsense": None,
    }


async def test_sixteen_calls_are_served_at_once(slow: Running) -> None:
    assert (await slow.http.post("/sandbox/pace", json={"latency": 0.5})).json() == {"latency": 0.5}
    await asyncio.gather(*(chat(slow, f"row-{n}") for n in range(16)))
    now = await counted(slow)
    assert (now["most_in_flight"], now["in_flight"], now["hung_up"]) == (16, 0, 0)
    assert now["paid"] == {f"row-{n}": 1 for n in range(16)}
    await slow.http.delete("/sandbox/calls")
    assert (await counted(slow))["most_in_flight"] == 0


async def test_who_hangs_up_is_counted_and_the_answer_is_made_all_the_same(slow: Running) -> None:
    await slow.http.post("/sandbox/pace", json={"latency": 1})
    with pytest.raises(openai.APITimeoutError):
        await chat(slow.patient(0.2), "left")

    async def done() -> bool:
        now = await counted(slow)
        return bool(now["hung_up"] == 1 and now["paid"] == {"left": 1})

    await eventually(done)
    await slow.http.post("/sandbox/pace", json={"latency": 0})
    stream = await chat(slow, stream=True)
    assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
    assert (await counted(slow))["hung_up"] == 1
