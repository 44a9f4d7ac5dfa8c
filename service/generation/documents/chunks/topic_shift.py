"""Find where a text changes its topic, by block comparison (Hearst, TextTiling, Comp. Linguistics 23(1), 1997)."""

from collections.abc import Sequence

from service.extras import require_extra

WINDOW = 3  # units compared on either side of a gap
WORDS = r"\w+|[^\w\s]"  # signs count, so that every unit has some
BEFORE = range(1 - WINDOW, 1)  # of the gap in row n: units n-2, n-1 and n
AFTER = range(1, 1 + WINDOW)


def measure_cohesion(units: Sequence[str]) -> list[float]:
    """For each gap between two units, the cosine (0 to 1) of the weighted words before and after it.

    Weights are tf-idf over these units. Hearst used a list of stop words, which works for one language only.
    """
    if len(units) < 2:  # noqa: PLR2004 - one unit has no gap
        return []
    require_extra("documents")
    from scipy.sparse import diags_array  # noqa: PLC0415 - slow to import, and few processes need it
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - the same
    from sklearn.preprocessing import normalize  # noqa: PLC0415 - the same

    weights = TfidfVectorizer(token_pattern=WORDS, sublinear_tf=True).fit_transform(units)
    sides = []
    for side in (BEFORE, AFTER):
        offsets = [offset for offset in side if 1 - len(units) < offset < len(units)]
        windows = diags_array([1.0] * len(offsets), offsets=offsets, shape=(len(units) - 1, len(units))).tocsr()
        sides.append(normalize(windows @ weights))
    before, after = sides
    return [float(cosine) for cosine in before.multiply(after).sum(axis=1)]
