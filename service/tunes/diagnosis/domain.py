"""Read training curves as an experienced person would: what is wrong, and what to do about it. Pure."""

import math
from collections.abc import Collection, Iterator, Sequence
from statistics import fmean
from typing import Literal

import msgspec

from service.providers.provider import MetricPoint, TuneCheckpoint

Severity = Literal["good", "hint", "warning", "critical"]
Symptom = Literal[
    "not_finite",
    "diverging",
    "overfitting",
    "flat",
    "slow",
    "out_of_memory",
    "too_many_epochs",
    "too_little_data",
    "healthy",
    "no_curve",
]

# Validation loss above training loss by this share: the model learns rows by heart.
OVERFIT_SHARE = 0.30
# Validation loss above its own lowest value by this share: it has turned up.
TURNED_UP_SHARE = 0.05
# Training loss that fell by less than this share in all is flat, by less than the second slow.
FLAT_SHARE, SLOW_SHARE = 0.02, 0.10
# Training loss at the end above its start by this share: it rises.
RISING_SHARE = 0.10
MIN_POINTS = 5
WINDOW_SHARE = 0.2
FEW_EXAMPLES, SOME_EXAMPLES = 50, 200
NO_SYMPTOMS: frozenset[Symptom] = frozenset({"healthy", "no_curve"})
MEMORY_WORDS = ("out of memory", "oom", "cuda error: memory", "memory limit")


class CurveFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Something the curves show."""

    symptom: Symptom
    """What it is, for programs; stable."""
    severity: Severity
    """How bad it is."""
    detail: str
    """What was seen, with figures."""
    advice: str
    """What to do."""
    step: int | None = None
    """The step where it shows; null where it is about all of them."""
    checkpoint: str | None = None
    """Id of the checkpoint that is better than the last one; null for other symptoms."""


class Curves(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a tune: points by step, checkpoints, the size of its data, and its error."""

    points: Sequence[MetricPoint]
    checkpoints: Sequence[TuneCheckpoint]
    examples: int
    error: str | None = None


def diagnose(curves: Curves) -> list[CurveFinding]:
    """List what the curves show, the worst first. A healthy curve says so."""
    findings = [
        *_find_memory(curves),
        *_find_not_finite(curves),
        *_find_training(curves),
        *_find_overfitting(curves),
        *_find_little_data(curves),
    ]
    if not findings:
        return [_describe_health(curves)]
    order = ("critical", "warning", "hint", "good")
    return sorted(findings, key=lambda finding: order.index(finding.severity))


def select_new(findings: Sequence[CurveFinding], known: Collection[str]) -> tuple[CurveFinding, ...]:
    """What is wrong and was not found before."""
    return tuple(each for each in findings if each.symptom not in NO_SYMPTOMS and each.symptom not in known)


def find_best_checkpoint(checkpoints: Sequence[TuneCheckpoint]) -> TuneCheckpoint | None:
    """The checkpoint with the lowest validation loss, on all validation examples where that is known."""
    measured = [(loss, each) for each in checkpoints if (loss := get_validation_loss(each.metrics)) is not None]
    return min(measured, key=lambda pair: (pair[0], pair[1].step))[1] if measured else None


def get_validation_loss(point: MetricPoint) -> float | None:
    return point.full_valid_loss if point.full_valid_loss is not None else point.valid_loss


def _series(points: Sequence[MetricPoint]) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
    train = [(p.step, p.train_loss) for p in points if p.train_loss is not None and math.isfinite(p.train_loss)]
    valid = [(p.step, loss) for p in points if (loss := get_validation_loss(p)) is not None and math.isfinite(loss)]
    return train, valid


def _find_memory(curves: Curves) -> Iterator[CurveFinding]:
    error = (curves.error or "").lower()
    if any(word in error for word in MEMORY_WORDS):
        yield CurveFinding(
            symptom="out_of_memory",
            severity="critical",
            detail=f"The job ended for lack of memory: {curves.error}",
            advice="Halve the batch size and double the gradient accumulation, shorten long rows, or take QLoRA.",
        )


