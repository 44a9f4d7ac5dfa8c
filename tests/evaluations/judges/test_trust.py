"""Judges beside people, against published figures and other libraries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.evaluations.judges.trust import measure_trust, name_strength

# Wikipedia's first example of Cohen's kappa: 20 yes by both, 5 and 10 by one of them, 15 no by both; kappa is 0.4.
YES_NO = [(1, 1)] * 20 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 15


def test_kappa_has_the_figure_of_the_example_of_50_grants() -> None:
    trust = measure_trust([a for a, _ in YES_NO], [b for _, b in YES_NO])
    assert trust.kappa == pytest.approx(0.4)
    assert trust.agreement.estimate == pytest.approx(35 / 50)
    assert trust.words == "agrees with people on 70% of 50 examples, Cohen's kappa 0.40 (fair)"


def test_kappas_of_stars_are_those_of_statsmodels() -> None:
    judge = [1, 2, 3, 4, 5, 4, 3, 2, 1, 5, 3, 3, 4, 2, 5]
    people = [1, 2, 4, 4, 5, 3, 3, 1, 1, 5, 2, 3, 5, 2, 4]
    trust = measure_trust(judge, people)
    assert trust.kappa == pytest.approx(0.5)  # statsmodels 0.15.0, cohens_kappa
    assert trust.weighted_kappa == pytest.approx(0.8928571428571429)  # with wt="quadratic"


def test_spearmans_rho_has_the_figure_of_the_example_of_iq_and_television() -> None:
    # Wikipedia's example of Spearman's coefficient: IQ beside hours of television; rho is -29/165.
    iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]
    assert measure_trust(iq, hours).spearman == pytest.approx(-29 / 165)


def test_kendalls_tau_has_the_figures_of_r_and_of_the_formula() -> None:
    # R's cor.test on Hollander and Wolfe 1973, page 187: assessment of tuna's quality; tau is 0.4444444.
    lightness = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
    panel = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]
    assert measure_trust(lightness, panel).kendall == pytest.approx(4 / 9)
    # With ties, tau-b: (concordant - discordant) / sqrt((pairs - tied in x) · (pairs - tied in y)) = -4 / sqrt(8 · 9).
    assert measure_trust([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]).kendall == pytest.approx(-0.4714045)


def test_under_ten_answers_nothing_is_claimed() -> None:
    trust = measure_trust([1, 2, 3], [1, 2, 3])
    assert (trust.n, trust.enough, trust.kappa) == (3, False, 1.0)
    assert trust.words == "too few examples (3) to say whether the judge agrees with people"
    assert measure_trust([], []).words == "too few examples (0) to say whether the judge agrees with people"


def test_a_judge_that_always_says_the_same_has_no_rank_correlation() -> None:
    trust = measure_trust([4.0] * 12, [1, 2, 3, 4, 5, 4, 3, 2, 1, 4, 4, 4])
    assert (trust.spearman, trust.kendall) == (None, None)
    assert trust.kappa == pytest.approx(0.0)
    all_alike = measure_trust([4.0] * 12, [4.0] * 12)
    assert all_alike.kappa is None
    assert (
        all_alike.words == "agrees with people on 100% of 12 examples, but all have the same score, so this says little"
    )


def test_a_mean_of_several_raters_counts_as_the_nearer_star() -> None:
    assert measure_trust([4.0] * 10, [3.5, 4.49, 4.5, 3.4, 4, 4, 4, 4, 4, 4]).agreement.estimate == pytest.approx(0.8)


def test_two_lists_of_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        measure_trust([1, 2], [1])


@pytest.mark.parametrize(  # Landis and Koch 1977
    ("kappa", "name"),
    [
        (-0.1, "poor"),
        (0.0, "slight"),
        (0.2, "slight"),
        (0.21, "fair"),
        (0.6, "moderate"),
        (0.8, "substantial"),
        (1, "almost perfect"),
    ],
)
def test_agreements_have_the_names_of_landis_and_koch(kappa: float, name: str) -> None:
    assert name_strength(kappa) == name


STARS = st.lists(st.tuples(st.floats(1, 5), st.floats(1, 5)), max_size=15)


@given(STARS)
def test_every_figure_is_in_its_range_or_none(pairs: list[tuple[float, float]]) -> None:
    trust = measure_trust([a for a, _ in pairs], [b for _, b in pairs])
    for figure in (trust.kappa, trust.weighted_kappa, trust.spearman, trust.kendall):
        assert figure is None or -1.0000001 <= figure <= 1.0000001
