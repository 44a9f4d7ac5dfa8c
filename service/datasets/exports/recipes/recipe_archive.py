"""The zip of a recipe: data files, the tool's settings and a README; the same bytes each time. Pure."""

import asyncio
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from types import MappingProxyType
from typing import IO

import msgspec

from service.datasets.exports.recipes.recipe import Method, Recipe, Tool
from service.datasets.exports.recipes.unsloth_recipe import build_unsloth
from service.datasets.exports.recipes.yaml_recipes import Files, build_axolotl, build_llama_factory, build_trl
from service.datasets.exports.writers import preference_writer, recipe_writer
from service.datasets.exports.writers.chat_writer import write_trl
from service.datasets.exports.writers.export_formats import Write

BEGINNING = (1980, 1, 1, 0, 0, 0)  # a zip has no earlier time


class RecipeTool(msgspec.Struct, frozen=True):
    """How to write for a tool: its settings, its rows by method, and the command that trains."""

    title: str
    build: Callable[..., Files]
    rows: Mapping[Method, Write]
    command: Mapping[Method, str]
    install: str


TOOLS: Mapping[Tool, RecipeTool] = MappingProxyType(
    {
        "axolotl": RecipeTool(
            "Axolotl",
            build_axolotl,
            {"supervised": write_trl, "dpo": recipe_writer.write_text_pairs},
            dict.fromkeys(("supervised", "dpo"), "axolotl train axolotl.yaml"),
            "axolotl",
        ),
        "llama-factory": RecipeTool(
            "LLaMA-Factory",
            build_llama_factory,
            {"supervised": recipe_writer.write_alternate, "dpo": recipe_writer.write_alternate_pairs},
            dict.fromkeys(("supervised", "dpo"), "llamafactory-cli train llama_factory.yaml"),
            "llamafactory",
        ),
        "unsloth": RecipeTool(
            "Unsloth",
            build_unsloth,
            {"supervised": recipe_writer.write_template_rows, "dpo": preference_writer.write_trl_preference},
            dict.fromkeys(("supervised", "dpo"), "python train.py"),
            "unsloth",
        ),
        "trl": RecipeTool(
            "TRL",
            build_trl,
            {"supervised": recipe_writer.write_completion, "dpo": preference_writer.write_trl_preference},
            {"supervised": "trl sft --config trl.yaml", "dpo": "trl dpo --config trl.yaml"},
            "trl peft",
        ),
    }
)


class Buffer:
    """Where a zip is written piece by piece: `take` gives what has come since."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """A zip asks for it."""

    def take(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


async def write_archive(
    recipe: Recipe, splits: Mapping[str, AsyncIterator[bytes]], more_files: Files | None = None
) -> AsyncIterator[bytes]:
    """The zip in pieces. A split without rows is left out. `more_files` stand beside the settings."""
    buffer, written = Buffer(), set()
    with zipfile.ZipFile(buffer, "w") as archive:  # type: ignore[call-overload] # it writes, and never seeks
        for split, pieces in splits.items():
            entry: IO[bytes] | None = None
            async for piece in pieces:
                if piece and entry is None:
                    entry = archive.open(_describe_entry(f"data/{split}.jsonl"), "w", force_zip64=True)
                    written.add(split)
                if entry is not None:
                    await asyncio.to_thread(entry.write, piece)
                    yield buffer.take()
            if entry is not None:
                entry.close()
        files = TOOLS[recipe.tool].build(recipe, has_validation="validation" in written)
        for name, body in {**files, "README.md": build_readme(recipe), **(more_files or {})}.items():
            archive.writestr(_describe_entry(name), body)
    yield buffer.take()


def build_readme(recipe: Recipe) -> bytes:
    tool = TOOLS[recipe.tool]
    command = tool.command[recipe.method]
    cpu = "\nWithout a graphics card, add `use_cpu: true` and `bf16: false`.\n" if recipe.tool == "trl" else ""
    return (
        f"# {tool.title}\n\nA LoRA on `{recipe.base_model}` ({recipe.method}). In this folder:\n\n"
        f"```sh\npip install {tool.install}\n{command}\n```\n\n"
        "`data/` has the rows. The result comes into `out/`. What rows lost on their way is counted in the headers\n"
        "`Export-Losses` and `Export-Left-Out` of the response that this archive came with.\n"
        f"{cpu}"
    ).encode()


def _describe_entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=BEGINNING)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
