"""A recipe: the settings of a training, for a tool that runs it from a folder with data. Pure."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from service.datasets.exports.writers.written_example import Json

Tool = Literal["axolotl", "llama-factory", "unsloth", "trl"]
Method = Literal["supervised", "dpo"]
DEFAULT_MODEL = "Qwen/Qwen3-0.6B"
LEARNING_RATES: dict[Method, float] = {"supervised": 2e-4, "dpo": 2e-5}  # what a LoRA usually starts with


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """How to train a LoRA. `beta` is of DPO."""

    tool: Tool
    """The tool that trains."""
    method: Method = "supervised"
    """Whether answers are learnt, or preferences."""
    base_model: Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f]*$")] = DEFAULT_MODEL
    """The base model: a name on the Hugging Face Hub, or a folder."""
    epochs: float = 3.0
    """Passes over the training rows."""
    batch_size: int = 2
    """Rows that are in memory at once."""
    gradient_accumulation: int = 4
    """Batches that one step learns from."""
    learning_rate: float | None = None
    """Null: the usual one of the method."""
    max_length: int = 2048
    """Tokens of a row; what is beyond them is cut off."""
    lora_rank: int = 16
    """The adapter's rank."""
    lora_alpha: int = 32
    """The adapter's scale."""
    seed: int = 0
    """Of the order of rows and the adapter's first values."""
    beta: float = 0.1
    """How close DPO stays to the base."""

    @property
    def rate(self) -> float:
        return LEARNING_RATES[self.method] if self.learning_rate is None else self.learning_rate


def format_yaml(settings: Json) -> bytes:
    """A setting a line, each value as JSON, which YAML reads as its own."""
    lines = [f"{name}: {msgspec.json.encode(value).decode()}" for name, value in settings.items()]
    return ("\n".join(lines) + "\n").encode()


def format_json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
