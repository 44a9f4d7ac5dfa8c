"""The models of the emulator, their limits and prices."""

from typing import Any

MODELS = ("Qwen/Qwen3-8B", "meta-llama/Meta-Llama-3.1-8B-Instruct-Reference", "openai/gpt-oss-120b")
LORA_ONLY = "openai/gpt-oss-120b"
DOLLARS_PER_TOKEN = 0.48 / 1_000_000


def describe_limits(model: str) -> dict[str, Any]:
    large = model == LORA_ONLY
    lora = {
        "default_rank": 8,
        "max_rank": 16 if large else 64,
        "min_batch_size": 8,
        "max_batch_size": 32 if large else 128,
        "max_batch_size_dpo": 16 if large else 64,
        "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj"],
    }
    full = {"min_batch_size": 0, "max_batch_size": 0, "max_batch_size_dpo": 0}
    return {
        "model_name": model,
        "lora_training": lora,
        "full_training": full if large else {"min_batch_size": 8, "max_batch_size": 64, "max_batch_size_dpo": 32},
        "default_gradient_accumulation_steps": 1,
        "min_learning_rate": 1e-8,
        "max_learning_rate": 0.01,
        "max_num_epochs": 20,
        "max_num_evals": 100,
        "max_num_checkpoints": 100,
        "min_max_seq_length": 1024,
        "max_seq_length_sft": 32768,
        "max_seq_length_dpo": 16384,
        "merge_output_lora": not large,
        "supports_full_training": not large,
        "supports_reasoning": large,
        "supports_tools": True,
        "supports_vision": False,
    }
