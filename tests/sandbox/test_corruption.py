"""Chat answers gone wrong on request, one row of a batch or all."""

import json
from typing import Any

import openai
import pytest

from tests.sandbox.conftest import Running
from tests.sandbox.test_stored_completions import MESSAGES, MODEL, chat, counted

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "words": {"type": "array", "items": {"type": "string"}}},
    "required": ["answer", "words"],
    "additionalProperties": False,
}
FORMAT = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA}}


async def test_rubbish_is_no_json_and_is_paid_for(sandbox: Running) -> None:
    await sandbox.fault("rubbish")
    answer = await sandbox.http.post(
        "/v1/chat/completions",
        json={"model": MODEL, "messages": MESSAGES, "metadata": {"tuneledger_call": "rubbish"}, "store": True},
    )
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert (await counted(sandbox))["paid"]["rubbish"] == 1


async def test_cut_off_json_ends_for_its_length(sandbox: Running) -> None:
    await sandbox.fault("truncated_json")
    choice = (await chat(sandbox, response_format=FORMAT)).choices[0]
    assert choice.finish_reason == "length"
    assert choice.message.content.startswith("{")
    with pytest.raises(json.JSONDecodeError):
        json.loads(choice.message.content)


async def test_prose_and_another_schema_come_although_one_was_asked_for(sandbox: Running) -> None:
    await sandbox.fault("not_json")
    prose = (await chat(sandbox, response_format=FORMAT)).choices[0].message.content
    with pytest.raises(json.JSONDecodeError):
        json.loads(prose)
    await sandbox.fault("wrong_schema")
    other = json.loads((await chat(sandbox, response_format=FORMAT)).choices[0].message.content)
    assert not set(other) & {"answer", "words"}
    right = json.loads((await chat(sandbox, response_format=FORMAT)).choices[0].message.content)
    assert set(right) == {"answer", "words"}


@pytest.mark.parametrize(("kind", "content"), [("empty", ""), ("null_content", None)])
async def test_an_answer_may_say_nothing(sandbox: Running, kind: str, content: str | None) -> None:
    await sandbox.fault(kind)
    assert (await chat(sandbox)).choices[0].message.content == content


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_may_be_a_megabyte(sandbox: Running, *, stream: bool) -> None:
    await sandbox.fault("huge")
    answer = await chat(sandbox, stream=stream)
    if stream:
        said = "".join([chunk.choices[0].delta.content or "" async for chunk in answer])
    else:
        said = answer.choices[0].message.content
    assert len(said) == 1024 * 1024


@pytest.mark.parametrize("reason", ["stop", "content_filter"])
async def test_a_model_may_refuse(sandbox: Running, reason: str) -> None:
    await sandbox.fault("refuses", finish_reason=reason)
    choice = (await chat(sandbox)).choices[0]
    assert (choice.message.content, choice.finish_reason) == (None, reason)
    assert "can't help" in choice.message.refusal


async def test_a_model_may_hang_and_nothing_is_paid(sandbox: Running) -> None:
    before = await counted(sandbox)
    await sandbox.fault("hangs", seconds=600, path="/v1/chat")
    with pytest.raises(openai.APITimeoutError):
        await chat(sandbox.patient(0.3), "hung")
    await sandbox.fault("hangs", seconds=0.1, path="/v1/chat")
    with pytest.raises(openai.APIConnectionError):
        await chat(sandbox, "hung")
    now = await counted(sandbox)
    assert "hung" not in now["paid"]
    assert now["answered"] == before["answered"]


async def test_one_row_of_a_batch_can_be_bad(sandbox: Running) -> None:
    await sandbox.fault("empty", contains="row 2", times=10)
    await sandbox.fault("server_error", contains="row 4", path="/v1/chat")
    said: dict[int, Any] = {}
    for n in range(6):
        messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": f"This is row {n} of it."}]
        try:
            said[n] = (await chat(sandbox, messages=messages)).choices[0].message.content
        except openai.InternalServerError:
            said[n] = 500
    assert {n: text for n, text in said.items() if not isinstance(text, str) or not text} == {2: "", 4: 500}
