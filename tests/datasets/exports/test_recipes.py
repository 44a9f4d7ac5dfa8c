"""Recipes: a zip that a tool trains from as it stands, with settings that the tool knows."""

import ast
import hashlib
import io
import json
import zipfile
from typing import Any

import httpx
import pytest
import yaml

from service.datasets.exports.recipes.recipe import Recipe
from service.datasets.exports.recipes.recipe_archive import TOOLS
from tests.datasets.example_bodies import Json, add_many, chat, freeze, make_dataset, pointers

PAIR = {"chosen": {"role": "assistant", "content": "Good."}, "rejected": {"role": "assistant", "content": "Bad."}}
ROWS = {
    ("axolotl", "supervised"): {"messages"},
    ("axolotl", "dpo"): {"messages", "chosen", "rejected"},
    ("llama-factory", "supervised"): {"conversations", "tools"},
    ("llama-factory", "dpo"): {"conversations", "chosen", "rejected", "tools"},
    ("unsloth", "supervised"): {"messages"},
    ("unsloth", "dpo"): {"prompt", "chosen", "rejected"},
    ("trl", "supervised"): {"prompt", "completion"},
    ("trl", "dpo"): {"prompt", "chosen", "rejected"},
}
SETTINGS = {
    "axolotl": "axolotl.yaml",
    "llama-factory": "llama_factory.yaml",
    "trl": "trl.yaml",
    "unsloth": "settings.json",
}


async def furnish(api: httpx.AsyncClient) -> str:
    dataset = await make_dataset(api)
    asked = chat("One?")["messages"]
    twice = {"messages": [asked[0], asked[0], asked[1]]}
    contents = [chat("One?"), chat("Two?"), {"messages": asked[:1], **PAIR}, {"messages": asked[:1], **PAIR}, twice]
    splits = ["train", "validation", "train", "validation", "train"]
    await add_many(
        api, dataset, [{"content": content, "split": split} for content, split in zip(contents, splits, strict=True)]
    )
    await freeze(api, dataset)
    return dataset


async def get(api: httpx.AsyncClient, dataset: str, **query: Any) -> httpx.Response:
    return await api.get(f"/v1/datasets/{dataset}/export", params={"version": "v1", **query})


@pytest.mark.parametrize(("tool", "method"), ROWS)
async def test_a_recipe_has_data_settings_and_a_command(api: httpx.AsyncClient, tool: Any, method: Any) -> None:
    dataset = await furnish(api)
    query: Json = {"recipe": tool, "base_model": "org/model: 1"}
    if method == "dpo":
        query["format"] = "trl-preference"
    first, again = [await get(api, dataset, **query) for _ in range(2)]
    assert (first.status_code, first.headers["Content-Type"]) == (200, "application/zip"), first.text
    assert first.content == again.content
    assert again.headers["ETag"] == f'"{hashlib.sha256(first.content).hexdigest()}"'
    archive = zipfile.ZipFile(io.BytesIO(first.content))
    assert archive.testzip() is None
    for split in ("train", "validation"):
        rows = [json.loads(line) for line in archive.read(f"data/{split}.jsonl").splitlines()]
        assert rows
        assert all(row.keys() == ROWS[tool, method] for row in rows)
    settings = yaml.safe_load(archive.read(SETTINGS[tool]))
    assert "org/model: 1" in settings.values()
    assert TOOLS[tool].command[method].encode() in archive.read("README.md")
    if tool == "unsloth":
        ast.parse(archive.read("train.py"))
    if tool == "llama-factory":
        described = json.loads(archive.read("data/dataset_info.json"))
        assert described["train"]["file_name"] == "train.jsonl"
        assert described["train"].get("ranking", False) is (method == "dpo")
        assert ("no_alternation=1" in first.headers["Export-Left-Out"]) is (method == "supervised")


async def test_without_validation_rows_nothing_is_evaluated(api: httpx.AsyncClient) -> None:
    dataset = await furnish(api)
    sent = await get(api, dataset, recipe="trl", split="train")
    archive = zipfile.ZipFile(io.BytesIO(sent.content))
    assert "data/validation.jsonl" not in archive.namelist()
    assert "eval_strategy" not in yaml.safe_load(archive.read("trl.yaml"))
    refused = await get(api, dataset, recipe="trl", include="fields")
    assert (refused.status_code, pointers(refused)) == (400, ["?recipe"])


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("method", ["supervised", "dpo"])
def test_settings_are_the_tools_own(tool: Any, method: Any) -> None:
    """Names as in axolotl 0.19.0, llamafactory 0.9.5 and trl 1.16.0, read from their packages on 2026-11-30."""
    files = TOOLS[tool].build(Recipe(tool=tool, method=method), has_validation=True)
    settings = yaml.safe_load(files[SETTINGS[tool]])
    if tool != "unsloth":
        assert settings.keys() - KNOWN[tool] == set()


KNOWN = {
    "axolotl": {
        *("base_model", "chat_template", "datasets", "test_datasets", "dataset_prepared_path", "output_dir", "adapter"),
        *("lora_r", "lora_alpha", "lora_dropout", "lora_target_linear", "sequence_len", "num_epochs"),
        *("micro_batch_size", "gradient_accumulation_steps", "learning_rate", "lr_scheduler", "optimizer"),
        *(
            "warmup_ratio",
            "bf16",
            "gradient_checkpointing",
            "logging_steps",
            "seed",
            "evals_per_epoch",
            "rl",
            "rl_beta",
        ),
    },
    "llama-factory": {
        *("model_name_or_path", "stage", "do_train", "finetuning_type", "lora_target", "lora_rank", "lora_alpha"),
        *("dataset_dir", "dataset", "eval_dataset", "cutoff_len", "output_dir", "num_train_epochs", "bf16", "seed"),
        *("per_device_train_batch_size", "per_device_eval_batch_size", "gradient_accumulation_steps", "learning_rate"),
        *(
            "lr_scheduler_type",
            "logging_steps",
            "save_strategy",
            "eval_strategy",
            "report_to",
            "pref_beta",
            "pref_loss",
        ),
    },
    "trl": {
        *("model_name_or_path", "dataset_name", "dataset_train_split", "dataset_test_split", "output_dir", "use_peft"),
        *("lora_r", "lora_alpha", "lora_target_modules", "max_length", "num_train_epochs", "learning_rate", "beta"),
        *("per_device_train_batch_size", "per_device_eval_batch_size", "gradient_accumulation_steps", "seed"),
        *("lr_scheduler_type", "logging_steps", "save_strategy", "eval_strategy", "report_to"),
    },
}
