"""Evaluations over HTTP: listed, paged, filtered, rated, and hidden from others."""

import json

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.datasets.example_bodies import pages
from tests.evaluations.measurements import Json, Lab, base, headline, run_worker
from tests.tunes.sandbox import MODEL, Sandbox


async def test_asking_again_with_the_same_key_makes_one_evaluation(lab: Lab, api: httpx.AsyncClient) -> None:
    dataset_id = await lab.dataset(test=2)
    body = {"name": "x", "dataset_id": dataset_id, "version": "v1", "targets": [base(await lab.connect(None))]}
    headers = {"Idempotency-Key": "once"}
    scorers = [{"name": "exact_match"}]
    sent = [await api.post("/v1/evaluations", json=body | {"scorers": scorers}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in sent] == [202, 202]
    assert sent[0].content == sent[1].content
    assert sent[1].headers["Idempotency-Replayed"] == "true"
    operation = sent[0].json()
    assert (operation["kind"], operation["state"], operation["progress"]["total"]) == ("evaluation", "queued", 2)
    assert operation["created_at"] > "2026"
    evaluation = await lab.read(operation["resource"].removeprefix("/v1"))
    assert (evaluation["state"], evaluation["operation_id"]) == ("queued", operation["id"])
    assert len((await lab.read("/evaluations"))["data"]) == 1


async def test_evaluations_are_listed_the_newest_first_by_name_dataset_and_model(lab: Lab) -> None:
    datasets = [await lab.dataset(test=1) for _ in range(2)]
    connection = await lab.connect(None)
    model = (await lab.create("/models", {"name": "headlines"}))["id"]
    trained = {"connection_id": connection, "base_model": MODEL, "provider_model": "ft:elsewhere"}
    await lab.create(f"/models/{model}/versions", trained)
    ours = {"model_id": model, "version": "v1.0"}
    ids = [
        await lab.request_evaluation(datasets[0], [base(connection)], name="nightly"),
        await lab.request_evaluation(datasets[0], [base(connection), ours], name="nightly"),
        await lab.request_evaluation(datasets[1], [base(connection)], name="release"),
    ]

    async def listed(**query: str) -> list[str]:
        return [each["id"] for each in (await lab.read("/evaluations", **query))["data"]]

    assert await listed() == ids[::-1]
    assert await listed(name="nightly") == [ids[1], ids[0]]
    assert await listed(dataset_id=datasets[1]) == [ids[2]]
    assert await listed(model_id=model) == [ids[1]]
    paged = await pages(lab.api, "/v1/evaluations", limit=2)
    assert [[each["id"] for each in page] for page in paged] == [[ids[2], ids[1]], [ids[0]]]


async def test_results_are_paged_and_filtered(lab: Lab, sandbox: Sandbox, engine: AsyncEngine) -> None:
    dataset_id = (await lab.create("/datasets", {"name": "mixed"}))["id"]
    answers = [None, "You wrote about this: Which category is headline number 1 about the election?", None, None]
    await lab.add(
        dataset_id, [{"content": headline(n, answer=answer), "split": "test"} for n, answer in enumerate(answers)]
    )
    await lab.freeze(dataset_id, "v1")
    connection = await lab.connect(sandbox)
    scorers = [{"name": "exact_match"}, {"name": "similarity_ratio"}]
    async with run_worker(engine):
        targets = [base(connection), base(connection, name="again")]
        evaluation = await lab.evaluate(dataset_id, targets, scorers=scorers)
    path = f"/v1/evaluations/{evaluation['id']}/results"
    paged = await pages(lab.api, path, limit=3)
    assert [len(page) for page in paged] == [3, 3, 2]
    everything = [result["id"] for page in paged for result in page]
    assert everything == [result["id"] for result in await lab.results(evaluation["id"])]
    right = await lab.results(evaluation["id"], passed=True)
    assert {(result["target"], result["output"]) for result in right} == {(MODEL, answers[1]), ("again", answers[1])}
    assert all(result["output"] == result["reference"] for result in right)
    assert len(await lab.results(evaluation["id"], passed=False, target="again")) == 3
    assert len(await lab.results(evaluation["id"], scorer="exact_match", passed=True)) == 2
    assert len(await lab.results(evaluation["id"], scorer="similarity_ratio", below=0.9)) == 6
    assert await lab.results(evaluation["id"], failure="timed_out") == []
    refused = await lab.api.get(path, params={"below": 0.5})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "?scorer")


