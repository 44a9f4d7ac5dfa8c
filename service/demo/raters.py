"""The demo's two raters: how they rate headlines, and repair bad ones."""

from typing import Any

import msgspec

from service.demo.demo_client import Client, for_each
from service.demo.progress_printer import Step

NEEDS_WORK = "needs-work"
FAIR_EVERY = 40  # every 40th headline is rated 3, and so left out of versions rated 4 and up
SAYS_WHAT_HAPPENED = "Says what happened"
LENGTH = "Has 5 to 12 words"
MIN_WORDS, MAX_WORDS = 5, 12
REQUIREMENTS = [
    {
        "name": SAYS_WHAT_HAPPENED,
        "instruction": "Whoever reads only the headline knows what happened, and to whom.",
        "priority": 0,
        "rating_type": "pass_fail",
    },
    {"name": LENGTH, "instruction": "Between 5 and 12 words.", "priority": 2, "rating_type": "pass_fail"},
]


class Rater(msgspec.Struct, frozen=True, kw_only=True):
    """A `strict` rater gives a star less to some headlines."""

    client: Client
    strict: bool


def build_rating(example: Any, *, strict: bool) -> dict[str, Any]:
    """Build a rating: 4 or 5 stars, 3 for a fair headline, 1 or 2 for one that needs work."""
    number = int(example["external_id"].rpartition("-")[2])
    if NEEDS_WORK in example["tags"] and not example["repaired"]:
        stars, passes = (1 if strict else 2), False
    else:
        stars, passes = 3 if number % FAIR_EVERY == 0 else 5 - (strict and number % 2), True
    body = {"overall": {"type": "stars", "value": stars}}
    if number % 4 and passes:
        return body
    words = len(example["content"]["messages"][-1]["content"].split())
    passed_by_requirement = {SAYS_WHAT_HAPPENED: passes, LENGTH: MIN_WORDS <= words <= MAX_WORDS}
    requirements = {
        name: {"type": "pass_fail", "value": "pass" if good else "fail"} for name, good in passed_by_requirement.items()
    }
    return body | {"requirements": requirements}


async def rate(raters: list[Rater], examples: list[Any], step: Step) -> None:
    """Let every rater rate every example; `step` advances with each rating."""

    async def rate_one(item: tuple[Rater, Any]) -> None:
        rater, example = item
        await rater.client.put(f"/examples/{example['id']}/rating", build_rating(example, strict=rater.strict))

    await for_each([(rater, example) for example in examples for rater in raters], rate_one, on_done=step.advance)


async def repair(rater: Rater, examples: dict[str, Any], repairs: list[Any], step: Step) -> list[Any]:
    """Repair the bad headlines; returns the repaired examples."""
    repaired = []

    async def rate_one(item: Any) -> None:
        example = examples[item["external_id"]]
        better = {"instruction": item["instruction"], "output": item["output"], "reason": "Rated 2 and worse."}
        repaired.append(await rater.client.post(f"/examples/{example['id']}/repair", better))

    await for_each(repairs, rate_one, on_done=step.advance)
    return sorted(repaired, key=lambda example: str(example["external_id"]))
