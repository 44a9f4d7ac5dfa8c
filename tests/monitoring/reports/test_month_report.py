"""A model's month: figures that add up, failures found together, drift against the training data."""

import random
import re
import statistics
from collections import Counter
from typing import Any
from uuid import uuid4

import httpx
import pytest
from scipy.spatial.distance import jensenshannon

from service.monitoring.reports.clusters import FailedRequest, cluster_failures
from service.monitoring.reports.drift import compute_divergence, measure_drift
from service.monitoring.reports.monthly_stats import compute_percentiles
from service.monitoring.reports.ngrams import extract_user_text, split_shingles
from tests.datasets.example_bodies import Json, ok
from tests.monitoring.production import Production, middle_of

MONTH = middle_of(1)
BEFORE = middle_of(2)


async def month(production: Production, **query: str) -> Json:
    return await ok(await production.api.get(f"{production.path}/report", params={"month": f"{MONTH:%Y-%m}", **query}))


async def test_a_month_is_counted_by_version_and_against_the_month_before(production: Production) -> None:
    dice = random.Random(1)
    latencies = [dice.randint(10, 90_000) for _ in range(200)]
    calls = [
        production.call(
            at=MONTH.isoformat(),
            latency_ms=latency,
            version=f"v1.{number % 2}",
            input_tokens=10,
            output_tokens=3,
            cost={"amount": f"0.00{100 + number}", "currency": "USD"},
            error={"code": "refused"} if number < 20 else None,
            feedback={"stars": 1 + number % 5} if number < 50 else {"thumbs": "down"} if number < 60 else None,
        )
        for number, latency in enumerate(latencies)
    ]
    earlier = [production.call(at=BEFORE.isoformat(), latency_ms=1_000) for _ in range(50)]
    await production.log(*calls, *earlier, production.call())
    report = await month(production)
    whole, before = report["figures"], report["before"]
    assert (whole["requests"], whole["errors"], whole["error_rate"]) == (200, 20, 0.1)
    assert (whole["input_tokens"], whole["output_tokens"]) == (2_000, 600)
    exact = sorted(latency if latency <= 60_000 else latency // 1_000 * 1_000 for latency in latencies)
    assert [whole["latency_ms"][name] for name in ("p50", "p90", "p95", "p99")] == [
        exact[place - 1] for place in (100, 180, 190, 198)
    ]
    [costs] = whole["costs"]
    assert (costs["currency"], costs["total"], costs["requests"]) == ("USD", "0.399", 200)
    assert costs["p50"] == pytest.approx(0.00199, rel=0.01)
    assert whole["ratings"] == {
        "rated": 60,
        "average": round((10 * (1 + 2 + 3 + 4 + 5) + 10 * 1) / 60, 4),
        "low": 30,
        "stars": {str(stars): 10 for stars in range(1, 6)},
        "thumbs": {"up": 0, "down": 10},
    }
    assert (before["requests"], before["errors"], report["change"]["requests"]) == (50, 0, 3.0)
    assert report["change"]["error_rate"] == 0.1
    assert report["change"]["latency_p50"] == pytest.approx(exact[99] / 1_000 - 1, abs=1e-4)
    assert [(each["version"], each["figures"]["requests"]) for each in report["versions"]] == [
        ("v1.1", 100),
        ("v1.0", 100),
    ]
    assert [each["before"] is None for each in report["versions"]] == [True, False]
    await draws_each_figure(production)


async def draws_each_figure(production: Production) -> None:
    """The same month as charts: each figure, by version."""
    path, query = f"{production.path}/report/chart", {"month": f"{MONTH:%Y-%m}"}
    for show in ("requests", "error_rate", "latency_p95", "average_rating", "cost"):
        chart = await production.api.get(path, params={**query, "show": show})
        assert (chart.status_code, chart.headers["content-type"]) == (200, "image/svg+xml")
        assert {"v1.0", "v1.1"} <= set(re.findall(r"v1\.[01]", chart.text))
    png = await production.api.get(path, params={**query, "format": "png"})
    assert png.content.startswith(b"\x89PNG")
    assert (await production.api.get(path, params={"show": "weather"})).status_code == 400


async def test_a_month_without_calls_is_empty_and_a_wrong_one_refused(
    production: Production, stranger: httpx.AsyncClient
) -> None:
    report = await month(production)
    assert (report["figures"]["requests"], report["before"], report["versions"], report["failing"]["clusters"]) == (
        0,
        None,
        [],
        [],
    )
    assert (await production.api.get(f"{production.path}/report")).status_code == 200
    for wrong in ("2026-13", "26-01", "2026-1", "x"):
        assert (await production.api.get(f"{production.path}/report", params={"month": wrong})).status_code == 400
    assert (await stranger.get(f"{production.path}/report")).status_code == 404


async def test_what_failed_is_found_with_what_is_nearly_the_same(production: Production) -> None:
    complaint = "Please write a short headline about the meeting of the council of the old town on trees number {}"
    near = [
        production.call(complaint.format(number), at=MONTH.isoformat(), feedback={"stars": 1}) for number in range(12)
    ]
    other = [
        production.call("Translate this into Latin.", at=MONTH.isoformat(), error={"code": "timed_out"})
        for _ in range(3)
    ]
    fine = [production.call(f"Fine {number}", at=MONTH.isoformat(), feedback={"stars": 5}) for number in range(5)]
    ids = await production.log(*near, *other, *fine)
    failing = (await month(production))["failing"]
    assert failing["read"] == 15
    first, second = failing["clusters"]
    assert (first["requests"], first["ways"], set(first["request_ids"])) == (12, {"low_rating": 12}, set(ids[:12]))
    assert (second["requests"], second["error_codes"]) == (3, {"timed_out": 3})
    await production.api.delete(f"/v1/requests/{ids[0]}")
    assert (await month(production))["failing"]["read"] == 14


async def test_drift_tells_new_questions_from_those_trained_on(production: Production) -> None:
    dice = random.Random(2)
    usual, new = ([f"{kind}{number}" for number in range(40)] for kind in ("usual", "new"))
    rows = [" ".join(dice.choices(usual, k=20)) for _ in range(200)]
    messages = [[{"role": "user", "content": row}, {"role": "assistant", "content": "sports"}] for row in rows]
    examples = [{"content": {"messages": each}, "split": "train"} for each in messages]
    path = f"/v1/datasets/{production.world.dataset['id']}/examples"
    await ok(await production.api.post(path, json={"examples": examples}))
    await production.world.freeze("large")
    for name in ("ft:usual", "ft:new"):
        await production.world.register(production.path, version="large", notes=name)
    calls = [
        production.call(" ".join(dice.choices(words, k=20)), version=version, at=MONTH.isoformat())
        for version, words in (("v1.2", usual), ("v1.3", usual + new))
        for _ in range(100)
    ]
    await production.log(*calls)
    drifted, same = [each["drift"] for each in (await month(production))["versions"]]
    assert (same["dataset_version"], same["measure"], same["texts"]) == ("large", "jensen_shannon_unigrams", 100)
    assert 0.5 < same["times_baseline"] < 2
    assert drifted["times_baseline"] > 10
    assert all(word["word"].startswith("new") for word in drifted["words"])


def test_divergence_is_that_of_scipy() -> None:
    dice = random.Random(3)
    for _ in range(20):
        one, other = (Counter(dice.choices("abcdefgh", k=dice.randint(1, 60))) for _ in range(2))
        letters = sorted({*one, *other})
        # scipy gives the square root of the divergence.
        expected = jensenshannon([one[x] for x in letters], [other[x] for x in letters], base=2) ** 2
        assert compute_divergence(one, other) == pytest.approx(expected, abs=1e-9)


def test_divergence_ends_at_nothing_and_at_everything() -> None:
    assert compute_divergence({"a": 3, "b": 1}, {"a": 6, "b": 2}) == 0
    assert compute_divergence({"a": 1}, {"b": 9}) == compute_divergence({}, {"b": 1}) == 1
    assert compute_divergence({}, {}) == 0


def test_drift_of_too_few_texts_is_not_told() -> None:
    assert measure_drift(["a"] * 19, ["a"] * 100, dataset_version="v1") is None
    assert measure_drift(["a"] * 100, ["a"] * 39, dataset_version="v1") is None
    assert measure_drift(["a"] * 20, ["a"] * 40, dataset_version="v1") is not None


def test_percentiles_are_by_nearest_rank_as_postgres_takes_them() -> None:
    values = [1, 1, 2, 3, 5, 8, 13, 21, 34, 55]
    assert compute_percentiles(Counter(values)) == {"p50": 5.0, "p90": 34.0, "p95": 55.0, "p99": 55.0}
    assert compute_percentiles({7: 1}) == dict.fromkeys(("p50", "p90", "p95", "p99"), 7.0)
    assert compute_percentiles(Counter(values))["p50"] == statistics.median_low(values)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("As it is", "As it is"),
        ([{"role": "system", "content": "Be"}, {"role": "user", "content": "One"}, {"role": "user", "content": "two"}],
         "One\ntwo"),
        ([{"role": "user", "content": [{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": {}}, 3]}],
         "Look"),
        ([{"role": "user"}, {"content": 4}, "odd"], ""),
        (None, ""),
    ],
)  # fmt: skip
def test_the_words_of_an_input_are_those_of_its_users(content: Any, text: str) -> None:
    assert extract_user_text(content) == text


def test_texts_too_short_for_a_shingle_are_one() -> None:
    assert split_shingles("One two", 3) == {"one two"}
    assert split_shingles("", 3) == {""}
    assert split_shingles("a b c d", 3) == {"a b c", "b c d"}


def test_clusters_of_one_are_shown_after_larger_ones() -> None:
    failed = [
        FailedRequest(id=uuid4(), version="v1.0", text=text, ways=("error",)) for text in ("", "x", "y y", "x", "")
    ]
    clusters = cluster_failures(failed, limit=2)
    assert [each.requests for each in clusters] == [2, 2]
    assert [each.requests for each in cluster_failures(failed, limit=9)] == [2, 2, 1]
