"""A preview reads the whole file, shows how it would come in, and writes nothing."""

import json

import httpx

from tests.datasets.example_bodies import head, list_examples, make_dataset, ok

TALK = [{"from": "human", "value": "Is it raining?"}, {"from": "gpt", "value": "No."}]


async def test_a_preview_shows_rows_losses_and_faults(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    rows = [{"conversations": TALK, "id": number} for number in range(30)] + [{"conversations": [{"from": "x"}]}]
    file = "\n".join(json.dumps(row) for row in rows).encode()
    before = await head(api)
    path = f"/v1/datasets/{dataset}/imports"
    preview = await ok(await api.post(f"{path}/preview", content=file))
    assert (preview["format"], preview["title"]) == ("sharegpt", "ShareGPT")
    assert (preview["rows"], preview["bad"], len(preview["sample"])) == (30, 1, 20)
    first = preview["sample"][0]
    assert [message["content"] for message in first["content"]["messages"]] == ["Is it raining?", "No."]
    assert (first["line"], first["metadata"]) == (1, {"id": 0})
    [error] = preview["errors"]
    assert error["line"] == 31
    assert {fault["pointer"] for fault in error["errors"]} >= {"/conversations/0/from"}
    assert await ok(await api.post(f"{path}?dry_run=true", content=file)) == preview
    assert await list_examples(api, dataset) == []
    assert await head(api) == before
    assert (await ok(await api.get(path)))["data"] == []
