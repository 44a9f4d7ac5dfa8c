"""Refused evaluations: invalid requests, unknown names, a missing extra, rows that a target has seen."""

import sys
from typing import Any

import httpx
import pytest

from tests.evaluations.measurements import Lab, base, headline
from tests.tunes.sandbox import MODEL

NOBODY = "01900000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"version": "v9"}, (422, "unprocessable", ["/version"])),
        ({"version": "12"}, (400, "invalid_request", ["/version"])),
        ({"as_of": "12"}, (400, "invalid_request", ["/as_of"])),
        ({"dataset_id": NOBODY}, (404, "not_found", [])),
        ({"split": "validation"}, (422, "unprocessable", ["/split"])),
        ({"split": "holdout"}, (400, "invalid_request", ["/split"])),
        ({"limit": 2, "sample": 2}, (400, "invalid_request", ["/sample"])),
        ({"targets": []}, (400, "invalid_request", ["/targets"])),
        ({"scorers": []}, (400, "invalid_request", ["/scorers"])),
        ({"scorers": [{"name": "guess"}]}, (400, "invalid_request", ["/scorers/0/name"])),
        ({"scorers": [{"name": "judge"}]}, (400, "invalid_request", ["/scorers/0/name"])),
        ({"scorers": [{"name": "human_rating"}]}, (400, "invalid_request", ["/scorers/0/name"])),
        (
            {"scorers": [{"name": "regex", "config": {"pattern": "(a"}}]},
            (400, "invalid_request", ["/scorers/0/config/pattern"]),
        ),
        (
            {"scorers": [{"name": "exact_match", "config": {"fuzzy": True}}]},
            (400, "invalid_request", ["/scorers/0/config/fuzzy"]),
        ),
        (
            {"scorers": [{"name": "contains", "config": {"texts": ["\0"]}}]},
            (400, "invalid_request", ["/scorers/0/config/texts/0"]),
        ),
        ({"scorers": [{"name": "json_schema"}]}, (422, "unprocessable", ["/scorers/0/config"])),
        ({"scorers": [{"name": "classification"}]}, (422, "unprocessable", ["/scorers/0/config"])),
        ({"scorers": [{"name": "consistency"}]}, (422, "unprocessable", ["/repeats"])),
        (
            {"scorers": [{"name": "exact_match"}, {"name": "exact_match", "config": {"trim": True}}]},
            (400, "invalid_request", ["/scorers/1/config/label"]),
        ),
        ({"format_scorer": "json_schema"}, (400, "invalid_request", ["/format_scorer"])),
        ({"options": {"stream": True}}, (400, "invalid_request", ["/options/stream"])),
        ({"options": {"user": "\0"}}, (400, "invalid_request", ["/options/user"])),
        ({"repeats": 0}, (400, "invalid_request", ["/repeats"])),
    ],
    ids=str,
)
async def test_an_order_that_cannot_be_met_is_refused(
    lab: Lab, fields: dict[str, Any], expected: tuple[int, str, list[str]]
) -> None:
    dataset_id = await lab.dataset(test=2)
    target = base(await lab.connect(None))
    assert (
        await lab.expect_refusal(fields.pop("dataset_id", dataset_id), fields.pop("targets", [target]), **fields)
        == expected
    )


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"model": MODEL}, (400, "invalid_request", ["/targets/1"])),
        ({"connection_id": NOBODY, "model": MODEL}, (422, "unprocessable", ["/targets/1/connection_id"])),
        ({"model_id": NOBODY, "version": "v1.0"}, (422, "unprocessable", ["/targets/1/model_id"])),
        ({"prompt": {"prompt_id": NOBODY}}, (422, "unprocessable", ["/targets/1/prompt/prompt_id"])),
        ({"name": "first"}, (400, "invalid_request", ["/targets/1/name"])),
        ({"name": "reference"}, (400, "invalid_request", ["/targets/1/name"])),
    ],
    ids=str,
)
async def test_a_target_that_is_not_there_is_refused(
    lab: Lab, target: dict[str, Any], expected: tuple[int, str, list[str]]
) -> None:
    dataset_id = await lab.dataset(test=2)
    connection = await lab.connect(None)
    whole = base(connection) if set(target) <= {"prompt", "name"} else {}
    assert await lab.expect_refusal(dataset_id, [base(connection, name="first"), whole | target]) == expected


