"""From a tune's hyperparameters, as providers and trainers name them, to the settings of a recipe. Pure."""

from collections.abc import Mapping
from typing import Any

from service.datasets.exports.recipes.recipe import Recipe, Tool
from service.tunes.events import TuneRequested

NAMES: Mapping[str, tuple[str, ...]] = {
    "epochs": ("n_epochs", "epochs", "epoch_count", "num_train_epochs"),
    "batch_size": ("batch_size", "per_device_train_batch_size", "micro_batch_size"),
    "gradient_accumulation": ("gradient_accumulation", "gradient_accumulation_steps"),
    "learning_rate": ("learning_rate",),
    "max_length": ("max_length", "max_seq_length", "cutoff_len", "sequence_len"),
    "lora_rank": ("lora_rank", "lora_r", "adapter_size"),
    "lora_alpha": ("lora_alpha",),
    "beta": ("beta", "dpo_beta"),
}
WHOLE = ("batch_size", "gradient_accumulation", "max_length", "lora_rank", "lora_alpha")


def build_recipe(asked: TuneRequested, tool: Tool, base_model: str | None) -> Recipe:
    """What the tune leaves to the provider, such as `auto`, is the recipe's default."""
    settings: dict[str, Any] = {}
    for field, names in NAMES.items():
        values = [asked.hyperparameters[name] for name in names if name in asked.hyperparameters]
        number = next((value for value in values if isinstance(value, int | float) and value > 0), None)
        if number is not None and not isinstance(number, bool):
            settings[field] = max(round(number), 1) if field in WHOLE else float(number)
    return Recipe(
        tool=tool,
        method="dpo" if asked.method == "dpo" else "supervised",
        base_model=base_model or asked.base_model,
        seed=asked.seed or 0,
        **settings,
    )
