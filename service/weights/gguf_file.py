"""Write GGUF files: a base model with an adapter in it, or the adapter alone."""

import logging
from collections.abc import Callable, Iterator
from math import prod
from pathlib import Path
from typing import Literal

import gguf
import msgspec
import numpy as np
from gguf import GGMLQuantizationType as Kind

from service.weights.architectures import compute_rope_factors, write_hyperparameters
from service.weights.base_weights import FolderBase, GgufBase, Layout, get_layout, open_base
from service.weights.merge import MergedModel
from service.weights.peft_adapter import Adapter, read_adapter
from service.weights.refusal import NotConvertible
from service.weights.tensor_file import Values
from service.weights.tokenizer_fields import write_tokenizer

Form = Literal["q8_0", "f16"]
KINDS: dict[Form, tuple[Kind, gguf.LlamaFileType]] = {
    "q8_0": (Kind.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
    "f16": (Kind.F16, gguf.LlamaFileType.MOSTLY_F16),
}
# Written anew: a base file's own would not be true of what is made of it.
OWN_FIELDS = {"general.architecture", "general.file_type", "general.quantization_version", "general.name"}
Report = Callable[[int, int], None]

logging.getLogger("gguf").setLevel(logging.WARNING)


class Labels(msgspec.Struct, frozen=True, kw_only=True):
    """What the file says of itself. A base GGUF's license is kept where none is given."""

    name: str
    license: str | None = None


class _Weight(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    shape: tuple[int, ...]
    load: Callable[[], Values]


def ignore(_done: int, _total: int) -> None:
    """Report to nobody."""


def write_gguf(
    base: Path, adapter: Path | None, out: Path, *, form: Form, labels: Labels, report: Report = ignore
) -> None:
    """Write base and adapter as one GGUF file, one weight in memory at a time. Raises NotConvertible.

    `base` is a GGUF file or a folder of safetensors; `report` gets the bytes written and those in all.
    """
    opened = open_base(base)
    laid_over = read_adapter(adapter) if adapter else None
    part = out.with_name(f"{out.name}.part")
    if isinstance(opened, GgufBase):
        writer = gguf.GGUFWriter(part, opened.get_field("general.architecture"))
        _copy_fields(writer, opened)
        weights = list(_list_file_weights(opened, laid_over))
    else:
        layout = get_layout(opened)
        writer = gguf.GGUFWriter(part, layout.architecture.name)
        write_hyperparameters(writer, opened.config)
        write_tokenizer(writer, opened.folder, size=int(opened.config["vocab_size"]))
        weights = list(_list_folder_weights(opened, laid_over, layout))
    _write_labels(writer, labels, form)
    _write_weights(writer, weights, form, report)
    part.replace(out)


def write_adapter_gguf(base: Path, adapter: Path, out: Path, *, labels: Labels) -> None:
    """Write the adapter alone, in f16, to be laid over the base when it is served. Raises NotConvertible."""
    layout = get_layout(open_base(base))
    laid_over = read_adapter(adapter)
    if laid_over.replaced:
        raise NotConvertible("The adapter replaces whole weights, which an adapter in GGUF cannot: export it merged.")
    part = out.with_name(f"{out.name}.part")
    writer = gguf.GGUFWriter(part, layout.architecture.name)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_name(labels.name)
    if labels.license:
        writer.add_license(labels.license)
    alpha = float(laid_over.config["lora_alpha"])
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, alpha)
    for weight, delta in laid_over.deltas.items():
        name = layout.name(weight)
        # llama.cpp multiplies by alpha / rank; where that is not this weight's scale, the difference goes into B.
        rest = np.float32(delta.scale * delta.a.shape[0] / alpha)
        writer.add_tensor(f"{name}.lora_a", delta.a.load().astype(np.float16))
        writer.add_tensor(f"{name}.lora_b", layout.order(name, delta.b.load() * rest).astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    part.replace(out)


def _list_folder_weights(base: FolderBase, adapter: Adapter | None, layout: Layout) -> Iterator[_Weight]:
    model = MergedModel(base, adapter)
    factors = compute_rope_factors(base.config)
    if factors is not None:
        yield _Weight(name="rope_freqs.weight", shape=factors.shape, load=lambda: factors)
    for weight in model.names:
        if weight.endswith("rotary_emb.inv_freq"):
            continue
        name = layout.name(weight)

        def load(weight: str = weight, name: str = name) -> Values:
            return layout.order(name, model.load(weight))

        yield _Weight(name=name, shape=model.describe(weight)[1], load=load)


def _list_file_weights(base: GgufBase, adapter: Adapter | None) -> Iterator[_Weight]:
    layout = get_layout(base) if adapter else None
    deltas = {layout.name(weight): delta for weight, delta in adapter.deltas.items()} if adapter and layout else {}
    if adapter and adapter.replaced:
        raise NotConvertible("The adapter replaces whole weights: give the base model as a folder of safetensors.")
    if missing := sorted(set(deltas) - set(base.tensors)):
        raise NotConvertible(f"The adapter changes {missing[0]}, which the base model has not: it is of another.")
    for name in base.tensors:

        def load(name: str = name) -> Values:
            values = base.load(name)
            return values + layout.order(name, deltas[name].compute()) if layout and name in deltas else values

        yield _Weight(name=name, shape=tuple(base.get_shape(name)), load=load)


def _copy_fields(writer: gguf.GGUFWriter, base: GgufBase) -> None:
    """Copy license, tokenizer, chat template and hyperparameters of the base file."""
    for key, field in base.reader.fields.items():
        if key.startswith("GGUF.") or key in OWN_FIELDS:
            continue
        writer.add_key_value(key, field.contents(), field.types[0], field.types[-1] if len(field.types) > 1 else None)


def _write_labels(writer: gguf.GGUFWriter, labels: Labels, form: Form) -> None:
    writer.add_name(labels.name)
    writer.add_file_type(KINDS[form][1])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    if labels.license and not any(gguf.Keys.General.LICENSE in fields for fields in writer.kv_data):
        writer.add_license(labels.license)


def _write_weights(writer: gguf.GGUFWriter, weights: list[_Weight], form: Form, report: Report) -> None:
    kinds = {weight.name: _choose_kind(weight, form) for weight in weights}
    sizes = {weight.name: _count_bytes(weight, kinds[weight.name]) for weight in weights}
    for weight in weights:
        writer.add_tensor_info(weight.name, weight.shape, np.dtype(np.float32), sizes[weight.name], kinds[weight.name])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    done, total = 0, sum(sizes.values())
    for weight in weights:
        writer.write_tensor_data(gguf.quants.quantize(weight.load(), kinds[weight.name]))
        done += sizes[weight.name]
        report(done, total)
    writer.close()


def _choose_kind(weight: _Weight, form: Form) -> Kind:
    """Keep vectors in full, as llama.cpp does, and rows that do not divide into blocks in f16."""
    if len(weight.shape) == 1:
        return Kind.F32
    block = gguf.GGML_QUANT_SIZES[KINDS[form][0]][0]
    return KINDS[form][0] if weight.shape[-1] % block == 0 else Kind.F16


def _count_bytes(weight: _Weight, kind: Kind) -> int:
    block, size = gguf.GGML_QUANT_SIZES[kind]
    return prod(weight.shape) // block * size
