"""The agreement metrics by name and version. A released definition never changes; a new one gets a new version."""

from collections.abc import Callable

import msgspec

from service.errors import Fault, Invalid
from service.labeling.agreement import beyond_chance, raw_agreement
from service.labeling.agreement.annotation_units import Units, Value


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """`beyond_chance` metrics are undefined for a single example."""

    name: str
    measure: Callable[[Units], Value]
    beyond_chance: bool = False


METRICS = {
    metric.name: metric
    for metric in (
        Metric(name="raw_share@1", measure=raw_agreement.raw_share),
        Metric(name="pairwise@1", measure=raw_agreement.pairwise),
        Metric(name="majority_share@1", measure=raw_agreement.majority_share),
        Metric(name="jaccard@1", measure=raw_agreement.jaccard),
        Metric(name="kili_consensus@1", measure=raw_agreement.kili_consensus),
        Metric(name="cohen_kappa@1", measure=beyond_chance.cohen_kappa, beyond_chance=True),
        Metric(name="fleiss_kappa@1", measure=beyond_chance.fleiss_kappa, beyond_chance=True),
        Metric(name="krippendorff_alpha@1", measure=beyond_chance.krippendorff_alpha, beyond_chance=True),
    )
}


def parse_metrics(names: str | None) -> list[Metric]:
    """Parse comma-separated metric names; the version may be left out, and None means all. Raises Invalid."""
    if names is None:
        return list(METRICS.values())
    metrics: list[Metric] = []
    for name in names.split(","):
        metric = METRICS.get(name.strip()) or METRICS.get(f"{name.strip()}@1")
        if metric is None:
            detail = f"Unknown metric {name.strip()[:100]!r}. Use one of: {', '.join(METRICS)}."
            raise Invalid(detail, errors=[Fault(pointer="?metric", detail=detail, code="unknown_metric")])
        metrics.append(metric)
    return list(dict.fromkeys(metrics))
