"""Facts as evaluations would tell them, and policies that ask for them, as plain values."""

from decimal import Decimal
from typing import Any

from service.database.engine import new_id
from service.models.gates.domain import (
    CostPerThousand,
    Facts,
    GatePolicy,
    MeasuredGain,
    MeasuredScore,
    MeasuredVersion,
    WantedEvaluation,
)

DATASET_ID = new_id()
EVALUATION_ID = new_id()
WANTED = WantedEvaluation(scorer="exact_match", dataset_id=DATASET_ID)


def score(value: float | None, *, n: int = 120, **fields: Any) -> MeasuredScore:
    return MeasuredScore(evaluation_ids=(EVALUATION_ID,), scorer="exact_match", value=value, n=n, **fields)


def measured(value: float | None = None, **fields: Any) -> MeasuredVersion:
    return MeasuredVersion(score=None if value is None else score(value), **fields)


def facts(**fields: Any) -> Facts:
    """v1.1 scores 0.55 where the base scores 0.5 and v1.0 scores 0.52; all that a policy can ask for is measured."""
    new = measured(
        0.55,
        format_validity=0.97,
        human_rating=4.2,
        human_ratings=12,
        cost_per_thousand=dollars("0.30"),
        latency_p95_ms=800,
    )
    known: dict[str, Any] = {
        "versions": {"v1.0": measured(0.52), "v1.1": new},
        "base": measured(0.5),
        "over_base": MeasuredGain(low=0.01, high=0.09),
        "over_current": MeasuredGain(low=0.005, high=0.05),
    }
    return Facts(**known | fields)


def dollars(amount: str) -> CostPerThousand:
    return CostPerThousand(amount=Decimal(amount))


def policy(**fields: Any) -> GatePolicy:
    return GatePolicy(evaluation=WANTED, **fields)
