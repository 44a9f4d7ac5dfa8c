"""From an evaluation to a promotion: the gate refuses with numbers, then passes after a better evaluation."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.evaluations.gate_measurements import load_gate_facts
from service.models.gates.domain import GatePolicy, WantedEvaluation
from tests.evaluations.measurements import Json, Lab, base, run_worker
from tests.tunes.conftest import Desk as TuneDesk
from tests.tunes.conftest import working as tuning
from tests.tunes.sandbox import MODEL, Sandbox

SCORERS = [{"name": "similarity_ratio"}, {"name": "regex", "config": {"pattern": "^[a-z]+$", "label": "one word"}}]
JUDGED = {"scorers": SCORERS, "format_scorer": "one word"}


async def move_alias(lab: Lab, model: str, version: str) -> tuple[int, Json]:
    sent = await lab.api.put(f"/v1/models/{model}/aliases/production", json={"version": version})
    return sent.status_code, sent.json()


def short_of(problem: Json) -> dict[str, str]:
    return {fault["code"]: fault["detail"] for fault in problem["errors"]}


async def test_a_promotion_is_refused_with_numbers_and_passes_after_a_better_evaluation(
    lab: Lab, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    dataset_id = await lab.dataset(train=24, test=12)
    connection = await lab.connect(sandbox)
    model = (await lab.create("/models", {"name": "headlines"}))["id"]
    # The first version is the base model under another name: measured, it is no better.
    trained = {"connection_id": connection, "base_model": MODEL, "provider_model": MODEL}
    await lab.create(f"/models/{model}/versions", trained)
    policy = {"evaluation": {"scorer": "similarity_ratio", "dataset_id": dataset_id}}
    assert (await lab.api.put(f"/v1/models/{model}/gate", json={"policy": policy})).status_code == 200
    status, problem = await move_alias(lab, model, "v1.0")
    assert (status, problem["code"]) == (409, "gate_refused")
    assert "was not evaluated" in short_of(problem)["evaluation"]

    async with run_worker(engine):
        targets = [base(connection), {"model_id": model, "version": "v1.0"}]
        first = await lab.evaluate(dataset_id, targets, **JUDGED)
        status, problem = await move_alias(lab, model, "v1.0")
        assert status == 409
        assert set(short_of(problem)) == {"over_base", "format_validity"}
        assert "+0%" in short_of(problem)["over_base"]
        assert "0% of its answers; 95% is required" in short_of(problem)["format_validity"]

        await lab.create(
            f"/models/{model}/versions", {"tune_id": await tune_version(lab, connection, dataset_id, engine)}
        )
        targets = [base(connection), {"model_id": model, "version": "v1.1"}]
        second = await lab.evaluate(dataset_id, targets, **JUDGED)
    assert second["leakage"]["targets"] == []
    assert (await move_alias(lab, model, "v1.1"))[0] == 200
    table = await lab.read("/comparisons", evaluation=[first["id"], second["id"]])
    assert [line["change"] and line["change"]["better"] for line in table["data"]] == [None, None, None, True]
    assert table["data"][3]["verdict"].startswith("improved by ")
    facts = await load_gate_facts(
        engine, lab.caller.workspace_id, UUID(model), "v1.1", wanted(dataset_id), current="v1.0"
    )
    assert facts.base is not None
    assert facts.over_base is not None
    assert facts.over_base.low is not None
    assert facts.over_base.low > 0
    assert facts.versions["v1.1"].score is not None
    assert facts.versions["v1.1"].score.evaluation_ids == (UUID(second["id"]),)
    # The current version was measured in the evaluation before, on the same rows.
    assert facts.versions["v1.0"].score is not None
    assert facts.versions["v1.0"].score.evaluation_ids == (UUID(first["id"]),)


async def test_a_gate_takes_people_at_their_word_and_no_evaluation_that_leaks(
    lab: Lab, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    dataset_id = await lab.dataset(train=3)
    connection = await lab.connect(sandbox)
    model = (await lab.create("/models", {"name": "headlines"}))["id"]
    tune_id = await lab.record_tune(connection, dataset_id, MODEL)
    await lab.create(f"/models/{model}/versions", {"tune_id": tune_id})
    target = {"model_id": model, "version": "v1.0"}
    policy = GatePolicy(evaluation=WantedEvaluation(scorer="exact_match", dataset_id=UUID(dataset_id), split="train"))
    scorers = [{"name": "exact_match"}]

    async def known(policy: GatePolicy | None) -> Any:
        return await load_gate_facts(engine, lab.caller.workspace_id, UUID(model), "v1.0", policy, current=None)

    async with run_worker(engine):
        await lab.evaluate(dataset_id, [target], split="train", force_leakage=True, scorers=scorers)
        assert (await known(policy)).versions == {}
        other = await lab.dataset(test=2, start=50)
        evaluation = await lab.evaluate(other, [target], scorers=scorers, name="release")
    assert (await known(policy)).versions == {}
    assert [score.scorer for score in (await known(None)).versions["v1.0"].others] == ["exact_match"]
    suite = GatePolicy(evaluation=WantedEvaluation(scorer="exact_match", suite="release"))
    assert (await known(suite)).versions["v1.0"].human_ratings == 0
    for stars, result in zip((5, 4), await lab.results(evaluation["id"]), strict=True):
        await lab.rate(result, stars)
    facts = (await known(suite)).versions["v1.0"]
    assert (facts.human_rating, facts.human_ratings, facts.score.n) == (4.5, 2, 2)
    assert (await known(GatePolicy(evaluation=WantedEvaluation(scorer="bleu", suite="release")))).versions == {}


def wanted(dataset_id: str) -> GatePolicy:
    return GatePolicy(evaluation=WantedEvaluation(scorer="similarity_ratio", dataset_id=UUID(dataset_id)))


async def tune_version(lab: Lab, connection: str, dataset_id: str, engine: AsyncEngine) -> str:
    """A tune that the sandbox has carried out, so that its model answers what it was taught."""
    desk = TuneDesk(lab.api)
    async with tuning(engine):
        tune = await desk.asked(connection, of={"dataset_id": dataset_id, "dataset_version": "v1"})
        done = await desk.until(tune["id"])
    assert done["state"] == "succeeded"
    return str(tune["id"])
