"""Topic trees: named by a model level by level, changed by hand, each change on record."""

import asyncio
from uuid import uuid4

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.datasets.example_bodies import ok, pointers
from tests.datasets.import_files import tables_follow_from_the_log
from tests.generation.generation_runs import add_topics, make_generation, run_to_end, run_worker, start_run, topics
from tests.inference.run_world import wait_for_end
from tests.prompts.batch_runs import CHAT, CHATS
from tests.tunes.sandbox import Sandbox


async def test_a_model_names_topics_to_a_depth(api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine) -> None:
    generation = await make_generation(api, sandbox)
    before = await sandbox.count("done", CHAT)
    operation = await run_to_end(api, engine, f"/v1/generations/{generation['id']}/topics", count=3, depth=2)
    assert (operation["result"]["topics"], operation["result"]["failed"]) == (12, 0)
    assert await sandbox.count("done", CHAT) - before == 4
    tree = await topics(api, generation["id"])
    assert (tree["count"], [len(topic["children"]) for topic in tree["topics"]]) == (12, [3, 3, 3])
    assert tree["topics"][0]["run_id"] == operation["id"]
    names = [topic["name"] for topic in tree["topics"]]
    assert len(set(names)) == 3
    shown = await ok(await api.get(f"/v1/generations/{generation['id']}"))
    assert (shown["topics"], shown["runs"]) == (12, [{"run_id": operation["id"], "kind": "topics"}])
    await tables_follow_from_the_log(engine)


async def test_topics_below_one_join_those_that_are_there(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    generation = await make_generation(api, sandbox)
    sports, _ = await add_topics(api, generation["id"], "Sports", "Politics")
    await run_to_end(api, engine, f"/v1/generations/{generation['id']}/topics", count=2, parent=sports)
    tree = await topics(api, generation["id"])
    assert {topic["name"]: len(topic["children"]) for topic in tree["topics"]} == {"Sports": 2, "Politics": 0}


async def test_people_change_the_tree_and_history_says_how(api: httpx.AsyncClient) -> None:
    generation = await make_generation(api, None)
    path = f"/v1/generations/{generation['id']}"
    sports, politics = await add_topics(api, generation["id"], "Sports", "Politics")
    await ok(await api.patch(f"{path}/topics", json={"add": [{"name": "Rowing", "parent": sports}]}))
    body = {"rename": [{"id": politics, "name": "Elections"}], "remove": [sports], "reason": "Too broad."}
    tree = await ok(await api.patch(f"{path}/topics", json=body))
    assert [(topic["name"], topic["children"]) for topic in tree["topics"]] == [("Elections", [])]
    entries = (await ok(await api.get(f"{path}/history")))["data"]
    assert [entry["type"] for entry in entries] == ["GenerationCreated", *["TopicsEdited"] * 3]
    assert (entries[3]["reason"], entries[3]["changes"]["topics"]["after"]) == ("Too broad.", {politics: "Elections"})
    assert sorted(entries[3]["changes"]["topics"]["before"].values()) == ["Politics", "Sports", "Sports > Rowing"]
    again = await api.patch(f"{path}/topics", json={"rename": [{"id": politics, "name": "Elections"}]})
    assert again.headers["ETag"] == '"4"'


async def test_a_change_of_the_tree_that_makes_no_sense_is_refused_whole(api: httpx.AsyncClient) -> None:
    generation = await make_generation(api, None)
    path = f"/v1/generations/{generation['id']}/topics"
    nobody = str(uuid4())
    wrong = await api.patch(path, json={"add": [{"name": "Here"}, {"name": "x", "parent": nobody}], "remove": [nobody]})
    assert (wrong.status_code, pointers(wrong)) == (422, ["/remove/0", "/add/1/parent"])
    twice = await api.patch(path, json={"add": [{"name": "Rain"}, {"name": " rain "}]})
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (422, "duplicate")
    assert (await topics(api, generation["id"]))["count"] == 0
    stale = await api.patch(path, json={"add": [{"name": "Rain"}]}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    blank = await api.patch(path, json={"add": [{"name": "  "}]})
    assert blank.status_code == 400


async def test_what_a_model_cannot_name_is_a_finding_at_its_topic(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    generation = await make_generation(api, sandbox)
    bad, _ = await add_topics(api, generation["id"], "Quarrels", "Harvests")
    await sandbox.meets("not_json", path=CHATS, contains="Topic: Quarrels", times=10)
    path = f"/v1/generations/{generation['id']}/topics"
    operation = await run_to_end(api, engine, path, count=2, parent=bad)
    assert (operation["result"]["topics"], operation["result"]["failed"]) == (0, 1)
    tree = await topics(api, generation["id"])
    findings = {topic["name"]: topic["finding"] for topic in tree["topics"]}
    assert findings["Harvests"] is None
    assert (findings["Quarrels"]["code"], findings["Quarrels"]["topic_id"]) == ("not_json", bad)


async def test_a_topic_removed_while_it_is_asked_about_stays_away(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    generation = await make_generation(api, sandbox)
    [gone] = await add_topics(api, generation["id"], "Storms")
    path = f"/v1/generations/{generation['id']}/topics"
    run_id = await start_run(api, path, count=2, parent=gone)
    await ok(await api.patch(path, json={"remove": [gone]}))
    async with run_worker(engine):
        assert (await wait_for_end(api, run_id))["state"] == "succeeded"
    assert (await topics(api, generation["id"]))["count"] == 0


async def test_hands_and_models_may_work_on_one_tree_at_once(api: httpx.AsyncClient) -> None:
    generation = await make_generation(api, None)
    path = f"/v1/generations/{generation['id']}/topics"
    sent = [api.patch(path, json={"add": [{"name": f"Topic {n}"}]}) for n in range(6)]
    assert {answer.status_code for answer in await asyncio.gather(*sent, api.post(path, json={"count": 2}))} <= {
        200,
        202,
    }
    assert (await topics(api, generation["id"]))["count"] == 6


async def test_trees_that_would_grow_too_large_are_refused(api: httpx.AsyncClient) -> None:
    generation = await make_generation(api, None)
    path = f"/v1/generations/{generation['id']}/topics"
    large = await api.post(path, json={"count": 50, "depth": 3})
    assert (large.status_code, pointers(large)) == (422, ["/count"])
    lost = await api.post(path, json={"count": 1, "parent": str(uuid4())})
    assert (lost.status_code, pointers(lost)) == (422, ["/parent"])
