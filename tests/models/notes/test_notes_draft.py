import math
from typing import Any
from uuid import UUID

import msgspec

from service.datasets.examples.ratings import ExampleLabel
from service.datasets.versions.diff import Difference, Side
from service.models.domain import Changes
from service.models.gates.domain import Facts
from service.models.notes.draft_facts import EXAMPLES_PER_KIND, select_notable
from service.models.notes.notes_draft import DraftFacts, NotableExample, Origin, write_draft
from tests.models.measurements import dollars, measured, score

FIRST = Origin(
    base_model="gpt-4o-mini",
    provider_model="ft:gpt-4o-mini:one",
    dataset="headlines",
    dataset_version="v1",
    method="supervised",
    parameters={"n_epochs": 3, "seed": 7},
    train_examples=100,
    validation_examples=10,
)
SECOND = msgspec.structs.replace(
    FIRST,
    provider_model="ft:gpt-4o-mini:two",
    dataset_version="v2",
    parameters={"n_epochs": 4, "seed": 7},
    train_examples=120,
)
FACTS = Facts(
    versions={
        "v1.0": measured(0.52),
        "v1.1": measured(
            0.55,
            others=(score(0.61, low=0.52, high=0.7, on="test of headlines v2"),),
            format_validity=0.97,
            human_rating=4.25,
            human_ratings=12,
            cost_per_thousand=dollars("0.30"),
            latency_p95_ms=812.5,
        ),
    },
    base=measured(0.5, format_validity=0.8),
)
STORY = DraftFacts(
    version="v1.1",
    origin=SECOND,
    previous="v1.0",
    before=FIRST,
    changes=Changes(added=20, edited=3, removed=1),
    notable=(NotableExample(example_id=UUID(int=5), change="edited", reason="answer repaired"),),
    facts=FACTS,
)
TOLD_OF_IT = """\
v1.1: `gpt-4o-mini`, tuned (supervised), as `ft:gpt-4o-mini:two`.

## Data since v1.0

`headlines`, version `v2` (before: `v1`): 20 added, 3 edited, 1 removed.

- edited `00000000-0000-0000-0000-000000000005`: answer repaired

## Base and parameters

- base model: `gpt-4o-mini`
- method: supervised
- examples: 120 for training, 10 for validation
- `n_epochs`: `4` (before: `3`)
- `seed`: `7`

## Scores

|  | v1.1 | v1.0 | base model |
| --- | --- | --- | --- |
| exact_match | 0.55 (n = 120) | 0.52 (n = 120) | 0.5 (n = 120) |
| exact_match, test of headlines v2 | 0.61 (0.52 to 0.7, n = 120) | - | - |
| format validity | 97% | - | 80% |
| human rating | 4.25 stars (n = 12) | - | - |
| cost of 1,000 answers | 0.30 USD | - | - |
| latency, p95 | 812.5 ms | - | - |
"""


def told(**fields: Any) -> str:
    return write_draft(msgspec.structs.replace(STORY, **fields))


def side(content: bytes | None = b"{}", **overrides: Any) -> Side:
    raw = None if content is None else msgspec.Raw(content)
    fields: dict[str, Any] = {"rating": None, "repaired": False, "label": None, "split": "train"} | overrides
    return Side(example_id=UUID(int=0), version=1, content=raw, metadata=None, tags=[], **fields)


def edited(number: int, before: Any, after: Any) -> Difference:
    return Difference(example_id=UUID(int=number), change="edited", changed=["content"], before=before, after=after)


def added(number: int, rating: float | None) -> Difference:
    return Difference(example_id=UUID(int=number), change="added", changed=[], before=None, after=side(rating=rating))


def removed(number: int, rating: float | None) -> Difference:
    return Difference(example_id=UUID(int=number), change="removed", changed=[], before=side(rating=rating), after=None)


def chosen(*difference: Difference) -> list[tuple[int, str]]:
    return [(telling.example_id.int, telling.reason) for telling in select_notable(difference)]


def test_a_draft_tells_the_data_the_making_and_the_scores() -> None:
    assert write_draft(STORY) == TOLD_OF_IT


def test_the_same_story_gives_the_same_text() -> None:
    turned = dict(reversed(list(SECOND.parameters.items())))
    assert told(origin=msgspec.structs.replace(SECOND, parameters=turned)) == TOLD_OF_IT


def test_the_first_version_is_told_as_such() -> None:
    text = told(version="v1.0", origin=FIRST, previous=None, before=None, changes=None, notable=())
    assert "The first version, on `headlines`, version `v1`." in text
    assert "before" not in text
    assert "|  | v1.0 | base model |" in text


def test_another_dataset_is_not_counted_against() -> None:
    other = msgspec.structs.replace(SECOND, dataset="news")
    assert "Another dataset than that of v1.0: `news`, version `v2`." in told(origin=other, changes=None, notable=())


