"""Operations of a training, and their share of the base model's own, from sizes and tokens."""

import pytest

from service.tunes.training_compute import TrainingCompute, compute_training

TOKENS = 1_000_000


def compute(kind: str, model: str, *, tokens: int | None = TOKENS, **hyperparameters: object) -> TrainingCompute:
    found = compute_training(kind, model, hyperparameters, trained_tokens=tokens, estimated_tokens=2 * TOKENS)
    assert found
    return found


def test_lora_takes_four_operations_a_weight_and_a_full_training_six() -> None:
    lora, full = compute("together", "Qwen/Qwen3-8B"), compute("together", "Qwen/Qwen3-8B", training_type="Full")
    assert (lora.part, full.part) == ("lora", "full")
    assert [lora.flops, full.flops] == pytest.approx([4 * 8.2e15, 6 * 8.2e15])
    assert full.pretraining_share == pytest.approx(TOKENS / 36e12)
    assert lora.pretraining_share == pytest.approx(TOKENS / 36e12 * 4 / 6)
    assert "arXiv 2505.09388" in lora.source


def test_of_a_mixture_of_experts_only_the_active_weights_count() -> None:
    found = compute("together", "openai/gpt-oss-120b")
    assert (found.parameters_billion, found.pretraining_share) == (5.1, None)


def test_tokens_that_the_provider_does_not_tell_are_estimated() -> None:
    found = compute("local", "HuggingFaceTB/SmolLM2-135M-Instruct", tokens=None, tuned="full")
    assert (found.tokens, found.tokens_by, found.part) == (2 * TOKENS, "estimate", "full")


def test_what_is_not_known_is_left_out() -> None:
    assert compute_training("openai", "gpt-4.1-2025-04-14", {}, trained_tokens=TOKENS, estimated_tokens=None) is None
    assert compute_training("together", "zai-org/GLM-5", {}, trained_tokens=TOKENS, estimated_tokens=None) is None
    found = compute("bedrock", "meta.llama3-1-8b-instruct-v1:0:128k")
    assert (found.part, found.flops) == ("unknown", 6 * 8e15)
