from typing import Any

import httpx
import pytest
from litestar import Litestar

from service.database.engine import new_id
from tests.http_client import client
from tests.models.world import World


async def expect_refusal(answer: httpx.Response, status: int, pointer: str) -> None:
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["errors"][0]["pointer"]) == (status, pointer), problem


async def test_a_model_is_begun_and_read_back(api: httpx.AsyncClient) -> None:
    response = await api.post("/v1/models", json={"name": "headlines", "description": "Eight categories."})
    assert (response.status_code, response.headers["ETag"]) == (201, '"1"')
    read = await api.get(response.headers["Location"])
    assert (read.json(), read.headers["ETag"]) == (response.json(), '"1"')
    assert (read.json()["latest_version"], read.json()["aliases"]) == (None, {})
    assert (await api.get("/v1/models")).json()["data"] == [response.json()]


async def test_a_repeated_request_begins_one_model(api: httpx.AsyncClient) -> None:
    body, headers = {"name": "headlines"}, {"Idempotency-Key": "k"}
    first, again = [await api.post("/v1/models", json=body, headers=headers) for _ in range(2)]
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")


async def test_two_models_of_a_workspace_cannot_share_a_name(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    first = (await api.post("/v1/models", json={"name": "a"})).json()
    await expect_refusal(await api.post("/v1/models", json={"name": "a"}), 409, "/name")
    await api.post("/v1/models", json={"name": "b"})
    await expect_refusal(await api.patch(f"/v1/models/{first['id']}", json={"name": "b"}), 409, "/name")
    assert (await stranger.post("/v1/models", json={"name": "a"})).status_code == 201


async def test_models_are_listed_in_pages_and_found_by_name(api: httpx.AsyncClient) -> None:
    models = [(await api.post("/v1/models", json={"name": name})).json() for name in ("a", "b", "c")]
    first = (await api.get("/v1/models", params={"limit": 2})).json()
    rest = (await api.get("/v1/models", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert first["data"] + rest["data"] == models
    assert rest["next_cursor"] is None
    assert (await api.get("/v1/models", params={"name": "b"})).json()["data"] == [models[1]]


async def test_a_model_is_renamed_described_and_given_a_task_in_one_change(api: httpx.AsyncClient) -> None:
    task = (await api.post("/v1/tasks", json={"name": "news", "instruction": "Name the category."})).json()
    model = (await api.post("/v1/models", json={"name": "a", "description": "first"})).json()
    path = f"/v1/models/{model['id']}"
    changes = {"name": "b", "description": None, "task_id": task["id"]}
    changed = await api.patch(path, json={**changes, "reason": "clearer"}, headers={"If-Match": '"1"'})
    assert changed.headers["ETag"] == '"2"'
    assert changed.json() == {**model, **changes, "updated_at": changed.json()["updated_at"]}
    assert (await api.get("/v1/models", params={"task_id": task["id"]})).json()["data"] == [changed.json()]
    same = await api.patch(path, json=changes)
    assert (same.json(), same.headers["ETag"]) == (changed.json(), '"2"')
    stale = await api.patch(path, json={"name": "c"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")


async def test_a_model_cannot_have_a_task_that_is_not_there(api: httpx.AsyncClient) -> None:
    assert (await api.post("/v1/models", json={"name": "a", "task_id": str(new_id())})).status_code == 404


async def test_tunes_become_the_versions_of_a_line(world: World) -> None:
    path = await world.model()
    first = await world.register(path)
    major = await world.register(path, bump="major", notes="Another base.")
    assert [(v["version"], v["previous"], v["notes"]) for v in (first, major)] == [
        ("v1.0", None, None),
        ("v2.0", "v1.0", "Another base."),
    ]
    assert first["provider_model"] == f"ft:gpt-4o-mini:{first['tune_id']}"
    names = ("base_model", "dataset_id", "dataset_version", "dataset_seq", "train_split")
    frozen = (await world.read(f"/v1/datasets/{world.dataset['id']}/versions/v1"))["seq"]
    assert [first[name] for name in names] == ["gpt-4o-mini", world.dataset["id"], "v1", frozen, "train"]
    assert (await world.read(f"{path}/versions/v1.0")) == first
    assert (await world.read(f"{path}/versions"))["data"] == [major, first]
    assert (await world.read(path))["latest_version"] == "v2.0"


async def test_a_version_says_what_changed_in_the_data_since_the_one_before(world: World) -> None:
    path = await world.model("v1")
    await world.add("text 3")
    await world.api.patch(f"/v1/examples/{world.examples[0]}", json={"tags": ["short"]})
    await world.api.delete(f"/v1/examples/{world.examples[1]}")
    await world.freeze("v2")
    second = await world.register(path, version="v2")
    assert second["changes"] == {"added": 1, "edited": 1, "removed": 1}
    again = await world.register(path, version="v2")
    assert again["changes"] == {"added": 0, "edited": 0, "removed": 0}
    assert (await world.read(f"{path}/versions/v1.0"))["changes"] is None


async def test_a_tune_is_registered_once_whatever_the_model(world: World) -> None:
    path, other = await world.model(), await world.model(name="other")
    body = {"tune_id": str(await world.record_tune())}
    await world.create(f"{path}/versions", body)
    for again in (path, other):
        await expect_refusal(await world.api.post(f"{again}/versions", json=body), 409, "/tune_id")
    assert (await world.read(other))["latest_version"] is None


async def test_a_tune_that_has_not_succeeded_has_no_model(world: World) -> None:
    path = await world.model()
    answer = await world.api.post(f"{path}/versions", json={"tune_id": str(await world.ask())})
    await expect_refusal(answer, 409, "/tune_id")


async def test_a_model_that_was_trained_elsewhere_joins_the_line(world: World) -> None:
    path = await world.model("v1")
    elsewhere = {"connection_id": str(world.connection_id), "base_model": "llama", "provider_model": "mine"}
    version = await world.create(f"{path}/versions", elsewhere)
    assert (version["version"], version["tune_id"], version["dataset_id"], version["changes"]) == (
        "v1.1",
        None,
        None,
        None,
    )
    data = {"dataset_id": world.dataset["id"], "dataset_version": "v1"}
    known = await world.create(f"{path}/versions", elsewhere | data)
    assert (known["version"], known["dataset_version"], known["train_split"]) == ("v1.2", "v1", "train")


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({}, 400, "/connection_id"),
        ({"tune_id": "TUNE", "base_model": "x"}, 400, "/base_model"),
        ({"connection_id": "CONNECTION", "base_model": "x"}, 400, "/provider_model"),
        (
            {"connection_id": "CONNECTION", "base_model": "x", "provider_model": "y", "dataset_id": "CONNECTION"},
            400,
            "/dataset_version",
        ),
        ({"tune_id": "TUNE", "bump": "patch"}, 400, "/bump"),
        ({"nope": 1}, 400, "/nope"),
    ],
)
async def test_what_is_neither_a_tune_nor_a_model_from_elsewhere_is_refused(
    world: World, body: dict[str, Any], status: int, pointer: str
) -> None:
    ids = {"TUNE": str(new_id()), "CONNECTION": str(world.connection_id)}
    sent = {name: ids.get(value, value) for name, value in body.items()}
    await expect_refusal(await world.api.post(f"{await world.model()}/versions", json=sent), status, pointer)


async def test_notes_are_written_and_taken_away(world: World) -> None:
    path = f"{await world.model('v1')}/versions/v1.0"
    noted = await world.api.patch(path, json={"notes": "Dry."}, headers={"If-Match": '"2"'})
    assert (noted.json()["notes"], noted.headers["ETag"]) == ("Dry.", '"3"')
    assert (await world.read(path)) == noted.json()
    assert (await world.api.patch(path, json={"notes": "Dry."})).headers["ETag"] == '"3"'
    assert (await world.api.patch(path, json={"notes": None})).json()["notes"] is None
    stale = await world.api.patch(path, json={"notes": "x"}, headers={"If-Match": '"2"'})
    assert stale.status_code == 412


@pytest.mark.parametrize("version", ["v9.9", "production", "latest", "v1", "%00", "x" * 90, "V1.0"])
async def test_a_version_that_is_not_there_is_not_found(world: World, version: str) -> None:
    path = f"{await world.model('v1')}/versions/{version}"
    assert (await world.api.get(path)).status_code == 404
    assert (await world.api.patch(path, json={"notes": "x"})).status_code == 404


async def test_versions_are_listed_in_pages(world: World) -> None:
    path = f"{await world.model('v1', 'v1', 'v1')}/versions"
    first = await world.read(path, limit=2)
    rest = await world.read(path, limit=2, cursor=first["next_cursor"])
    assert [version["version"] for version in first["data"] + rest["data"]] == ["v1.2", "v1.1", "v1.0"]
    assert rest["next_cursor"] is None


async def test_the_history_of_a_model_tells_each_change_with_its_reason(world: World) -> None:
    path = await world.model("v1")
    await world.api.put(f"{path}/aliases/production", json={"version": "v1.0", "reason": "first"})
    await world.api.patch(f"{path}/versions/v1.0", json={"notes": "Dry.", "reason": "asked for"})
    created, registered, moved, noted = (await world.read(f"{path}/history"))["data"]
    assert created["changes"]["name"] == {"before": None, "after": "headlines"}
    assert registered["changes"]["versions.v1.0"]["after"]["base_model"] == "gpt-4o-mini"
    assert moved["changes"] == {"aliases.production": {"before": None, "after": "v1.0"}}
    assert list(noted["changes"]) == ["versions.v1.0"]
    assert [entry["reason"] for entry in (moved, noted)] == ["first", "asked for"]


async def test_another_workspace_sees_nothing_of_a_model(world: World, stranger: httpx.AsyncClient) -> None:
    path = await world.model("v1")
    await world.api.put(f"{path}/aliases/production", json={"version": "v1.0"})
    reads = ["", "/history", "/versions", "/versions/v1.0", "/versions/production", "/aliases/production/history"]
    answers = [await stranger.get(f"{path}{rest}") for rest in reads]
    body = {"tune_id": str(new_id())}
    answers += [
        await stranger.patch(path, json={"name": "mine"}),
        await stranger.post(f"{path}/versions", json=body),
        await stranger.patch(f"{path}/versions/v1.0", json={"notes": "mine"}),
        await stranger.put(f"{path}/aliases/production", json={"version": "v1.0"}),
        await stranger.post(f"{path}/rollback", json={"alias": "production"}),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert (await stranger.get("/v1/models")).json()["data"] == []


async def test_reading_needs_one_scope_and_writing_another(app: Litestar, world: World) -> None:
    path = await world.model("v1")
    version = await world.create("/v1/api-keys", {"name": "reader", "scopes": ["models:read"]})
    async with client(app, version["secret"]) as reader:
        assert (await reader.get(f"{path}/versions/v1.0")).status_code == 200
        answers = [
            await reader.post("/v1/models", json={"name": "x"}),
            await reader.put(f"{path}/aliases/production", json={"version": "v1.0"}),
            await reader.post(f"{path}/rollback", json={"alias": "production"}),
            await reader.patch(f"{path}/versions/v1.0", json={"notes": "x"}),
        ]
    assert {answer.status_code for answer in answers} == {403}