def test_a_parameter_that_was_dropped_is_told() -> None:
    fewer = msgspec.structs.replace(SECOND, parameters={"n_epochs": 4})
    assert "- `seed`: not given (before: `7`)" in told(origin=fewer)
    more = msgspec.structs.replace(SECOND, parameters={**SECOND.parameters, "lora_r": 8})
    assert "- `lora_r`: `8` (before: not given)" in told(origin=more)


def test_another_base_is_told_with_the_one_before() -> None:
    text = told(origin=msgspec.structs.replace(SECOND, base_model="llama"))
    assert "- base model: `llama` (before: `gpt-4o-mini`)" in text


def test_a_model_from_elsewhere_has_no_method_and_no_data() -> None:
    text = told(origin=Origin(base_model="llama", provider_model="mine"), changes=None, notable=())
    assert text.startswith("v1.1: `llama`, registered from elsewhere, as `mine`.\n")
    assert "No dataset is on record." in text
    assert "- method" not in text


def test_without_an_evaluation_the_draft_says_so_in_place_of_numbers() -> None:
    text = told(facts=Facts(base=measured(0.5)))
    assert text.endswith("## Scores\n\nNo evaluation of v1.1 is on record.\n")


def test_numbers_that_are_none_leave_no_trace_of_a_number() -> None:
    nothing = measured(math.nan, format_validity=math.nan, cost_per_thousand=dollars("NaN"))
    text = told(facts=Facts(versions={"v1.1": nothing}))
    assert "nan" not in text.lower()
    assert "| exact_match | - | - | - |" in text


def test_a_name_cannot_break_out_of_its_place() -> None:
    origin = msgspec.structs.replace(SECOND, base_model="a`b\n# Shout | x", dataset="x\n- y")
    text = told(origin=origin, before=None, facts=Facts(versions={"v1.1": measured(0.1, others=(odd(),))}))
    assert "`a'b # Shout / x`" in text
    assert "\n# Shout" not in text
    assert "\n- y" not in text
    assert all(line.count("|") == 5 for line in text.splitlines() if line.startswith("|")), text


def odd() -> Any:
    return score(0.2, on="a | b\nc")


def test_the_longest_draft_fits_into_a_note() -> None:
    names = [f"{number:03}{'p' * 97}" for number in range(33)]
    long = msgspec.structs.replace(
        FIRST,
        base_model="b" * 300,
        provider_model="p" * 300,
        parameters=dict.fromkeys(names, "x" * 200),
        dataset="d" * 200,
    )
    olds = {f"{name[:-1]}o": "y" * 200 for name in names}
    other = msgspec.structs.replace(long, base_model="c" * 300, parameters=olds)
    scores = tuple(score(0.123456789, low=0.1, high=0.2, on=f"{number} {'o' * 300}") for number in range(60))
    telling = STORY.notable * (3 * EXAMPLES_PER_KIND)
    measures = measured(0.1, others=scores)
    text = told(origin=long, before=other, notable=telling, facts=Facts(versions={"v1.0": measures, "v1.1": measures}))
    assert 10_000 < len(text) <= 20_000


def test_repairs_are_more_telling_than_edits_and_edits_than_ratings() -> None:
    differences = [
        edited(1, side(), side()),
        edited(2, side(rating=2), side(rating=5)),
        edited(3, side(), side(b'{"a":1}')),
        edited(4, side(rating=1), side(b'{"a":2}', repaired=True)),
        edited(5, side(), side(label=ExampleLabel(answers={"topic": ("sports",)}, rule="majority"))),
    ]
    assert chosen(*differences) == [
        (4, "answer repaired, rated 1 before and not now"),
        (3, "content edited"),
        (5, "relabeled"),
    ]
    assert chosen(*differences[:2]) == [(2, "rating only, rated 2 before and 5 now"), (1, "tags or metadata edited")]


def test_the_best_that_were_added_and_the_worst_that_were_removed_are_told() -> None:
    differences = [
        added(1, None),
        added(2, 3),
        added(3, 5),
        added(4, 4),
        removed(5, None),
        removed(6, 4.5),
        removed(7, 1),
    ]
    assert chosen(*differences) == [
        (3, "rated 5"),
        (4, "rated 4"),
        (2, "rated 3"),
        (7, "rated 1"),
        (6, "rated 4.5"),
        (5, "not rated"),
    ]


def test_of_equals_the_oldest_is_told_whatever_order_they_come_in() -> None:
    differences = [added(number, 4) for number in range(9)]
    assert chosen(*differences) == chosen(*reversed(differences)) == [(0, "rated 4"), (1, "rated 4"), (2, "rated 4")]


def test_an_erased_text_is_not_said_to_differ() -> None:
    assert chosen(edited(1, side(None), side(b"x", rating=4))) == [(1, "rating only, rated not before and 4 now")]
