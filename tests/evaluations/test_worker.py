"""Evaluations at work: every question paid once, every row scored, and one that goes wrong among the others."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import autocommit
from tests.datasets.import_files import tables_follow_from_the_log
from tests.evaluations.measurements import CHATS, Lab, base, headline, paid, run_worker, worker_process
from tests.tunes.sandbox import MODEL, Sandbox

EXACT = [{"name": "exact_match"}]


async def test_targets_are_measured_side_by_side_and_summed_up(lab: Lab, sandbox: Sandbox, engine: AsyncEngine) -> None:
    dataset_id = await lab.dataset(test=12, task_id=await lab.task())
    connection = await lab.connect(sandbox, prices={MODEL: {"input": "1000", "output": "2000"}})
    before = await paid(sandbox)
    async with run_worker(engine):
        evaluation = await lab.evaluate(dataset_id, [base(connection), base(connection, name="again")], repeats=2)
    assert await paid(sandbox) - before == 12 * 2 * 2
    assert (evaluation["state"], evaluation["rows"]) == ("succeeded", 12)
    first, second = evaluation["summaries"]
    assert (first["target"], second["target"], first["rows"], first["failed"]) == (MODEL, "again", 12, 0)
    accuracy = first["scores"]["classification"]
    assert (accuracy["scored"], sum(cell["count"] for cell in accuracy["confusion"])) == (12, 12)
    assert set(accuracy["classes"]) >= {"sports", "politics", "culture"}
    assert accuracy["interval"]["low"] <= accuracy["mean"] <= accuracy["interval"]["high"]
    assert first["consistency"] == 1.0
    assert first["latency_ms"]["n"] == 12
    spent = (1000 * first["input_tokens"] + 2000 * first["output_tokens"]) / 1_000_000
    assert float(first["cost"]["total"]["amount"]) == spent
    assert float(first["cost"]["per_thousand"]["amount"]) == round(spent / 12 * 1000, 6)
    operation = await lab.operation(evaluation["id"])
    assert operation["progress"] == {"done": 12, "total": 12, "unit": "rows"}
    assert operation["result"]["usage"]["answered"] == 48
    await tables_follow_from_the_log(engine)


async def test_killed_in_the_middle_it_goes_on_and_pays_for_no_row_twice(
    lab: Lab, sandbox: Sandbox, engine: AsyncEngine, database_url: str
) -> None:
    dataset_id = await lab.dataset(test=30, task_id=await lab.task())
    connection = await lab.connect(sandbox, concurrency=4)
    judge = {"target": {"connection_id": connection, "model": MODEL}}
    await sandbox.http.delete("/sandbox/calls")
    await sandbox.meets("slow", method="POST", path=CHATS, seconds=0.2, times=1000)
    evaluation_id = await lab.request_evaluation(
        dataset_id, [base(connection), base(connection, name="again")], judges=[judge]
    )
    for results in (2, 12):
        async with worker_process(database_url) as process:
            await lab.done(evaluation_id, results)
            process.kill()
            assert await process.wait() == -9
    await sandbox.http.delete("/sandbox/faults")
    async with run_worker(engine):
        evaluation = await lab.ended(evaluation_id)
    assert [summary["rows"] for summary in evaluation["summaries"]] == [30, 30]
    counted = (await sandbox.http.get("/sandbox/calls")).json()["chat"]["paid"]
    assert len(counted) == 30 * 2 * 2
    assert set(counted.values()) == {1}
    assert len(await lab.results(evaluation_id)) == 60
    await tables_follow_from_the_log(engine)


async def test_a_rerun_pays_only_for_what_is_new(lab: Lab, sandbox: Sandbox, engine: AsyncEngine) -> None:
    dataset_id = await lab.dataset(test=6)
    connection = await lab.connect(sandbox)
    async with run_worker(engine):
        first = await lab.evaluate(dataset_id, [base(connection)])
        await lab.add(dataset_id, [{"content": headline(n), "split": "test"} for n in (6, 7)])
        await lab.freeze(dataset_id, "v2")
        before = await paid(sandbox)
        again = await lab.evaluate(dataset_id, [base(connection)], version="v2", scorers=EXACT)
        assert await paid(sandbox) - before == 2
        await lab.evaluate(dataset_id, [base(connection)], temperature=0.5)
        assert await paid(sandbox) - before == 2 + 6
        await lab.evaluate(dataset_id, [base(connection)], fresh=True)
        assert await paid(sandbox) - before == 2 + 6 + 6
    assert (again["summaries"][0]["rows"], again["summaries"][0]["scores"]["exact_match"]["scored"]) == (8, 8)
    texts = {result["example_id"]: result["output"] for result in await lab.results(first["id"])}
    assert (
        texts.items() <= {result["example_id"]: result["output"] for result in await lab.results(again["id"])}.items()
    )


async def test_a_bad_answer_is_a_wrong_one_and_no_lost_batch(lab: Lab, sandbox: Sandbox, engine: AsyncEngine) -> None:
    dataset_id = await lab.dataset(test=9)
    # Where no answers are kept, one that is lost on its way cannot be found again.
    connection = await lab.connect(sandbox, timeout_seconds=2, capabilities={"stored_completions": False})
    bad = {"empty": 0, "huge": 1, "refuses": 2, "rubbish": 3, "hangs": 4, "insufficient_quota": 5}
    for kind, number in bad.items():
        at = {"contains": f"number {number} about", "method": "POST", "path": CHATS, "times": 5}
        await sandbox.meets(kind, **at, **({"seconds": 20} if kind == "hangs" else {}))
    scorers = [*EXACT, {"name": "contains", "config": {"texts": ["the"], "mode": "none"}}, {"name": "words"}]
    async with run_worker(engine):
        evaluation = await lab.evaluate(dataset_id, [base(connection)], scorers=scorers)
    summary = evaluation["summaries"][0]
    assert summary["failures"] == {
        "answer_too_long": 1,
        "empty_answer": 1,
        "model_refused": 1,
        "not_readable": 1,
        "provider_refused": 1,
        "timed_out": 1,
    }
    # What the model failed to say is wrong; what the provider would not let through says nothing of the model.
    assert summary["scores"]["exact_match"]["scored"] == 8
    assert summary["scores"]["exact_match"]["reasons"] == {"no_answer": 1}
    assert summary["scores"]["words"]["scored"] == 3
    failed = await lab.results(evaluation["id"], failure="empty_answer")
    assert [result["scores"]["contains"]["passed"] for result in failed] == [False]
    assert (failed[0]["output"], failed[0]["passed"], failed[0]["reference"]) == (None, False, "sports")
    assert [result["passed"] for result in await lab.results(evaluation["id"], failure="provider_refused")] == [None]


async def test_a_cancel_ends_it_and_keeps_the_rows_that_are_done(
    lab: Lab, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    dataset_id = await lab.dataset(test=60)
    connection = await lab.connect(sandbox, concurrency=2)
    await sandbox.meets("slow", method="POST", path=CHATS, seconds=0.2, times=1000)
    async with run_worker(engine):
        evaluation_id = await lab.request_evaluation(dataset_id, [base(connection)])
        await lab.done(evaluation_id, 2)
        operation = (await lab.read(f"/evaluations/{evaluation_id}"))["operation_id"]
        await lab.create(f"/operations/{operation}/cancel", {})
        assert (await lab.operation(evaluation_id))["state"] == "cancelled"
    evaluation = await lab.read(f"/evaluations/{evaluation_id}")
    assert (evaluation["state"], evaluation["summaries"]) == ("cancelled", None)
    assert 2 <= len(await lab.results(evaluation_id)) < 60


async def test_a_prompt_asks_in_its_own_words_with_examples_drawn_once(
    lab: Lab, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    dataset_id = await lab.dataset(train=5, test=4)
    connection = await lab.connect(sandbox)
    prompt = (await lab.create("/prompts", {"name": "ask"}))["id"]
    version = {
        "messages": [
            {"role": "system", "content": "Name the category."},
            {"role": "user", "content": "HEADLINE: {{headline}}"},
        ],
        "variables": [{"name": "headline"}],
        "examples": {"dataset_id": dataset_id, "k": 2, "rating_gte": None},
        "parameters": {"temperature": 0.2},
    }
    await lab.create(f"/prompts/{prompt}/versions", version)
    needy = {"messages": [{"role": "user", "content": "{{title}}"}], "variables": [{"name": "title"}]}
    await lab.create(f"/prompts/{prompt}/versions", needy | {"inputs": {"title": "/metadata/title"}})
    targets = [
        base(connection, name="first", prompt={"prompt_id": prompt, "version": 1}),
        base(connection, name="needy", prompt={"prompt_id": prompt}),
    ]
    async with run_worker(engine):
        evaluation = await lab.evaluate(dataset_id, targets, scorers=EXACT)
    first, needy_target = evaluation["targets"]
    assert (first["prompt"]["version"], len(first["prompt"]["examples"])) == (1, 2)
    assert needy_target["prompt"]["version"] == 2
    assert evaluation["summaries"][0]["failed"] == 0
    assert evaluation["summaries"][1]["failures"] == {"missing_variable": 4}
    calls = await lab.read(f"/operations/{evaluation['operation_id']}/calls")
    assert len(calls["data"]) == 4
    # The question alone has some ten words; with the prompt and two examples it has three times as many.
    assert all(call["input_tokens"] > 30 for call in calls["data"])
    await tables_follow_from_the_log(engine)


async def test_a_scorer_says_of_which_rows_it_has_nothing_to_compare_with(
    lab: Lab, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    dataset_id = (await lab.create("/datasets", {"name": "calls"}))["id"]
    tool = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}
    call = {"id": "1", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}
    question = {"role": "user", "content": "How warm is it?"}
    calling = {"messages": [question, {"role": "assistant", "tool_calls": [call]}], "tools": [tool]}
    await lab.add(dataset_id, [{"content": each, "split": "test"} for each in (calling, headline(0))])
    await lab.freeze(dataset_id, "v1")
    connection = await lab.connect(sandbox)
    scorers = [*EXACT, {"name": "tool_call_match"}]
    async with run_worker(engine):
        evaluation = await lab.evaluate(dataset_id, [base(connection)], scorers=scorers)
    scores = evaluation["summaries"][0]["scores"]
    assert (scores["exact_match"]["scored"], scores["exact_match"]["reasons"]) == (1, {"no_reference": 1})
    assert scores["tool_call_match"]["scored"] == 2


async def test_what_was_erased_is_not_asked_and_not_shown(lab: Lab, sandbox: Sandbox, engine: AsyncEngine) -> None:
    dataset_id = await lab.dataset(test=3)
    connection = await lab.connect(sandbox)
    async with run_worker(engine):
        first = await lab.evaluate(dataset_id, [base(connection)])
        result = (await lab.results(first["id"]))[0]
        async with autocommit(engine).connect() as opened:
            erase = sa.text("delete from ledger.contents where subject = any(:subjects)")
            await opened.execute(erase, {"subjects": [result["example_id"], result["calls"][0]]})
        before = await paid(sandbox)
        again = await lab.evaluate(dataset_id, [base(connection)], fresh=True)
    assert await paid(sandbox) - before == 2
    assert again["summaries"][0]["failures"] == {"erased": 1}
    shown = (await lab.results(first["id"]))[0]
    assert (shown["output"], shown["reference"], shown["scores"]) == (None, None, result["scores"])
    assert result["output"]


async def test_a_sample_is_the_same_for_the_same_seed(lab: Lab, sandbox: Sandbox, engine: AsyncEngine) -> None:
    dataset_id = await lab.dataset(test=30)
    connection = await lab.connect(sandbox)
    async with run_worker(engine):
        drawn = [
            (await lab.evaluate(dataset_id, [base(connection)], sample=8, seed=seed, scorers=EXACT))["id"]
            for seed in (1, 1, 2)
        ]
        limited = (await lab.evaluate(dataset_id, [base(connection)], limit=3, scorers=EXACT))["id"]
    rows = [[result["example_id"] for result in await lab.results(each)] for each in (*drawn, limited)]
    assert rows[0] == rows[1] != rows[2]
    assert [len(each) for each in rows] == [8, 8, 8, 3]


async def test_an_evaluation_whose_provider_is_gone_ends_with_every_row_told(
    lab: Lab, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    dataset_id = await lab.dataset(test=3)
    connection = await lab.connect(sandbox)
    evaluation_id = await lab.request_evaluation(dataset_id, [base(connection)])
    assert (await lab.api.delete(f"/v1/connections/{connection}")).is_success
    async with run_worker(engine):
        evaluation = await lab.ended(evaluation_id)
    assert evaluation["summaries"][0]["failures"] == {"connection_gone": 3}
    assert evaluation["summaries"][0]["scores"]["classification"]["mean"] is None