def _find_not_finite(curves: Curves) -> Iterator[CurveFinding]:
    for point in curves.points:
        if point.not_finite:
            yield CurveFinding(
                symptom="not_finite",
                severity="critical",
                detail=f"{', '.join(point.not_finite)} is NaN or infinite from step {point.step} on.",
                advice="Divide the learning rate by ten, clip gradients at 1.0, and look for empty or broken rows.",
                step=point.step,
            )
            return


def _find_training(curves: Curves) -> Iterator[CurveFinding]:
    train, _ = _series(curves.points)
    if len(train) < MIN_POINTS:
        return
    size = max(1, round(len(train) * WINDOW_SHARE))
    first, last = fmean(loss for _, loss in train[:size]), fmean(loss for _, loss in train[-size:])
    if first <= 0:
        return
    fall = (first - last) / first
    seen = f"Training loss went from {first:.3g} to {last:.3g}"
    if fall < -RISING_SHARE:
        advice = "Divide the learning rate by three to ten, or warm it up longer."
        yield CurveFinding(symptom="diverging", severity="critical", detail=f"{seen}: it rises.", advice=advice)
    elif fall < FLAT_SHARE:
        advice = "Raise the learning rate (twice to ten times), and look whether answers are trained on at all."
        yield CurveFinding(symptom="flat", severity="warning", detail=f"{seen}: nothing is learnt.", advice=advice)
    elif fall < SLOW_SHARE:
        advice = "Raise the learning rate a little, or train longer."
        yield CurveFinding(symptom="slow", severity="hint", detail=f"{seen}: it learns slowly.", advice=advice)


def _find_overfitting(curves: Curves) -> Iterator[CurveFinding]:
    train, valid = _series(curves.points)
    if len(valid) < 2 or not train:  # noqa: PLR2004 - a turn needs two points
        return
    best_step, lowest = min(valid, key=lambda point: (point[1], point[0]))
    last_step, last = valid[-1]
    size = max(1, round(len(train) * WINDOW_SHARE))
    train_last = fmean(loss for _, loss in train[-size:])
    turned_up = lowest > 0 and last > lowest * (1 + TURNED_UP_SHARE) and last_step > best_step
    if turned_up or (train_last > 0 and last > train_last * (1 + OVERFIT_SHARE)):
        seen = f"Validation loss ends at {last:.3g}, training loss at {train_last:.3g}"
        turn = f"; it was lowest, {lowest:.3g}, at step {best_step}" if turned_up else ""
        advice = "Train fewer epochs, add or vary examples, lower the learning rate, or raise dropout."
        yield CurveFinding(
            symptom="overfitting", severity="warning", detail=f"{seen}{turn}.", advice=advice, step=best_step
        )
    best = find_best_checkpoint(curves.checkpoints)
    if turned_up and best and best.step < max(each.step for each in curves.checkpoints):
        yield CurveFinding(
            symptom="too_many_epochs",
            severity="hint",
            detail=f"The checkpoint at step {best.step} is better than the last one.",
            advice=f"Use {best.model or best.id}, or tune again with fewer epochs.",
            step=best.step,
            checkpoint=best.id,
        )


def _find_little_data(curves: Curves) -> Iterator[CurveFinding]:
    if curves.examples < SOME_EXAMPLES:
        few = curves.examples < FEW_EXAMPLES
        yield CurveFinding(
            symptom="too_little_data",
            severity="warning" if few else "hint",
            detail=f"{curves.examples} training examples {'are too few' if few else 'bring little'}.",
            advice="From 200 examples on a tune is noticeable, from 1,000 on strong. Generate some and review them.",
        )


def _describe_health(curves: Curves) -> CurveFinding:
    train, valid = _series(curves.points)
    if len(train) < MIN_POINTS:
        detail = f"There are {len(train)} points of training loss; it takes {MIN_POINTS} to say anything."
        return CurveFinding(
            symptom="no_curve", severity="hint", detail=detail, advice="Wait, or ask the provider for metrics."
        )
    against = f", validation loss at {valid[-1][1]:.3g}" if valid else ""
    detail = f"Training loss fell from {train[0][1]:.3g} to {train[-1][1]:.3g}{against}."
    advice = "Evaluate the model on examples it has not seen." if valid else "Give it a validation split next time."
    return CurveFinding(symptom="healthy", severity="good", detail=detail, advice=advice)
