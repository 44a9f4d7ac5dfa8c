from typing import Any

import httpx
import pytest

from service.database.engine import new_id
from tests.models.world import SENT, World


async def lineage(world: World, path: str, **query: Any) -> dict[str, Any]:
    return await world.read(f"{path}/versions/v1.0/lineage", **query)


async def went(world: World, example_id: str, **query: Any) -> dict[str, Any]:
    return await world.read(f"/v1/examples/{example_id}/lineage", **query)


def held(body: dict[str, Any]) -> list[tuple[str, int]]:
    return [(each["dataset_version"], each["revision"]) for each in body["data"]]


async def test_a_version_leads_down_to_its_tune_its_data_and_its_examples(world: World) -> None:
    tuned_on = await world.read(f"/v1/datasets/{world.dataset['id']}/versions/v1")
    path = await world.model("v1")
    origin = await lineage(world, path)
    version = await world.read(f"{path}/versions/v1.0")
    for name in ("model_id", "version", "base_model", "provider_model"):
        assert origin[name] == version[name]
    assert (origin["tune"]["tune_id"], origin["tune"]["job_id"]) == (version["tune_id"], "ftjob-1")
    assert origin["tune"]["training_file"]["digest"] == SENT.digest
    assert origin["dataset"]["version"] == "v1"
    for name in ("dataset_id", "seq", "digest", "examples", "splits"):
        assert origin["dataset"][name] == tuned_on[name]
    assert [row["example_id"] for row in origin["data"]] == world.examples
    first = origin["data"][0]
    assert (first["revision"], first["split"], first["use"], first["source"]) == (
        1,
        "train",
        "training",
        {"type": "human"},
    )


async def test_a_version_shows_the_revisions_it_was_trained_on_whatever_came_after(world: World) -> None:
    edited, deleted, rated = world.examples[:3]
    mark = {"overall": {"type": "stars", "value": 5}}
    await world.api.put(f"/v1/examples/{rated}/rating", json=mark)
    await world.freeze("v2")
    path = await world.model("v2")
    before = await lineage(world, path)
    await world.api.patch(f"/v1/examples/{edited}", json={"tags": ["late"]})
    await world.api.delete(f"/v1/examples/{deleted}")
    await world.add("text 4")
    assert (await lineage(world, path)) == before
    assert [row["revision"] for row in before["data"]] == [1, 1, 2, *[1] * (len(world.examples) - 3)]


async def test_the_examples_of_a_version_have_their_texts_when_asked_for(world: World) -> None:
    edited = world.examples[0]
    shown = await world.read(f"/v1/examples/{edited}")
    path = await world.model("v1")
    await world.api.patch(f"/v1/examples/{edited}", json={"content": {"messages": shown["content"]["messages"] * 2}})
    rows = (await lineage(world, path, include="content"))["data"]
    assert rows[0]["content"] == shown["content"]
    assert "content" not in (await lineage(world, path))["data"][0]


async def test_an_example_that_was_kept_apart_is_told_from_one_that_was_trained_on(world: World) -> None:
    validation = await world.add("text 3", split="validation")
    test = await world.add("text 4", split="test")
    await world.freeze("v2")
    path = await world.model("v2")
    uses = {row["example_id"]: row["use"] for row in (await lineage(world, path))["data"]}
    assert uses == dict.fromkeys(world.examples, "training") | {validation: "validation", test: None}
    only = await lineage(world, path, split="test")
    assert [row["example_id"] for row in only["data"]] == [test]


async def test_the_examples_of_a_version_come_in_pages(world: World) -> None:
    path = await world.model("v1")
    first = await lineage(world, path, limit=7)
    rest = await lineage(world, path, limit=7, cursor=first["next_cursor"])
    assert [row["example_id"] for row in first["data"] + rest["data"]] == world.examples
    assert rest["next_cursor"] is None


async def test_an_alias_leads_to_the_lineage_of_where_it_stands(world: World) -> None:
    path = await world.model("v1")
    await world.api.put(f"{path}/aliases/production", json={"version": "v1.0"})
    assert (await world.read(f"{path}/versions/production/lineage")) == await lineage(world, path)


