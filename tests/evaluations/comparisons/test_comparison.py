"""Comparisons: every target against the base, over the rows that both have answered."""

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.evaluations.measurements import CHATS, Json, Lab, base, headline, run_worker
from tests.tunes.sandbox import MODEL, Sandbox

RATIO = [{"name": "exact_match"}, {"name": "similarity_ratio"}, {"name": "words"}]
LIKE = "You wrote about this: Which category is headline number {n} about {subject}?"


async def parroted(lab: Lab, count: int) -> str:
    """A dataset whose answers are what the base model says, so that it is right until something is in its way."""
    dataset_id = (await lab.create("/datasets", {"name": "parroted"}))["id"]
    subjects = ("the match", "the election", "the film")
    texts = [headline(n, answer=LIKE.format(n=n, subject=subjects[n % 3])) for n in range(count)]
    await lab.add(dataset_id, [{"content": text, "split": "test"} for text in texts])
    await lab.freeze(dataset_id, "v1")
    return str(dataset_id)


async def test_each_target_stands_against_the_base_with_its_verdict(
    lab: Lab, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    dataset_id = await parroted(lab, 20)
    connection = await lab.connect(sandbox, prices={MODEL: {"input": "100", "output": "200"}})
    short = base(connection, name="cut short", prompt=None)
    async with run_worker(engine):
        whole = await lab.evaluate(dataset_id, [base(connection)], scorers=RATIO)
        cut = await lab.evaluate(dataset_id, [short], scorers=RATIO, max_tokens=6)
    table = await lab.read("/comparisons", evaluation=[whole["id"], cut["id"]])
    assert (table["metric"], table["base"], table["unit"]) == ("exact_match", MODEL, "share")
    assert table["metrics"] == ["exact_match", "similarity_ratio", "words"]
    first, second = table["data"]
    assert (first["is_compared_with"], first["change"], first["mean"]) == (True, None, 1.0)
    change = second["change"]
    assert (change["pairs"], change["base"], change["value"], change["better"]) == (20, 1.0, 0.0, False)
    assert (change["mcnemar"]["broken"], change["mcnemar"]["fixed"]) == (20, 0)
    assert second["verdict"] == "got worse by 100%, interval 100\u2013100"
    assert float(second["cost"]["per_thousand"]["amount"]) < float(first["cost"]["per_thousand"]["amount"])
    turned = await lab.read(
        "/comparisons", evaluation=[whole["id"], cut["id"]], base="cut short", metric="similarity_ratio"
    )
    better = turned["data"][0]
    assert (better["target"]["name"], better["change"]["better"]) == (MODEL, True)
    assert better["verdict"].startswith("improved by ")
    assert better["change"]["relative"]["low"] <= better["change"]["relative"]["estimate"]


async def test_only_rows_that_both_have_answered_are_paired(lab: Lab, sandbox: Sandbox, engine: AsyncEngine) -> None:
    dataset_id = await parroted(lab, 12)
    connection = await lab.connect(sandbox)
    await sandbox.meets("insufficient_quota", method="POST", path=CHATS, contains="number 5 about", times=5)
    async with run_worker(engine):
        whole = await lab.evaluate(dataset_id, [base(connection)], scorers=RATIO, limit=10)
        await sandbox.http.delete("/sandbox/faults")
        other = await lab.evaluate(dataset_id, [base(connection, name="later")], scorers=RATIO, fresh=True)
    second = (await lab.read("/comparisons", evaluation=[whole["id"], other["id"]]))["data"][1]
    assert (second["rows"], second["scored"], second["change"]["pairs"]) == (12, 12, 9)


async def test_what_does_not_compare_is_not_compared(lab: Lab, sandbox: Sandbox, engine: AsyncEngine) -> None:
    dataset_id = await lab.dataset(train=1, test=2)
    connection = await lab.connect(sandbox)
    open_ = await lab.request_evaluation(dataset_id, [base(connection)])

    async def refused(*evaluations: Json, **query: str) -> tuple[int, str]:
        ids = [evaluation["id"] for evaluation in evaluations]
        sent = await lab.api.get("/v1/comparisons", params={"evaluation": ids, **query})
        return sent.status_code, sent.json()["errors"][0]["pointer"]

    first = await lab.read(f"/evaluations/{open_}")
    assert await refused(first) == (409, "?evaluation")
    async with run_worker(engine):
        await lab.ended(open_)
        elsewhere = await lab.evaluate(dataset_id, [base(connection)], split="train")
        strict = await lab.evaluate(dataset_id, [base(connection)], scorers=[{"name": "exact_match"}])
        loose = await lab.evaluate(
            dataset_id, [base(connection)], scorers=[{"name": "exact_match", "config": {"trim": True}}]
        )
    assert await refused(first, elsewhere) == (422, "?evaluation")
    assert await refused(strict, loose) == (400, "?metric")
    assert await refused(strict, metric="bleu") == (400, "?metric")
    assert await refused(strict, base="nobody") == (400, "?base")
    assert await refused() == (400, "?evaluation")


async def test_a_target_that_had_seen_the_rows_is_said_to(lab: Lab, sandbox: Sandbox, engine: AsyncEngine) -> None:
    dataset_id = await lab.dataset(train=3)
    connection = await lab.connect(sandbox)
    await lab.record_tune(connection, dataset_id, "ft:headlines")
    targets = [base(connection), base(connection, model="ft:headlines", name="tuned")]
    async with run_worker(engine):
        evaluation = await lab.evaluate(dataset_id, targets, split="train", force_leakage=True)
    first, second = (await lab.read("/comparisons", evaluation=evaluation["id"]))["data"]
    assert (first["leaked"], second["leaked"]) == (0, 3)
    assert second["verdict"].endswith("it had already seen 3 of the rows")
    chart = await lab.api.get("/v1/comparisons/chart", params={"evaluation": evaluation["id"], "theme": "dark"})
    assert (chart.status_code, chart.headers["content-type"]) == (200, "image/svg+xml")
    assert first["target"]["name"] in chart.text
