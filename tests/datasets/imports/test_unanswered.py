"""Rows without an answer are refused, or wait for one when the import says so."""

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.datasets.example_bodies import list_examples, make_dataset
from tests.datasets.import_files import import_file, tables_follow_from_the_log, working

FILES = {
    "openai-chat": b'{"messages": [{"role": "user", "content": "What is new?"}]}\n',
    "question-answer": b'{"question": "And what is old?", "answer": null}\n',
    "alpaca": b'{"instruction": "Say it.", "output": ""}\n',
    "csv": b"input,output\nIs it raining?,\n",
}


@pytest.mark.parametrize("format_", FILES)
async def test_it_waits_when_asked(api: httpx.AsyncClient, engine: AsyncEngine, format_: str) -> None:
    dataset = await make_dataset(api)
    async with working(engine):
        refused = await import_file(api, dataset, FILES[format_], format=format_)
        assert (refused["state"], refused["added"]) == ("failed", 0)
        kept = await import_file(api, dataset, FILES[format_], format=format_, on_unanswered="keep")
        assert (kept["state"], kept["added"]) == ("succeeded", 1)
    [example] = await list_examples(api, dataset, filter="unanswered")
    assert [message["role"] for message in example["content"]["messages"]] == ["user"]
    assert await list_examples(api, dataset, filter="not unanswered") == []
    await tables_follow_from_the_log(engine)