async def check_pairs(lab: Lab, dataset_id: str, results: list[Json]) -> None:
    """What the pairwise judge decided goes out as preferences, the winner first."""
    path, query = f"/v1/datasets/{dataset_id}/export", {"format": "trl-preference", "pairs": "judgements"}
    sent = await lab.api.get(path, params={**query, "include": "fields"})
    rows = {row["external_id"]: row for row in map(json.loads, sent.text.splitlines())}
    decided = [row for row in results if row["scores"]["rival"]["details"]["winner"] != "tie"]
    assert decided
    assert rows.keys() == {row["example_id"] for row in decided}
    for result in decided:
        pair = [rows[result["example_id"]][name][0]["content"] for name in ("chosen", "rejected")]
        answers = [result["output"], result["reference"]]
        assert pair == (answers if result["scores"]["rival"]["details"]["winner"] == "first" else answers[::-1])


async def test_people_rate_answers_and_a_judge_is_trusted_once_it_agrees_with_them(
    lab: Lab, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    dataset_id = await lab.dataset(test=12, task_id=await lab.task())
    connection = await lab.connect(sandbox)
    judge = {"target": {"connection_id": connection, "model": MODEL}, "scale": "pass_fail"}
    judges = [judge, judge | {"kind": "pairwise", "against": "reference", "label": "rival"}]
    async with run_worker(engine):
        evaluation = await lab.evaluate(dataset_id, [base(connection)], judges=judges)
    results = await lab.results(evaluation["id"])
    assert [standing["trusted"] for standing in evaluation["standings"]] == [False, False]
    judged = results[0]["scores"]["judge"]
    assert judged["call_id"] in [
        call["id"] for call in (await lab.read(f"/operations/{evaluation['operation_id']}/calls"))["data"]
    ]
    shown_first = {result["scores"]["rival"]["details"]["shown_first"] for result in results}
    assert shown_first == {"first", "second"}
    await check_pairs(lab, dataset_id, results)
    rated = await lab.rate(results[0], 5, reason="Right.")
    assert (rated["rating"], list(rated["ratings"].values())) == (5.0, [{"stars": 5, "reason": "Right."}])
    again = await lab.rate(results[0], 5, reason="Right.")
    assert again["version"] == rated["version"] == 2
    assert (await lab.rate(results[0], 4))["version"] == 3
    for number, result in enumerate(results):
        # All but one as the judge said, whatever it said of them: one contrary word leaves them agreeing.
        liked = bool(result["scores"]["judge"]["value"]) is not (number == 11)
        await lab.rate(result, 5 if liked else 1)
    read = await lab.read(f"/evaluations/{evaluation['id']}")
    standing = read["standings"][0]
    assert (standing["trust"]["n"], round(standing["trust"]["agreement"]["estimate"], 3)) == (12, 0.917)
    assert standing["trusted"] is ((standing["trust"]["weighted_kappa"] or 0) >= 0.41)
    assert standing["because"].startswith("trusted" if standing["trusted"] else "not yet trusted")
    assert (read["ratings"][0]["results"], read["ratings"][0]["ratings"]) == (12, 12)
    assert len(await lab.results(evaluation["id"], rated=True)) == 12
    stale = {"If-Match": '"1"'}
    path = f"/v1/evaluations/{evaluation['id']}/results/{results[0]['id']}/rating"
    assert (await lab.api.put(path, json={"stars": 2}, headers=stale)).status_code == 412
    assert (await lab.api.put(path, json={"stars": 6})).status_code == 400


async def test_a_result_is_rated_in_its_own_evaluation_and_workspace(
    lab: Lab, sandbox: Sandbox, engine: AsyncEngine, stranger: httpx.AsyncClient
) -> None:
    dataset_id = await lab.dataset(test=1)
    connection = await lab.connect(sandbox)
    async with run_worker(engine):
        one, other = [await lab.evaluate(dataset_id, [base(connection)]) for _ in range(2)]
    result = (await lab.results(one["id"]))[0]
    rating = f"results/{result['id']}/rating"
    assert (await lab.api.put(f"/v1/evaluations/{other['id']}/{rating}", json={"stars": 3})).status_code == 404
    own = f"/v1/evaluations/{one['id']}"
    assert (await stranger.put(f"{own}/{rating}", json={"stars": 3})).status_code == 404
    for path in (own, f"{own}/results", f"/v1/comparisons?evaluation={one['id']}"):
        assert (await stranger.get(path)).status_code == 404
        assert (await lab.api.get(path)).status_code == 200
    assert (await stranger.get("/v1/evaluations")).json()["data"] == []


async def test_scorers_say_what_they_are_and_how_they_are_set(api: httpx.AsyncClient) -> None:
    listed = {scorer["name"]: scorer for scorer in (await api.get("/v1/scorers")).json()["data"]}
    assert {"exact_match", "bleu", "json_schema", "classification", "judge"} <= listed.keys()
    exact = listed["exact_match"]
    assert (exact["unit"], exact["needs"], exact["asked_for"], exact["deterministic"]) == (
        "share",
        ["reference"],
        None,
        True,
    )
    assert "SQuAD" in exact["definition"]
    assert set(exact["config_schema"]["$defs"]["ExactMatchConfig"]["properties"]) == {"label", "trim"}
    assert listed["judge"]["asked_for"]
