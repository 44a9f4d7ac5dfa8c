"""Marks on the scale of stars."""

import msgspec
import pytest

from service.datasets.examples.ratings import Mark, PassFail, PassFailCritical, Rating, Stars, average, score, stars


@pytest.mark.parametrize(
    ("mark", "worth"),
    [
        (Stars(value=1), 1),
        (Stars(value=5), 5),
        (PassFail(value="pass"), 5),
        (PassFail(value="fail"), 2),
        (PassFailCritical(value="pass"), 5),
        (PassFailCritical(value="fail"), 2),
        (PassFailCritical(value="critical"), 1),
    ],
)
def test_every_mark_is_worth_stars(mark: Mark, worth: float) -> None:
    assert stars(mark) == worth


def test_the_overall_mark_counts_alone() -> None:
    assert score(Rating(overall=Stars(value=2), requirements={"tone": PassFail(value="pass")})) == 2


def test_without_an_overall_mark_the_requirements_mean_counts() -> None:
    marks: dict[str, Mark] = {
        "tone": PassFail(value="pass"),
        "facts": PassFailCritical(value="critical"),
        "length": Stars(value=3),
    }
    assert score(Rating(requirements=marks)) == 3


def test_raters_count_alike_however_many_marks_they_gave() -> None:
    many = Rating(requirements={name: Stars(value=1) for name in "abc"})
    assert average({"ann": many, "ben": Rating(overall=Stars(value=4))}) == 2.5
    assert average({}) is None


@pytest.mark.parametrize(
    "text",
    [
        '{"overall": {"type": "stars", "value": 0}}',
        '{"overall": {"type": "stars", "value": 6}}',
        '{"overall": {"type": "stars", "value": 4.5}}',
        '{"overall": {"type": "pass_fail", "value": "critical"}}',
        '{"overall": {"type": "thumbs", "value": 1}}',
        '{"overall": 4}',
    ],
)
def test_a_mark_off_its_scale_is_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=Rating)
