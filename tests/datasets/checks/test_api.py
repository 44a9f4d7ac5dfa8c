"""A dataset is checked over HTTP: an operation with a report, kept, paged, and compared with the next."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.checks import worker
from tests.datasets.example_bodies import Json, add_many, chat, delete, edit, freeze, make_dataset, make_task, ok
from tests.datasets.import_files import tables_follow_from_the_log
from tests.tunes.conftest import context_of

TREES = "The council of {n} voted last night to plant {n} trees along the river, street {n}, and everybody agreed."


@asynccontextmanager
async def checking(engine: AsyncEngine) -> AsyncIterator[None]:
    """A worker in this process that checks, until the end of the block."""
    stop = asyncio.Event()
    task = asyncio.ensure_future(worker.run(context_of(engine), stop))
    try:
        yield
    finally:
        stop.set()
        await task


def example(number: int, answer: str | None = None, **more: Any) -> Json:
    return {"content": chat(TREES.format(n=number * 7919), answer or f"Number {number * 7919} it is."), **more}


def untrained(number: int, **more: Any) -> Json:
    """No answer of it has a weight."""
    made = example(number, **more)
    made["content"]["messages"][-1]["weight"] = 0
    return made


async def start(api: httpx.AsyncClient, dataset: str, **body: Any) -> Json:
    response = await api.post(f"/v1/datasets/{dataset}/checks", json=body)
    assert response.status_code == 202, response.text
    operation: Json = response.json()
    assert response.headers["Location"] == f"/v1/operations/{operation['id']}"
    return operation


async def check(api: httpx.AsyncClient, dataset: str, **body: Any) -> Json:
    operation = await start(api, dataset, **body)
    ended = await ok(await api.get(f"/v1/operations/{operation['id']}?wait=60"))
    assert ended["state"] == "succeeded", ended
    report = await ok(await api.get(ended["resource"]))
    assert ended["result"] == {"check_id": report["id"], "verdict": report["verdict"]}
    assert ended["progress"] == {"done": report["figures"]["rows"], "total": report["figures"]["rows"], "unit": "rows"}
    return report


def find(report: Json, code: str) -> Json:
    [finding] = [each for each in report["findings"] if each["code"] == code]
    found: Json = finding
    return found


def ids_of(examples: Sequence[Json], *places: int) -> list[str]:
    return sorted(examples[place]["id"] for place in places)


async def test_a_report_names_what_is_wrong_and_is_compared_with_the_next(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    dataset = await make_dataset(api)
    wrong = [
        untrained(1, split="train"),
        example(2, "The key is AKIAIOSFODNN7EXAMPLE.", split="train"),
        example(3, split="train"),
        example(3, split="test"),
        example(4, "Ask jo.doe@acme.co.uk about it.", split="train"),
    ]
    examples = await add_many(api, dataset, [*wrong, *[example(n, split="train") for n in range(10, 70)]])
    path = f"/v1/datasets/{dataset}/checks"
    async with checking(engine):
        report = await check(api, dataset, targets=[{"provider": "openai"}, {"provider": "vertex"}])
        assert report["verdict"] == "not_ready"
        assert find(report, "untrainable")["rows"] == [
            {"example_id": examples[0]["id"], "other_id": None, "kind": None}
        ]
        assert find(report, "secret")["kinds"] == {"aws_key": 1}
        assert find(report, "personal_data")["rows"][0]["kind"] == "email"
        pair = {"example_id": examples[3]["id"], "other_id": examples[2]["id"], "kind": None}
        assert find(report, "leakage")["rows"] == find(report, "duplicate")["rows"] == [pair]
        assert find(report, "few_examples")["title"] == "64 examples to train on; under 200 bring little"
        order = [("error", "warning", "info").index(each["severity"]) for each in report["findings"]]
        assert order == sorted(order)
        checklist = {item["name"]: item["result"] for item in report["checklist"]}
        assert list(checklist) == [
            *("quantity", "format", "schema", "duplicates", "outliers"),
            *("source_diversity", "personal_data", "leakage"),
        ]
        assert (checklist["format"], checklist["schema"], checklist["quantity"]) == ("failed", "passed", "warning")
        mistakes = {item["name"]: item["made"] for item in report["mistakes"]}
        assert mistakes == {
            "too_little_data": True,
            "inconsistent_answers": False,
            "unbalanced_categories": False,
            "test_in_training": True,
            "unreviewed_answers": False,
        }
        for place in (0, 1, 3):
            await delete(api, examples[place]["id"])
        await edit(api, examples[10]["id"], content=chat("Whose is it?", "anna@mail-of-anna.com knows."))
        again = await check(api, dataset)
    assert again["verdict"] == "ready_with_warnings"
    compared = await ok(await api.get(f"{path}/{again['id']}?compare={report['id']}"))
    changes = {each["code"]: each for each in compared["comparison"]["findings"]}
    assert (changes["leakage"]["gone"], changes["leakage"]["gone_ids"]) == (1, [examples[3]["id"]])
    assert (changes["personal_data"]["new_ids"], changes["personal_data"]["gone"]) == ([examples[10]["id"]], 0)
    assert compared["comparison"]["verdict"] == "not_ready"
    listed = (await ok(await api.get(path)))["data"]
    assert [each["id"] for each in listed] == [again["id"], report["id"]]
    assert (await ok(await api.get(f"{path}/{report['id']}"))) == report
    for hidden in ("", f"/{report['id']}", f"/{report['id']}/findings/secret"):
        assert (await stranger.get(path + hidden)).status_code == 404
    assert (await api.get(f"{path}/{report['id']}/findings/nonsense")).status_code == 404
    sentence = (await ok(await api.get("/v1/history", params={"resource": f"check:{report['id']}"})))["data"]
    assert "not_ready" in sentence[-1]["sentence"]
    await tables_follow_from_the_log(engine)


async def test_the_rows_of_a_finding_are_paged(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    examples = await add_many(api, dataset, [untrained(n) if n < 120 else example(n) for n in range(150)])
    async with checking(engine):
        report = await check(api, dataset)
    finding = find(report, "untrainable")
    assert (finding["count"], len(finding["rows"]), finding["share"]) == (120, 100, 0.8)
    fix = finding["fix"]
    assert fix["body"]["action"] == {"type": "delete"}
    assert fix["path"] == f"/v1/datasets/{dataset}/bulk"
    for text, expected in ((fix["body"]["filter"], 120), (f"not {fix['body']['filter']}", 30)):
        counted = await api.get(f"/v1/datasets/{dataset}/examples", params={"filter": text, "count": True, "limit": 1})
        assert (await ok(counted))["count"] == expected
    path = f"/v1/datasets/{dataset}/checks/{report['id']}/findings/untrainable"
    rest = await ok(await api.get(path, params={"cursor": finding["rows_cursor"], "limit": 15}))
    last = await ok(await api.get(path, params={"cursor": rest["next_cursor"], "limit": 30}))
    assert last["next_cursor"] is None
    ids = [row["example_id"] for row in (*finding["rows"], *rest["data"], *last["data"])]
    assert ids == [each["id"] for each in examples[:120]]


async def test_answers_are_held_to_the_task_and_rows_to_their_targets(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    schema = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}
    task = (await make_task(api, output_schema=schema))["id"]
    dataset = await make_dataset(api, task_id=task)
    rows = [example(n, f'{{"title": "Title {n}"}}', split="train") for n in range(60)]
    await add_many(api, dataset, rows)
    loose = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string", "minLength": 8}}}
    await ok(await api.patch(f"/v1/tasks/{task}", json={"output_schema": loose}))
    entry = {"id": "tiny", "provider": "openai", "kind": "openai", "name": "Tiny", "methods": ["supervised"]}
    await ok(await api.put("/v1/base-models", json=entry | {"training_context_tokens": 20}))
    preference = {
        "messages": [{"role": "user", "content": "Which?"}],
        "chosen": {"role": "assistant", "content": '{"title": "This one here"}'},
        "rejected": {"role": "assistant", "content": "That."},
    }
    await add_many(api, dataset, [{"content": preference, "split": "train"}])
    targets = [{"provider": "openai", "base_model": "tiny"}, {"provider": "bedrock"}]
    async with checking(engine):
        report = await check(api, dataset, targets=targets)
    assert find(report, "schema_mismatch")["count"] == 10  # "Title 0" to "Title 9" are too short
    assert report["task_version"] == 2
    assert (find(report, "too_long")["target"], find(report, "too_long")["count"]) == ("openai/tiny", 60)
    unfit = [each for each in report["findings"] if each["code"] == "unfit_for_target"]
    assert {(each["target"], each["count"]) for each in unfit} == {("openai/tiny", 1), ("bedrock", 1)}
    assert report["figures"]["tokens"]["exact"] is False


async def test_a_version_a_split_and_a_filter_are_checked(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    tagged = [example(n, tags=["gold"], split="train") for n in range(3)]
    await add_many(api, dataset, [*tagged, *[example(n, split="test") for n in range(3, 8)]])
    version = await freeze(api, dataset, "v1")
    await add_many(api, dataset, [example(99, split="train", tags=["new"])])
    async with checking(engine):
        whole = await check(api, dataset, version="v1")
        gold = await check(api, dataset, version="v1", filter="tag = gold")
        tests = await check(api, dataset, split="test", as_of=str(version["seq"]))
    assert (whole["digest"], whole["figures"]["rows"], whole["seq"]) == (version["digest"], 8, version["seq"])
    assert (gold["figures"]["splits"], tests["figures"]["splits"]) == ({"train": 3}, {"test": 5})
    readiness = {"check_id": whole["id"], "verdict": "not_ready", "checked_at": whole["finished_at"]}
    assert (await ok(await api.get(f"/v1/datasets/{dataset}/versions/v1")))["readiness"] == readiness
    # The same examples under another name were checked already.
    again = await ok(await api.post(f"/v1/datasets/{dataset}/versions", json={"name": "v2", "filter": "not tag = new"}))
    assert again["readiness"] == readiness
    assert (await freeze(api, dataset, "v3"))["readiness"] is None
    assert (gold["version"], gold["also"], tests["split"]) == ("v1", {"expression": "tag = gold"}, "test")


async def test_a_check_is_cancelled_or_refused(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    operation = await start(api, dataset)
    cancelled = await ok(await api.post(f"/v1/operations/{operation['id']}/cancel"))
    assert cancelled["state"] == "cancelled"
    path = f"/v1/datasets/{dataset}/checks"
    other = (await start(api, dataset))["id"]
    compared = await api.get(f"{path}/{operation['id']}?compare={other}")
    assert (compared.status_code, compared.json()["errors"][0]["code"]) == (422, "no_report")
    both = await api.post(path, json={"version": "v1", "as_of": "1"})
    assert both.json()["errors"][0]["pointer"] == "/as_of"
    unknown = [
        {"provider": "nobody"},
        {"provider": "openai", "base_model": "none"},
        {"provider": "vertex", "method": "dpo"},
    ]
    faults = (await api.post(path, json={"targets": unknown[:2]})).json()["errors"]
    assert [(fault["pointer"], fault["code"]) for fault in faults] == [
        ("/targets/0/provider", "unknown_provider"),
        ("/targets/1/base_model", "unknown_base_model"),
    ]
    refused = await api.get(f"/v1/datasets/{dataset}/examples", params={"filter": "finding = duplicate"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "?filter")
    await ok(await api.post(f"/v1/datasets/{dataset}/archive", json={}))
    assert (await api.post(path, json={})).json()["code"] == "archived"


@pytest.mark.parametrize("body", [{"split": "all"}, {"filter": "tag ="}, {"targets": [{}]}, {"version": "1"}])
async def test_a_bad_request_says_where(api: httpx.AsyncClient, body: Json) -> None:
    dataset = await make_dataset(api)
    response = await api.post(f"/v1/datasets/{dataset}/checks", json=body)
    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"].startswith("/")
