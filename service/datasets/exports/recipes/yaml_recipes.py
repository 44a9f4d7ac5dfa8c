"""Recipes for tools that read a file of settings: Axolotl, LLaMA-Factory and TRL's command. Pure.

Settings are named as in axolotl 0.19, llamafactory 0.9.5 and trl 1.16.
"""

from service.datasets.exports.recipes.recipe import Recipe, format_json, format_yaml
from service.datasets.exports.writers.written_example import Json

Files = dict[str, bytes]


def build_axolotl(recipe: Recipe, *, has_validation: bool) -> Files:
    """`axolotl train axolotl.yaml`. Answers alone are trained, by the tokenizer's chat template."""
    settings: Json = {
        "base_model": recipe.base_model,
        "chat_template": "tokenizer_default",
        "datasets": [_describe_axolotl_data(recipe, "train")],
        "dataset_prepared_path": "prepared",
        "output_dir": "out",
        "adapter": "lora",
        "lora_r": recipe.lora_rank,
        "lora_alpha": recipe.lora_alpha,
        "lora_dropout": 0.0,
        "lora_target_linear": True,
        "sequence_len": recipe.max_length,
        "num_epochs": recipe.epochs,
        "micro_batch_size": recipe.batch_size,
        "gradient_accumulation_steps": recipe.gradient_accumulation,
        "learning_rate": recipe.rate,
        "lr_scheduler": "cosine",
        "optimizer": "adamw_torch",
        "warmup_ratio": 0.05,
        "bf16": "auto",
        "gradient_checkpointing": True,
        "logging_steps": 1,
        "seed": recipe.seed,
    }
    if has_validation:
        settings |= {"test_datasets": [_describe_axolotl_data(recipe, "validation")], "evals_per_epoch": 1}
    if recipe.method == "dpo":
        settings |= {"rl": "dpo", "rl_beta": recipe.beta}
    return {"axolotl.yaml": format_yaml(settings)}


def _describe_axolotl_data(recipe: Recipe, split: str) -> Json:
    place = {"path": f"data/{split}.jsonl", "split": "train", "ds_type": "json", "field_messages": "messages"}
    if recipe.method == "dpo":
        return {**place, "type": "chat_template.default", "field_chosen": "chosen", "field_rejected": "rejected"}
    return {**place, "type": "chat_template", "roles_to_train": ["assistant"], "train_on_eos": "turn"}


def build_llama_factory(recipe: Recipe, *, has_validation: bool) -> Files:
    """`llamafactory-cli train llama_factory.yaml`. The template is the tokenizer's."""
    settings: Json = {
        "model_name_or_path": recipe.base_model,
        "stage": "dpo" if recipe.method == "dpo" else "sft",
        "do_train": True,
        "finetuning_type": "lora",
        "lora_target": "all",
        "lora_rank": recipe.lora_rank,
        "lora_alpha": recipe.lora_alpha,
        "dataset_dir": "data",
        "dataset": "train",
        "cutoff_len": recipe.max_length,
        "output_dir": "out",
        "num_train_epochs": recipe.epochs,
        "per_device_train_batch_size": recipe.batch_size,
        "gradient_accumulation_steps": recipe.gradient_accumulation,
        "learning_rate": recipe.rate,
        "lr_scheduler_type": "cosine",
        "bf16": True,
        "logging_steps": 1,
        "save_strategy": "epoch",
        "report_to": "none",
        "seed": recipe.seed,
    }
    if has_validation:
        settings |= {"eval_dataset": "validation", "eval_strategy": "epoch", "per_device_eval_batch_size": 1}
    if recipe.method == "dpo":
        settings |= {"pref_beta": recipe.beta, "pref_loss": "sigmoid"}
    splits = ["train", *(["validation"] if has_validation else [])]
    described = {split: _describe_llama_factory_data(recipe, split) for split in splits}
    return {"llama_factory.yaml": format_yaml(settings), "data/dataset_info.json": format_json(described)}


def _describe_llama_factory_data(recipe: Recipe, split: str) -> Json:
    columns = {"messages": "conversations", "tools": "tools"}
    if recipe.method == "dpo":
        columns |= {"chosen": "chosen", "rejected": "rejected"}
    described: Json = {"file_name": f"{split}.jsonl", "formatting": "sharegpt", "columns": columns}
    return {**described, "ranking": True} if recipe.method == "dpo" else described


def build_trl(recipe: Recipe, *, has_validation: bool) -> Files:
    """`trl sft --config trl.yaml`, or `trl dpo`."""
    settings: Json = {
        "model_name_or_path": recipe.base_model,
        "dataset_name": "data",
        "dataset_train_split": "train",
        "output_dir": "out",
        "use_peft": True,
        "lora_r": recipe.lora_rank,
        "lora_alpha": recipe.lora_alpha,
        "lora_target_modules": "all-linear",
        "max_length": recipe.max_length,
        "num_train_epochs": recipe.epochs,
        "per_device_train_batch_size": recipe.batch_size,
        "gradient_accumulation_steps": recipe.gradient_accumulation,
        "learning_rate": recipe.rate,
        "lr_scheduler_type": "cosine",
        "logging_steps": 1,
        "save_strategy": "epoch",
        "report_to": "none",
        "seed": recipe.seed,
    }
    if has_validation:
        settings |= {"dataset_test_split": "validation", "eval_strategy": "epoch", "per_device_eval_batch_size": 1}
    if recipe.method == "dpo":
        settings |= {"beta": recipe.beta}
    return {"trl.yaml": format_yaml(settings)}
