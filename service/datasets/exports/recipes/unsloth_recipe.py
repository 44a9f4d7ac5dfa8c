"""The recipe for Unsloth, which is a script. Pure."""

from service.datasets.exports.recipes.recipe import Recipe, format_json
from service.datasets.exports.recipes.yaml_recipes import Files

START = '''"""Train with Unsloth on a graphics card: `python train.py`. The settings are in settings.json."""

import json
import os
from pathlib import Path

from unsloth import FastLanguageModel, is_bfloat16_supported  # before trl, which it changes

from datasets import load_dataset

FOLDER = Path(__file__).parent
SETTINGS = json.loads((FOLDER / "settings.json").read_text())
FILES = {path.stem: str(path) for path in sorted((FOLDER / "data").glob("*.jsonl"))}

model, tokenizer = FastLanguageModel.from_pretrained(
    SETTINGS["base_model"], max_seq_length=SETTINGS["max_length"], load_in_4bit=SETTINGS["load_in_4bit"]
)
model = FastLanguageModel.get_peft_model(
    model,
    r=SETTINGS["lora_rank"],
    lora_alpha=SETTINGS["lora_alpha"],
    random_state=SETTINGS["seed"],
    use_gradient_checkpointing="unsloth",
)
rows = load_dataset("json", data_files=FILES)
arguments = dict(
    output_dir="out",
    num_train_epochs=SETTINGS["epochs"],
    per_device_train_batch_size=SETTINGS["batch_size"],
    gradient_accumulation_steps=SETTINGS["gradient_accumulation"],
    learning_rate=SETTINGS["learning_rate"],
    lr_scheduler_type="cosine",
    max_length=SETTINGS["max_length"],
    bf16=is_bfloat16_supported(),
    fp16=not is_bfloat16_supported(),
    eval_strategy="epoch" if "validation" in FILES else "no",
    logging_steps=1,
    save_strategy="epoch",
    report_to="none",
    seed=SETTINGS["seed"],
)
'''
SUPERVISED = '''
from trl import SFTConfig, SFTTrainer
from unsloth.chat_templates import train_on_responses_only


def render(row: dict) -> dict:
    messages = [{name: value for name, value in turn.items() if value is not None} for turn in row["messages"]]
    tools = json.loads(row["tools"]) if row.get("tools") else None
    return {"text": tokenizer.apply_chat_template(messages, tools=tools, tokenize=False)}


def find_parts() -> tuple[str, str]:
    """What the chat template writes before each question and before each answer."""
    turns = [{"role": role, "content": f"<<{number}>>"} for number, role in enumerate(("user", "assistant") * 2)]
    text = tokenizer.apply_chat_template(turns, tokenize=False)
    before = [text.split(f"<<{number}>>")[0].rpartition(">>")[2] for number in range(4)]
    common = [os.path.commonprefix([before[n][::-1], before[n + 2][::-1]])[::-1] for n in (0, 1)]
    return common[0], common[1]


texts = rows.map(render, remove_columns=rows["train"].column_names)
trainer = SFTTrainer(
    model=model,
    processing_class=tokenizer,
    train_dataset=texts["train"],
    eval_dataset=texts.get("validation"),
    args=SFTConfig(dataset_text_field="text", **arguments),
)
instruction_part, response_part = find_parts()
trainer = train_on_responses_only(trainer, instruction_part=instruction_part, response_part=response_part)
'''
DPO = """
from trl import DPOConfig, DPOTrainer

trainer = DPOTrainer(
    model=model,
    processing_class=tokenizer,
    train_dataset=rows["train"],
    eval_dataset=rows.get("validation"),
    args=DPOConfig(beta=SETTINGS["beta"], **arguments),
)
"""
END = """
trainer.train()
model.save_pretrained("out")
tokenizer.save_pretrained("out")
"""


def build_unsloth(recipe: Recipe, *, has_validation: bool) -> Files:  # noqa: ARG001 - the script looks for the file
    """`python train.py`."""
    names = ("base_model", "epochs", "batch_size", "gradient_accumulation", "max_length", "lora_rank", "lora_alpha")
    settings = {name: getattr(recipe, name) for name in (*names, "seed", "beta")}
    settings |= {"learning_rate": recipe.rate, "load_in_4bit": True}
    script = START + (DPO if recipe.method == "dpo" else SUPERVISED) + END
    return {"train.py": script.encode(), "settings.json": format_json(settings)}
