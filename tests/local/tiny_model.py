"""A random model, made in a second without any download, and rows that it can learn."""

import json
import random
from pathlib import Path
from typing import Any

COLORS = ("red", "blue", "green", "black", "white")
THINGS = ("car", "house", "boat", "tree", "lamp", "door")
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}{{ eos_token }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
SPECIAL = ["<pad>", "<s>", "</s>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>"]


def build_rows(count: int, *, seed: int = 0) -> list[dict[str, Any]]:
    """Chats that label a thing of a color."""
    chance = random.Random(seed)
    return [_build_row(chance.choice(COLORS), chance.choice(THINGS)) for _ in range(count)]


def build_pairs(count: int) -> list[dict[str, Any]]:
    """The same, with a worse answer."""
    return [
        {
            "input": {"messages": row["messages"][:-1]},
            "preferred_output": row["messages"][-1:],
            "non_preferred_output": [{"role": "assistant", "content": "I do not know."}],
        }
        for row in build_rows(count)
    ]


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def write_tiny_model(folder: Path) -> None:
    """Write a Llama of two layers with random weights."""
    import torch  # noqa: PLC0415 - the extra
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers  # noqa: PLC0415
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast  # noqa: PLC0415

    tokens = Tokenizer(models.BPE(unk_token=None))
    tokens.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokens.decoder = decoders.ByteLevel()
    texts = [message["content"] for row in build_rows(100) for message in row["messages"]]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokens.train_from_iterator(
        texts,
        trainers.BpeTrainer(vocab_size=512, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False),
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=tokens, bos_token="<s>", eos_token="</s>", pad_token="<pad>", chat_template=TEMPLATE
    )
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=256,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _build_row(color: str, thing: str) -> dict[str, Any]:
    return {
        "messages": [
            {"role": "system", "content": "You label things."},
            {"role": "user", "content": f"Describe the {color} {thing}."},
            {"role": "assistant", "content": f"thing={thing}; color={color}"},
        ]
    }
