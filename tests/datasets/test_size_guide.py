"""The ladder: on which step examples stand, and what the next one wants."""

import httpx
import pytest

from service.datasets.size_guide import Step, build_ladder
from tests.datasets.example_bodies import Json, add_many, chat, five_stars, make_dataset, ok


@pytest.mark.parametrize(
    ("counts", "step", "missing"),
    [
        ({}, "by_hand", 10),
        ({"by_hand": 7}, "by_hand", 3),
        ({"by_hand": 12}, "reviewed", 30),
        ({"by_hand": 10, "reviewed": 30, "synthesized": 990}, "synthesized", 10),
        ({"synthesized": 1_000}, "served", None),
        ({"by_hand": 10, "synthesized": 500, "served": 70}, "reviewed", 30),
    ],
)
def test_the_next_step_is_the_first_that_wants_more(counts: dict[Step, int], step: Step, missing: int | None) -> None:
    next_step = build_ladder(counts).next
    assert (next_step.step, next_step.missing) == (step, missing)
    assert missing is None or f" {missing} " in next_step.advice


async def test_examples_stand_on_steps_by_source_and_review(api: httpx.AsyncClient) -> None:
    dataset_id = await make_dataset(api)

    def made(source: str, count: int, **more: Json) -> list[Json]:
        return [{"content": chat(f"{source} {n}"), "source": {"type": source}, **more} for n in range(count)]

    new = [*made("human", 9), *made("import", 3), *made("synthetic", 5), *made("document", 2), *made("log", 4)]
    await add_many(api, dataset_id, [*new, *made("synthetic", 1, rating=five_stars(4))])
    stats = await ok(await api.get(f"/v1/datasets/{dataset_id}/stats"))
    assert {step["step"]: step["examples"] for step in stats["ladder"]["steps"]} == {
        "by_hand": 12,
        "reviewed": 1,
        "synthesized": 7,
        "served": 4,
    }
    assert stats["reviewed"] == {"synthetic": 1}
    assert (stats["ladder"]["next"]["step"], stats["ladder"]["next"]["missing"]) == ("reviewed", 29)