async def test_a_model_from_elsewhere_shows_what_is_known_of_it(world: World) -> None:
    path = await world.model()
    elsewhere = {"connection_id": str(world.connection_id), "base_model": "llama", "provider_model": "mine"}
    await world.create(f"{path}/versions", elsewhere)
    origin = await lineage(world, path)
    assert (origin["tune"], origin["dataset"], origin["data"], origin["next_cursor"]) == (None, None, [], None)


async def test_an_example_leads_up_to_every_version_and_model_that_holds_it(world: World) -> None:
    example = world.examples[0]
    old = await world.model("v1", name="old")
    await world.api.patch(f"/v1/examples/{example}", json={"tags": ["short"]})
    await world.freeze("v2")
    new = await world.model("v1", "v2", name="new")
    second, first = (trail := await went(world, example))["data"]
    assert (trail["example_id"], trail["dataset_id"], trail["split"]) == (example, world.dataset["id"], "train")
    assert held(trail) == [("v2", 2), ("v1", 1)]
    uses = [(each["model"], each["version"], each["use"]) for each in first["model_versions"]]
    assert uses == [("old", "v1.0", "training"), ("new", "v1.0", "training")]
    assert [(each["model"], each["version"]) for each in second["model_versions"]] == [("new", "v1.1")]
    below = await world.read(f"{new}/versions/v1.1/lineage")
    assert {row["digest"] for row in below["data"] if row["example_id"] == example} == {second["digest"]}
    assert (await world.read(old))["id"] == first["model_versions"][0]["model_id"]


async def test_an_example_is_found_in_a_filtered_version_only_while_it_passes(world: World) -> None:
    example, other = world.examples[:2]
    path = f"/v1/examples/{example}/rating"
    for stars in (5, 2):
        await world.api.put(path, json={"overall": {"type": "stars", "value": stars}})
        await world.freeze(f"all-{stars}")
        await world.freeze(f"good-{stars}" if stars > 3 else f"bad-{stars}", rating_gte=4 if stars > 3 else 2)
    await world.api.put(f"/v1/examples/{other}/rating", json={"overall": {"type": "stars", "value": 5}})
    await world.freeze("good-again", rating_gte=4)
    assert held(await went(world, example)) == [("bad-2", 3), ("all-2", 3), ("good-5", 2), ("all-5", 2), ("v1", 1)]
    assert ("good-again", 2) in held(await went(world, other))


async def test_a_deleted_example_is_still_in_the_versions_that_hold_it(world: World) -> None:
    example = world.examples[0]
    await world.api.delete(f"/v1/examples/{example}")
    await world.freeze("v2")
    await world.api.post(f"/v1/examples/{example}/restore", json={"version": 1})
    await world.freeze("v3")
    assert held(await went(world, example)) == [("v3", 3), ("v1", 1)]


async def test_an_example_added_after_a_version_is_not_in_it(world: World) -> None:
    assert (await went(world, await world.add("late")))["data"] == []


async def test_the_versions_of_an_example_come_in_pages(world: World) -> None:
    for number in range(2, 5):
        await world.freeze(f"v{number}")
    first = await went(world, world.examples[0], limit=3)
    rest = await went(world, world.examples[0], limit=3, cursor=first["next_cursor"])
    assert held(first) + held(rest) == [("v4", 1), ("v3", 1), ("v2", 1), ("v1", 1)]
    assert rest["next_cursor"] is None


async def test_another_workspace_sees_no_lineage(world: World, stranger: httpx.AsyncClient) -> None:
    path = await world.model("v1")
    assert (await stranger.get(f"{path}/versions/v1.0/lineage")).status_code == 404
    assert (await stranger.get(f"/v1/examples/{world.examples[0]}/lineage")).status_code == 404


@pytest.mark.parametrize("query", [{"split": "nope"}, {"cursor": "!"}, {"limit": 0}])
async def test_a_wrong_question_names_its_parameter(world: World, query: dict[str, Any]) -> None:
    path = await world.model("v1")
    refused = await world.api.get(f"{path}/versions/v1.0/lineage", params=query)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, f"?{next(iter(query))}")


async def test_an_example_that_never_was_has_no_lineage(world: World) -> None:
    assert (await world.api.get(f"/v1/examples/{new_id()}/lineage")).status_code == 404
