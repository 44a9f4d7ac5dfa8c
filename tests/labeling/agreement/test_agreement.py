"""Every measure of agreement against published figures, or against another library's."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from service.errors import Invalid
from service.labeling.agreement import beyond_chance, raw_agreement
from service.labeling.agreement.agreement_metrics import METRICS, parse_metrics
from service.labeling.agreement.agreement_rows import AgreementRow, By, MeasuredQuestion, build_rows
from service.labeling.agreement.annotation_units import Unit, binarize
from service.labeling.annotators import Annotator

ANN, BEN, CEM, DAN = people = [Annotator(name=name) for name in ("ann", "ben", "cem", "dan")]
CURIE = Annotator(name="curie", kind="model")

# J. L. Fleiss, "Measuring nominal scale agreement among many raters", Psychological Bulletin 76 (1971), table 1:
# 30 patients, six psychiatrists each; how many said depression, personality disorder, schizophrenia, neurosis, other.
DIAGNOSES = ("depression", "personality disorder", "schizophrenia", "neurosis", "other")
FLEISS_1971 = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""
# J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960),
# table 1, as counts of 200: rows are one judge's, columns the other's. Printed: kappa = .492.
COHEN_1960 = ((88, 14, 18), (10, 40, 10), (2, 6, 12))
# K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), sections A, B and C; . is missing.
BINARY = ("0100000010", "1110010000")
NOMINAL = ("aabbdcccedda", "babbbccceddd")
MISSING = ("123321412...", "1233224125.3", ".3332342251.", "1233244125 1.".replace(" ", ""))
# The worked example of en.wikipedia.org/wiki/Krippendorff's_alpha: three coders, 15 units. Given there: 0.691.
WIKIPEDIA = (".....34121133.3", "1.21334 3.......".replace(" ", ""), "..21344.21133.4")


def choice(*categories: str) -> frozenset[str]:
    return frozenset(categories)


def counted(table: str) -> list[Unit]:
    """Digits as how many annotators, whoever they are, chose each category."""
    units: list[Unit] = []
    for row in table.split():
        answers = [DIAGNOSES[place] for place, digit in enumerate(row) for _ in range(int(digit))]
        units.append({Annotator(name=str(number)): choice(answer) for number, answer in enumerate(answers)})
    return units


def coded(observers: Sequence[str]) -> list[Unit]:
    """One string an observer, one character a unit."""
    columns = zip(*observers, strict=True)
    return [{who: choice(c) for who, c in zip(people, column, strict=False) if c != "."} for column in columns]


def cross(table: Sequence[Sequence[int]]) -> list[Unit]:
    return [
        {ANN: choice(str(one)), BEN: choice(str(other))}
        for one, row in enumerate(table)
        for other, number in enumerate(row)
        for _ in range(number)
    ]


def value(measured: object) -> float:
    number = getattr(measured, "value", None)
    assert isinstance(number, float), measured
    return number


def test_fleiss_kappa_is_the_one_that_fleiss_printed() -> None:
    units = counted(FLEISS_1971)
    assert [len(unit) for unit in units] == [6] * 30
    assert value(beyond_chance.fleiss_kappa(units)) == pytest.approx(0.430, abs=0.0005)
    assert value(raw_agreement.pairwise(units)) == pytest.approx(0.5556, abs=0.00005)


def test_by_category_fleiss_kappa_is_the_one_that_fleiss_printed_for_each_diagnosis() -> None:
    units = counted(FLEISS_1971)
    values_found = [value(beyond_chance.fleiss_kappa(binarize(units, category))) for category in DIAGNOSES]
    assert values_found == pytest.approx([0.245, 0.245, 0.520, 0.471, 0.566], abs=0.0006)


def test_cohens_kappa_is_the_one_that_cohen_printed() -> None:
    units = cross(COHEN_1960)
    assert value(beyond_chance.cohen_kappa(units)) == pytest.approx(0.492, abs=0.0005)
    assert value(raw_agreement.raw_share(units)) == pytest.approx(0.70)


@pytest.mark.parametrize(
    ("observers", "published"), [(BINARY, 0.095), (NOMINAL, 0.692), (MISSING, 0.743), (WIKIPEDIA, 0.691)]
)
def test_krippendorffs_alpha_is_the_published_one(observers: Sequence[str], published: float) -> None:
    assert value(beyond_chance.krippendorff_alpha(coded(observers))) == pytest.approx(published, abs=0.0005)


def test_the_score_of_kilis_tutorial_is_one_over_the_categories_chosen() -> None:
    """Kili Technology, recipes/finetuning_openai.ipynb: 1 where model and person agree, ½ where they do not."""
    same, differ = (
        {ANN: choice("politics"), CURIE: choice("politics")},
        {ANN: choice("politics"), CURIE: choice("media")},
    )
    assert value(raw_agreement.kili_consensus([same])) == 1
    assert value(raw_agreement.kili_consensus([differ])) == 0.5
    assert value(
        raw_agreement.kili_consensus([{ANN: choice("a"), BEN: choice("b"), CEM: choice("c")}])
    ) == pytest.approx(1 / 3)
    assert value(raw_agreement.kili_consensus([{ANN: choice("a"), BEN: choice("a"), CEM: choice("c")}])) == 0.5
    # Of its 800 headlines the base model had 671 wrong: it was right 0.16125 of the time.
    units = [same] * 129 + [differ] * 671
    assert value(raw_agreement.raw_share(units)) == 0.16125
    assert value(raw_agreement.kili_consensus(units)) == pytest.approx((129 + 671 / 2) / 800)


def test_jaccard_is_the_one_of_scikit_learn() -> None:
    from sklearn.metrics import jaccard_score  # noqa: PLC0415 - slow to import

    one = [choice("a", "b"), choice("c"), choice("a", "b", "c"), choice("b")]
    other = [choice("a"), choice("c"), choice("b", "c"), choice("a", "c")]
    units: list[Unit] = [{ANN: mine, BEN: theirs} for mine, theirs in zip(one, other, strict=True)]
    as_bits = [[[int(name in answer) for name in "abc"] for answer in answers] for answers in (one, other)]
    assert value(raw_agreement.jaccard(units)) == pytest.approx(jaccard_score(*as_bits, average="samples"))
    assert value(raw_agreement.jaccard([{ANN: choice(), BEN: choice()}])) == 1


def test_shares_count_what_they_say() -> None:
    """Three of three, two of three, one of two."""
    units: list[Unit] = [
        dict.fromkeys((ANN, BEN, CEM), choice("a")),
        {ANN: choice("a"), BEN: choice("a"), CEM: choice("b")},
        {ANN: choice("a"), BEN: choice("b")},
        {ANN: choice("a")},
    ]
    assert value(raw_agreement.raw_share(units)) == pytest.approx(1 / 3)
    assert value(raw_agreement.pairwise(units)) == pytest.approx((3 + 1 + 0) / (3 + 3 + 1))
    assert value(raw_agreement.majority_share(units)) == pytest.approx((1 + 2 / 3 + 1 / 2) / 3)


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize(
    "units",
    [
        pytest.param([], id="nothing"),
        pytest.param([{ANN: choice("a")}, {ANN: choice("b")}, {BEN: choice("a")}], id="each example labelled once"),
    ],
)
def test_where_nothing_can_be_compared_there_is_a_reason_and_no_number(name: str, units: list[Unit]) -> None:
    measured = METRICS[name].measure(units)
    assert measured.value is None
    assert measured.reason == "No example has labels of two annotators."


@pytest.mark.parametrize("name", ["cohen_kappa@1", "fleiss_kappa@1", "krippendorff_alpha@1"])
def test_beyond_chance_is_undefined_when_only_one_category_was_chosen(name: str) -> None:
    measured = METRICS[name].measure([{ANN: choice("a"), BEN: choice("a")}] * 3)
    assert (measured.value, "Only one category" in (measured.reason or "")) == (None, True)


def test_cohens_kappa_of_three_is_undefined_and_fleiss_of_uneven_numbers() -> None:
    three: list[Unit] = [{ANN: choice("a"), BEN: choice("b"), CEM: choice("a")}]
    assert beyond_chance.cohen_kappa(three).reason == "Cohen's kappa needs exactly two annotators; there are 3."
    uneven: list[Unit] = [*three, {ANN: choice("a"), BEN: choice("b")}]
    assert "there are 2 to 3" in (beyond_chance.fleiss_kappa(uneven).reason or "")
    assert beyond_chance.krippendorff_alpha(uneven).value is not None


def table(units: Sequence[Unit], *, against: Annotator | None = None, metrics: str | None = None) -> MeasuredQuestion:
    by_id = {UUID(int=number): unit for number, unit in enumerate(units)}
    return MeasuredQuestion(
        name="topic", units=by_id, categories=("a", "b"), metrics=parse_metrics(metrics), against=against
    )


UNITS: list[Unit] = [
    {ANN: choice("a"), BEN: choice("a"), CURIE: choice("b")},
    {ANN: choice("a"), BEN: choice("b"), CURIE: choice("b")},
    {ANN: choice("b"), BEN: choice("b")},
    {ANN: choice("b"), CURIE: choice("b")},
    {DAN: choice("a")},
]


def values(rows: Sequence[AgreementRow], metric: str) -> list[float | None]:
    return [row.values[metric].value for row in rows]


def test_by_pair_each_two_annotators_are_measured_alone() -> None:
    rows = build_rows(table(UNITS), "pair")
    by_pair = {(row.annotator, row.other): row for row in rows}
    assert by_pair[(ANN, BEN)].values["raw_share@1"].value == pytest.approx(2 / 3)
    assert (by_pair[(ANN, BEN)].examples, by_pair[(ANN, BEN)].labels) == (3, 6)
    assert by_pair[(ANN, DAN)].values["raw_share@1"].value is None
    assert by_pair[(ANN, BEN)].values["cohen_kappa@1"].value == pytest.approx(0.4)


def test_by_annotator_is_the_mean_of_its_pairs_weighted_by_what_they_share() -> None:
    by_annotator = {row.annotator: row for row in build_rows(table(UNITS), "annotator")}
    assert by_annotator[ANN].values["raw_share@1"].value == pytest.approx((2 / 3 * 3 + 1 / 3 * 3) / 6)
    assert by_annotator[DAN].values["raw_share@1"].reason == "No example has labels of two annotators."
    assert (by_annotator[ANN].examples, by_annotator[DAN].examples) == (4, 0)


def test_a_model_is_held_against_the_people_with_the_same_measures() -> None:
    [row] = build_rows(table(UNITS, against=CURIE), "task")
    assert row.examples == 3
    assert row.values["raw_share@1"].value == pytest.approx((1 / 3 * 3 + 1 / 2 * 2) / 5)
    pairs = build_rows(table(UNITS, against=CURIE), "pair")
    assert {(pair.annotator, pair.other) for pair in pairs} == {(ANN, CURIE), (BEN, CURIE)}
    people_of = {row.annotator: row for row in build_rows(table(UNITS, against=CURIE), "annotator")}
    assert people_of[BEN].values["raw_share@1"].value == pytest.approx(1 / 2)


def test_by_example_only_those_with_two_labels_are_told_and_nothing_beyond_chance() -> None:
    rows = build_rows(table(UNITS), "example")
    assert [row.example_id for row in rows] == [UUID(int=number) for number in range(4)]
    assert values(rows, "majority_share@1") == pytest.approx([2 / 3, 2 / 3, 1, 1])
    assert values(rows, "krippendorff_alpha@1") == [None] * 4


def test_by_category_those_who_chose_it_are_held_against_the_rest() -> None:
    rows = build_rows(table(UNITS), "category")
    assert [(row.category, row.examples) for row in rows] == [("a", 2), ("b", 4)]
    assert values(rows, "raw_share@1") == pytest.approx([0, 0.5])


@pytest.mark.parametrize("by", ["task", "example", "annotator", "pair", "category"])
def test_of_no_labels_at_all_every_grouping_can_be_told(by: By) -> None:
    assert all(value.value is None for row in build_rows(table([]), by) for value in row.values.values())


def test_metrics_are_named_with_or_without_their_version() -> None:
    assert [metric.name for metric in parse_metrics("raw_share, cohen_kappa@1")] == ["raw_share@1", "cohen_kappa@1"]
    assert len(parse_metrics(None)) == len(METRICS)
    for wrong in ("accuracy", "raw_share@2", ""):
        with pytest.raises(Invalid):
            parse_metrics(wrong)
