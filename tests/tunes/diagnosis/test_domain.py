"""What curves show: each symptom at its threshold, and nothing at a healthy tune."""

from collections.abc import Sequence

import pytest

from service.providers.provider import MetricPoint, TuneCheckpoint
from service.tunes.diagnosis.domain import CurveFinding, Curves, diagnose, find_best_checkpoint


def curves(
    train: Sequence[float], valid: Sequence[float] = (), *, examples: int = 500, error: str | None = None
) -> Curves:
    points = [MetricPoint(step=step, train_loss=loss) for step, loss in enumerate(train)]
    stride = max(1, len(train) // max(1, len(valid)))
    points += [MetricPoint(step=(at + 1) * stride, valid_loss=loss) for at, loss in enumerate(valid)]
    return Curves(points=points, checkpoints=[], examples=examples, error=error)


def symptoms(findings: Sequence[CurveFinding]) -> list[str]:
    assert all(finding.advice and finding.detail for finding in findings)
    return [finding.symptom for finding in findings]


FALLING = [2.0 * 0.9**step for step in range(20)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (curves(FALLING, [1.5, 0.8, 0.35]), ["healthy"]),
        (curves(FALLING, [1.5, 0.8, 0.6]), ["overfitting"]),  # 30% above training loss
        (curves(FALLING, [0.3, 0.2, 0.22]), ["overfitting"]),  # turned up by 10%
        (curves([2.0] * 20), ["flat"]),
        (curves([2.0 - 0.005 * step for step in range(20)]), ["slow"]),
        (curves([1.0 + 0.05 * step for step in range(20)]), ["diverging"]),
        (curves(FALLING, examples=49), ["too_little_data"]),
        (curves(FALLING, error="CUDA out of memory. Tried to allocate 2 GiB"), ["out_of_memory"]),
        (curves([2.0, 1.0]), ["no_curve"]),
    ],
)
def test_a_symptom_is_seen(given: Curves, expected: list[str]) -> None:
    assert symptoms(diagnose(given)) == expected


def test_nan_is_seen_with_its_step_and_comes_first() -> None:
    broken = MetricPoint(step=30, not_finite=("train_loss",))
    given = curves(FALLING, examples=100)
    first = diagnose(Curves(points=[*given.points, broken], checkpoints=[], examples=100))[0]
    assert (first.symptom, first.severity, first.step) == ("not_finite", "critical", 30)


def test_too_many_epochs_names_the_better_checkpoint() -> None:
    def saved(step: int, loss: float) -> TuneCheckpoint:
        metrics = MetricPoint(step=step, valid_loss=loss)
        return TuneCheckpoint(id=f"c{step}", step=step, model=f"m:{step}", at=None, metrics=metrics)

    checkpoints = [saved(6, 0.30), saved(12, 0.20), saved(18, 0.28)]
    given = curves(FALLING, [0.30, 0.20, 0.28])
    findings = diagnose(Curves(points=given.points, checkpoints=checkpoints, examples=500))
    assert symptoms(findings) == ["overfitting", "too_many_epochs"]
    assert "m:12" in findings[1].advice
    best = find_best_checkpoint(checkpoints)
    assert best
    assert best.id == "c12"


def test_the_loss_on_all_validation_rows_counts_before_that_on_a_batch() -> None:
    batch = MetricPoint(step=1, valid_loss=0.1, full_valid_loss=0.5)
    whole = MetricPoint(step=2, valid_loss=0.2, full_valid_loss=0.4)
    saved = [TuneCheckpoint(id=str(p.step), step=p.step, model="", at=None, metrics=p) for p in (batch, whole)]
    best = find_best_checkpoint(saved)
    assert best
    assert best.step == 2