async def test_a_prompt_that_cannot_ask_is_refused_where_it_is_named(lab: Lab) -> None:
    dataset_id = await lab.dataset(test=2)
    connection = await lab.connect(None)
    prompt = (await lab.create("/prompts", {"name": "ask"}))["id"]
    body = {"messages": [{"role": "user", "content": "{{title}}"}], "variables": [{"name": "title"}]}

    async def refused(**fields: Any) -> tuple[int, str, list[str]]:
        return await lab.expect_refusal(dataset_id, [base(connection, prompt={"prompt_id": prompt} | fields)])

    assert await refused() == (422, "unprocessable", ["/targets/0/prompt/version"])
    await lab.create(f"/prompts/{prompt}/versions", body)
    await lab.create(f"/prompts/{prompt}/versions", body | {"notes": "Other."})
    assert await refused(version=3) == (422, "unprocessable", ["/targets/0/prompt/version"])
    assert await refused(label="production") == (422, "unprocessable", ["/targets/0/prompt/label"])
    assert await refused(version=1, inputs={"name": "/input"}) == (
        422,
        "unprocessable",
        ["/targets/0/prompt/inputs/name"],
    )
    await lab.api.put(f"/v1/prompts/{prompt}/labels/production", json={"weights": {"1": 0.5, "2": 0.5}})
    assert await refused(label="production") == (422, "unprocessable", ["/targets/0/prompt/label"])


async def test_a_judge_needs_to_know_what_it_judges_by(lab: Lab) -> None:
    dataset_id = await lab.dataset(test=2)
    connection = await lab.connect(None)
    target, judge = (
        [base(connection)],
        {"target": {"connection_id": connection, "model": MODEL}, "instruction": "Be right."},
    )

    async def refused(**fields: Any) -> tuple[int, str, list[str]]:
        return await lab.expect_refusal(dataset_id, target, judges=[judge | fields])

    assert await refused(instruction=None) == (422, "unprocessable", ["/judges/0/instruction"])
    assert await refused(kind="geval") == (400, "invalid_request", ["/judges/0/criterion"])
    assert await refused(kind="pairwise", against="nobody") == (422, "unprocessable", ["/judges/0/against"])
    assert await refused(against="reference") == (400, "invalid_request", ["/judges/0/against"])
    assert await refused(label="exact_match") == (400, "invalid_request", ["/judges/0/label"])
    assert await refused(target={"model": MODEL}) == (400, "invalid_request", ["/judges/0/target"])


@pytest.mark.parametrize(("scorer", "module"), [("bleu", "sacrebleu"), ("rougeL", "rouge_score"), ("words", "scipy")])
async def test_a_scorer_whose_extra_is_not_installed_is_refused_before_anything_is_paid(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, scorer: str, module: str
) -> None:
    dataset_id = await lab.dataset(test=2)
    target = base(await lab.connect(None))
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, module, None)
        assert await lab.expect_refusal(dataset_id, [target], scorers=[{"name": scorer}]) == (501, "missing_extra", [])
    assert (await lab.read("/evaluations"))["data"] == []
    assert await lab.request_evaluation(dataset_id, [target], scorers=[{"name": scorer}])


async def test_nothing_is_recorded_of_what_was_refused(lab: Lab) -> None:
    dataset_id = await lab.dataset(test=2)
    await lab.expect_refusal(dataset_id, [base(await lab.connect(None))], split="train")
    assert (await lab.read("/evaluations"))["data"] == []
    assert (await lab.read("/operations", kind="evaluation"))["data"] == []


