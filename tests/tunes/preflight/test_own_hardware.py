"""What a training on own hardware needs is said before it begins."""

import pytest

from service.providers import catalog
from service.tunes.preflight.domain import RowFacts
from service.tunes.preflight.own_hardware import estimate_needs
from tests.tunes.preflight.test_domain import model, order

NEWS = RowFacts(rows=210, read=210, tokens=210 * 91, longest=109)
SMOLLM2 = "SmolLM2-135M-Instruct.Q4_1.gguf"


def test_the_demo_needs_about_what_was_measured() -> None:
    wanted = order("local", model("local", SMOLLM2), hyperparameters={"max_steps": 26, "batch_size": 4})
    needs = estimate_needs(wanted, NEWS)
    assert needs
    assert needs.memory_gb == pytest.approx(2.6, rel=0.3)
    assert needs.seconds == pytest.approx(110, rel=0.3)  # without the evaluations


def test_without_a_size_nothing_is_said() -> None:
    assert estimate_needs(order("local"), NEWS) is None
    assert estimate_needs(order("together", model("together", "Qwen/Qwen3-8B")), NEWS) is None
    assert estimate_needs(order("local", model("local", SMOLLM2), hyperparameters={"lora_rank": -1}), NEWS) is None


def test_every_model_for_own_hardware_has_a_size() -> None:
    local = [each for each in catalog.list_base_models() if each.provider == "local"]
    assert all(each.kind == "local" and each.parameters_billion for each in local)
