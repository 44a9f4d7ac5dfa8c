"""Make each form of the weights in the export's folder."""

import asyncio
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from service.connections.base_models.queries import load_models
from service.models.domain import ModelVersionRegistered
from service.models.exports.export_folder import Source, list_files
from service.models.exports.ollama_modelfile import write_modelfile
from service.settings import Settings
from service.weights.conversions.conversion import Conversion
from service.weights.conversions.conversion_process import run_conversion
from service.weights.conversions.local_bases import find_base, find_unpacked
from service.weights.refusal import NotConvertible
from service.worker.context import WorkerContext

ORDER = ("adapter", "merged", "gguf-q8_0", "gguf-f16", "gguf-adapter", "ollama")
GGUF_FORMS = ("gguf-q8_0", "gguf-f16")
ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")


def list_steps(forms: Sequence[str]) -> list[str]:
    """List what is made, in order: a Modelfile needs a GGUF file, and a card is always written."""
    required = {*forms}
    if "ollama" in required and not required.intersection(GGUF_FORMS):
        required.add("gguf-q8_0")
    return [form for form in ORDER if form in required]


class FormMaker(msgspec.Struct, frozen=True, kw_only=True):
    """Makes forms of one version in the folder `out`. `stem`: how its files are named."""

    source: Source
    out: Path
    stem: str
    base_model: str
    base: Path | None
    unpacked: Path | None
    license: str | None

    async def make(self, form: str) -> list[str]:
        """Make a form. Returns its files' paths. Raises NotConvertible with the reason."""
        match form:
            case "adapter":
                await self._make_adapter()
                return list(await asyncio.to_thread(list_files, self.out, "adapter"))
            case "merged":
                await self._convert("merged", self.out / "merged")
                return list(await asyncio.to_thread(list_files, self.out, "merged"))
            case "ollama":
                return [await self._write_modelfile()]
            case _:
                name = f"{self.stem}-{form.removeprefix('gguf-')}.gguf"
                await self._convert(form, self.out / name)
                return [name]

    async def _make_adapter(self) -> None:
        adapter = self.source.adapter
        if adapter is None:
            raise NotConvertible("All weights were tuned, so there is no adapter: take the merged model.")
        check = Conversion(form="check", source=str(adapter), out="", name=self.stem, is_adapter=True)
        await run_conversion(check)
        target = self.out / "adapter"
        await asyncio.to_thread(_copy_adapter, adapter, target, base_model=self.base_model)

    async def _convert(self, form: Any, out: Path) -> None:
        is_adapter = self.source.model is None or form == "gguf-adapter"
        source = self.source.adapter if is_adapter else self.source.model
        if source is None:
            raise NotConvertible("All weights were tuned, so there is no adapter: take the merged model.")
        if is_adapter and self.base is None:
            raise NotConvertible(
                f"The base model {self.base_model} is not on this server. Put its folder, or its GGUF file, into "
                f"TUNELEDGER_BASE_MODELS_DIRECTORY as {self.base_model}, and export again."
            )
        base = self.unpacked or self.base if form == "merged" else self.base
        await run_conversion(
            Conversion(
                form=form,
                source=str(source),
                out=str(out),
                name=self.stem,
                is_adapter=is_adapter,
                base=str(base) if base and is_adapter else None,
                license=self.license,
            )
        )

    async def _write_modelfile(self) -> str:
        files = [f"{self.stem}-{form.removeprefix('gguf-')}.gguf" for form in GGUF_FORMS]
        file = next((each for each in files if (self.out / each).is_file()), None)
        if file is None:
            raise NotConvertible("A Modelfile needs a GGUF file, which could not be made.")
        template = await asyncio.to_thread(_find_template, [self.source.model, self.source.adapter, self.base])
        text = write_modelfile(file, chat_template=template, license_name=self.license)
        (self.out / "Modelfile").write_text(text)
        return "Modelfile"


async def open_maker(
    context: WorkerContext,
    workspace_id: UUID,
    version: ModelVersionRegistered,
    *,
    model: str,
    source: Source,
    out: Path,
) -> FormMaker:
    """Find the base model and its license."""
    models = await load_models(context.engine, workspace_id)
    base, unpacked = await asyncio.to_thread(_find_base, context.settings, version.base_model)
    licenses = (each.licence for (_, name), each in models.items() if name == version.base_model)
    return FormMaker(
        source=source,
        out=out,
        stem=f"{re.sub('[^A-Za-z0-9._-]+', '-', model).strip('-.') or 'model'}-{version.model_version}",
        base_model=version.base_model,
        base=base,
        unpacked=unpacked,
        license=next((each for each in licenses if each), None),
    )


def _find_base(settings: Settings, name: str) -> tuple[Path | None, Path | None]:
    """Find a base model, also among those for training; and for a GGUF file the folder it was unpacked into."""
    trained = [folder for folder in (settings.local_directory, settings.ray_directory) if folder]
    places = [settings.base_models_directory, *(folder / "models" for folder in trained)]
    base = find_base([place.expanduser().absolute() for place in places if place is not None], name)
    if base is None or base.is_dir():
        return base, None
    unpacked = (find_unpacked(folder.expanduser().absolute() / "unpacked", base) for folder in trained)
    return base, next(filter(None, unpacked), None)


def _copy_adapter(adapter: Path, target: Path, *, base_model: str) -> None:
    """Copy an adapter with what it needs. Its base gets a name: the path where it was trained is nobody's business."""
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(adapter.iterdir()):
        is_wanted = path.name in ADAPTER_FILES or "token" in path.name or path.suffix == ".jinja"
        if path.is_file() and is_wanted and path.suffix in {".json", ".safetensors", ".jinja", ".model", ".txt"}:
            shutil.copyfile(path, target / path.name)
    file = target / "adapter_config.json"
    config = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    config |= {"base_model_name_or_path": base_model}
    config.pop("auto_mapping", None)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(config), indent=2) + b"\n")


def _find_template(places: Sequence[Path | None]) -> str | None:
    """Find the chat template, in a file of its own or in the tokenizer's settings."""
    for place in places:
        if place is None or not place.is_dir():
            continue
        if (file := place / "chat_template.jinja").is_file():
            return file.read_text(errors="replace")
        if (file := place / "tokenizer_config.json").is_file():
            template = msgspec.json.decode(file.read_bytes(), type=dict[str, Any]).get("chat_template")
            return template if isinstance(template, str) else None
    return None
