"""The estimate is within 30% of what was measured on two models (docs/local.md)."""

from typing import Any

import msgspec
import pytest

from service.providers.local.training_estimate import (
    ModelShape,
    Plan,
    count_trainable,
    estimate_memory,
    estimate_seconds,
    estimate_step,
    find_fitting_batch,
    guess_shape,
)

SMOLLM2 = ModelShape(parameters=134_515_008, layers=30, width=576, forward_width=1536, vocabulary=49_152)
TINY = ModelShape(parameters=117_000, layers=2, width=64, forward_width=128, vocabulary=332)
ROW = 100  # tokens of a padded row of the demo's news
WITHIN = 0.3

# Plan, megabytes, processor seconds of a step.
MEASURED: list[tuple[ModelShape, dict[str, Any], float, float | None]] = [
    (SMOLLM2, {}, 2650, 3.4),
    (SMOLLM2, {"batch_size": 2}, 1900, None),
    (SMOLLM2, {"tuned": "full"}, 3600, 5.0),
    (SMOLLM2, {"method": "dpo", "batch_size": 2, "lora_rank": 8}, 2800, 6.5),
    (TINY, {"batch_size": 8, "tokens": 60}, 530, 0.025),
    (TINY, {"batch_size": 8, "tokens": 60, "tuned": "full"}, 520, 0.02),
]


@pytest.mark.parametrize(("shape", "plan", "megabytes", "seconds"), MEASURED)
def test_memory_and_time_are_near_to_what_was_measured(
    shape: ModelShape, plan: dict[str, Any], megabytes: float, seconds: float | None
) -> None:
    planned = Plan(**{"tokens": ROW} | plan)
    assert estimate_memory(shape, planned) == pytest.approx(megabytes, rel=WITHIN)
    if seconds:
        assert estimate_step(shape, planned) == pytest.approx(seconds, rel=WITHIN)


def test_whole_trainings_are_near_to_what_was_measured() -> None:
    plan = Plan(tokens=ROW)
    assert estimate_seconds(SMOLLM2, plan, steps=26, evaluated_rows=54) == pytest.approx(130, rel=WITHIN)
    assert estimate_seconds(SMOLLM2, plan, steps=53, evaluated_rows=6 * 27) == pytest.approx(330, rel=WITHIN)


def test_the_adapter_has_the_weights_that_peft_counts() -> None:
    assert count_trainable(SMOLLM2, Plan()) == pytest.approx(4_884_480, rel=0.05)


def test_a_smaller_batch_that_fits_is_found() -> None:
    plan = Plan(tokens=ROW)
    assert find_fitting_batch(SMOLLM2, plan, used_mb=3100, limit_mb=3000) == 2
    assert find_fitting_batch(SMOLLM2, plan, used_mb=700, limit_mb=600) is None


def test_other_ways_take_more_or_less() -> None:
    large, cuda = guess_shape(8_000_000_000), Plan(device="cuda", batch_size=1, tokens=2048)
    lora, qlora, full = (
        estimate_memory(large, msgspec.structs.replace(cuda, tuned=tuned)) for tuned in ("lora", "qlora", "full")
    )
    assert qlora < lora < full
    assert 16_000 < lora < 60_000
    assert full > 100_000
    saved = estimate_memory(large, msgspec.structs.replace(cuda, gradient_checkpointing=True))
    assert saved < lora
    assert estimate_step(SMOLLM2, Plan(method="kto")) > estimate_step(SMOLLM2, Plan())