async def test_rows_that_a_target_was_trained_on_are_refused_unless_forced(lab: Lab, api: httpx.AsyncClient) -> None:
    dataset_id = await lab.dataset(train=6, test=3)
    connection = await lab.connect(None)
    tune_id = await lab.record_tune(connection, dataset_id, "ft:headlines")
    model = (await lab.create("/models", {"name": "headlines"}))["id"]
    await lab.create(f"/models/{model}/versions", {"tune_id": tune_id})
    ours = {"model_id": model, "version": "v1.0"}
    assert await lab.expect_refusal(dataset_id, [base(connection), ours], split="train") == (
        422,
        "leakage",
        ["/targets/1"],
    )
    # By the provider's name it is the same model.
    by_name = base(connection, model="ft:headlines")
    assert await lab.expect_refusal(dataset_id, [by_name], split="train") == (422, "leakage", ["/targets/0"])
    evaluation = await lab.read(f"/evaluations/{await lab.request_evaluation(dataset_id, [base(connection), ours])}")
    assert evaluation["leakage"] == {"forced": False, "targets": []}
    forced = await lab.request_evaluation(dataset_id, [base(connection), ours], split="train", force_leakage=True)
    leakage = (await lab.read(f"/evaluations/{forced}"))["leakage"]
    assert leakage["forced"] is True
    leak = leakage["targets"][0]
    assert (leak["target"], leak["trained"], leak["equal"], len(leak["examples"])) == ("headlines v1.0", 6, 0, 6)


async def test_an_equal_text_in_another_dataset_leaks_too_and_says_how_much(lab: Lab, api: httpx.AsyncClient) -> None:
    taught = await lab.dataset(train=4)
    connection = await lab.connect(None)
    await lab.record_tune(connection, taught, "ft:headlines")
    other_dataset = (await lab.create("/datasets", {"name": "others"}))["id"]
    texts = [headline(2), headline(3), headline(77)]
    ids = await lab.add(other_dataset, [{"content": text, "split": "test"} for text in texts])
    await lab.freeze(other_dataset, "v1")
    body = {
        "name": "x",
        "dataset_id": other_dataset,
        "version": "v1",
        "targets": [base(connection, model="ft:headlines")],
    }
    sent = await api.post("/v1/evaluations", json=body | {"scorers": [{"name": "exact_match"}]})
    assert (sent.status_code, sent.json()["code"]) == (422, "leakage")
    detail = sent.json()["errors"][0]["detail"]
    assert "Of 3 rows, 2 have the same text as one trained on" in detail
    assert [example in detail for example in ids] == [True, True, False]


async def test_what_a_tuned_model_was_tuned_from_counts_and_validation_is_only_told(lab: Lab) -> None:
    first, second = await lab.dataset(train=3, test=2), await lab.dataset(train=8, test=2)
    connection = await lab.connect(None)
    await lab.record_tune(connection, first, "ft:one", validation="test")
    await lab.record_tune(connection, second, "ft:two", base_model="ft:one")
    tuned = base(connection, model="ft:two")
    assert await lab.expect_refusal(first, [tuned], split="train") == (422, "leakage", ["/targets/0"])
    leakage = (
        await lab.read(f"/evaluations/{await lab.request_evaluation(first, [base(connection, model='ft:one')])}")
    )["leakage"]
    assert (leakage["forced"], leakage["targets"][0]["validated"], leakage["targets"][0]["trained"]) == (False, 2, 0)


async def test_rows_that_a_prompt_shows_are_refused(lab: Lab) -> None:
    dataset_id = await lab.dataset(train=4, test=2)
    connection = await lab.connect(None)
    prompt = (await lab.create("/prompts", {"name": "ask"}))["id"]
    draw = {"dataset_id": dataset_id, "k": 3, "rating_gte": None}
    body = {"messages": [{"role": "user", "content": "{{title}}"}], "variables": [{"name": "title"}], "examples": draw}
    await lab.create(f"/prompts/{prompt}/versions", body)
    targets = [base(connection), base(connection, prompt={"prompt_id": prompt})]
    assert await lab.expect_refusal(dataset_id, targets, split="train") == (422, "leakage", ["/targets/1"])
    assert await lab.request_evaluation(dataset_id, targets)
