"""The people of the demo, two raters: how they judge headlines, and how they repair the bad ones."""

from typing import Any

import msgspec

from service.demo.demo_client import Client, each
from service.demo.progress_printer import Step

NEEDS_WORK = "needs-work"
MIDDLING = 40  # each headline with a number divisible by it is merely fair: it stays out of versions rated 4 and more
SAYS_IT = "Says what happened"
LENGTH = "Has 5 to 12 words"
SHORTEST, LONGEST = 5, 12
REQUIREMENTS = [
    {
        "name": SAYS_IT,
        "instruction": "Whoever reads only the headline knows what happened, and to whom.",
        "priority": 0,
        "rating_type": "pass_fail",
    },
    {"name": LENGTH, "instruction": "Between 5 and 12 words.", "priority": 2, "rating_type": "pass_fail"},
]


class Rater(msgspec.Struct, frozen=True, kw_only=True):
    """`strict` takes a star off where opinions may differ."""

    client: Client
    strict: bool


def rating(example: Any, *, strict: bool) -> dict[str, Any]:
    """What a rater says of an example: 4 or 5 stars, 3 for a middling one, 1 or 2 for one that needs work."""
    number = int(example["external_id"].rpartition("-")[2])
    if NEEDS_WORK in example["tags"] and not example["repaired"]:
        stars, passes = (1 if strict else 2), False
    else:
        stars, passes = 3 if number % MIDDLING == 0 else 5 - (strict and number % 2), True
    said = {"overall": {"type": "stars", "value": stars}}
    if number % 4 and passes:
        return said
    words = len(example["content"]["messages"][-1]["content"].split())
    marks = {SAYS_IT: passes, LENGTH: SHORTEST <= words <= LONGEST}
    named = {name: {"type": "pass_fail", "value": "pass" if good else "fail"} for name, good in marks.items()}
    return said | {"requirements": named}


async def rate(raters: list[Rater], examples: list[Any], step: Step) -> None:
    """Every rater rates every example; `step` moves once for each rating."""

    async def one(wanted: tuple[Rater, Any]) -> None:
        rater, example = wanted
        await rater.client.put(f"/examples/{example['id']}/rating", rating(example, strict=rater.strict))

    await each([(rater, example) for example in examples for rater in raters], one, done=step.advance)


async def repair(rater: Rater, examples: dict[str, Any], repairs: list[Any], step: Step) -> list[Any]:
    """Give the bad ones their better headlines; the examples as they are then."""
    repaired = []

    async def one(wanted: Any) -> None:
        example = examples[wanted["external_id"]]
        better = {"instruction": wanted["instruction"], "output": wanted["output"], "reason": "Rated 2 and worse."}
        repaired.append(await rater.client.post(f"/examples/{example['id']}/repair", better))

    await each(repairs, one, done=step.advance)
    return repaired
