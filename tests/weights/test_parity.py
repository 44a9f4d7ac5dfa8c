"""What the exports hold is what PEFT and transformers make of the same. Run by `make test-local`, which has them."""

from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("peft")

from service.weights.base_weights import FolderBase, get_layout  # noqa: E402
from service.weights.gguf_file import Form, Labels, write_adapter_gguf, write_gguf  # noqa: E402
from service.weights.merge import MergedModel  # noqa: E402
from service.weights.peft_adapter import read_adapter  # noqa: E402
from tests.weights.tiny_models import load_merged, save_adapter, save_base  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")
LABELS = Labels(name="tiny", license="apache-2.0")
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 10_000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "llama": ("llama", {"tie_word_embeddings": True}, {}),
    "llama3": ("llama", {"rope_parameters": LLAMA3}, {"use_rslora": True}),
    "mistral": ("mistral", {}, {"rank_pattern": {"q_proj": 2}, "alpha_pattern": {"v_proj": 3}}),
    "qwen2": ("qwen2", {}, {"target_modules": ["q_proj", "v_proj"]}),
    "qwen3": ("qwen3", {"head_dim": 128, "tie_word_embeddings": False}, {}),
    "untied": ("llama", {"tie_word_embeddings": True}, {"modules_to_save": ["embed_tokens", "lm_head"]}),
    "bfloat16": ("llama", {"dtype": torch.bfloat16}, {}),
}


@pytest.fixture(scope="module", params=CASES)
def tuned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    kind, model, adapter = CASES[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    save_base(folder / "base", kind, **model)
    save_adapter(folder / "base", folder / "adapter", **adapter)
    return folder / "base", folder / "adapter"


def compute_logits(model: Any) -> Any:
    with torch.no_grad():
        return model.float().eval()(torch.arange(2, 90)[None]).logits


def load_gguf(file: Path) -> Any:
    config = transformers.GgufConfig(dequantize=True)
    return transformers.AutoModelForCausalLM.from_pretrained(
        file.parent, gguf_file=file.name, dtype=torch.float32, quantization_config=config
    )


def test_a_merged_folder_is_what_peft_merges(tuned: tuple[Path, Path], tmp_path: Path) -> None:
    base, adapter = tuned
    MergedModel(FolderBase(base), read_adapter(adapter)).write(tmp_path / "merged")
    ours = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "merged")
    theirs = load_merged(base, adapter)
    assert ours.dtype == theirs.dtype
    for (name, mine), (_, other) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        # Two libraries multiply matrices, so the last bit of a float32 may differ.
        torch.testing.assert_close(mine, other, rtol=1e-6, atol=1e-7, msg=lambda text, name=name: f"{name}: {text}")
    torch.testing.assert_close(compute_logits(ours), compute_logits(theirs), rtol=1e-4, atol=1e-4)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "merged")
    assert tokenizer.apply_chat_template([{"role": "user", "content": "the"}], tokenize=False) == "<s>user\nthe</s>\n"


@pytest.mark.parametrize("form", ["q8_0", "f16"])
def test_a_gguf_file_holds_the_weights_that_peft_merges(tuned: tuple[Path, Path], tmp_path: Path, form: Form) -> None:
    base, adapter = tuned
    write_gguf(base, adapter, tmp_path / "tuned.gguf", form=form, labels=LABELS)
    reader = gguf.GGUFReader(tmp_path / "tuned.gguf")
    theirs = load_merged(base, adapter)
    layout = get_layout(FolderBase(base))
    written = {tensor.name: tensor for tensor in reader.tensors}
    worst = 0.0
    for name, parameter in theirs.named_parameters():
        ours = written[layout.name(name)]
        values = layout.order(ours.name, parameter.detach().float().numpy())
        expected = gguf.quants.dequantize(gguf.quants.quantize(values, ours.tensor_type), ours.tensor_type)
        found = gguf.quants.dequantize(ours.data, ours.tensor_type)
        worst = max(worst, float(np.abs(expected - found.reshape(expected.shape)).max()))
    assert worst == 0.0


def test_transformers_reads_the_gguf_file_as_the_same_model(tuned: tuple[Path, Path], tmp_path: Path) -> None:
    base, adapter = tuned
    write_gguf(base, adapter, tmp_path / "tuned.gguf", form="f16", labels=LABELS)
    ours, theirs = load_gguf(tmp_path / "tuned.gguf"), load_merged(base, adapter)
    if theirs.config.rope_parameters["rope_type"] == "default":  # transformers does not read rope_freqs
        torch.testing.assert_close(compute_logits(ours), compute_logits(theirs), rtol=0.05, atol=0.05)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path, gguf_file="tuned.gguf")
    expected = transformers.AutoTokenizer.from_pretrained(base)
    assert tokenizer.encode("the harbour 42 opens") == expected.encode("the harbour 42 opens")
    assert tokenizer.chat_template == expected.chat_template


def test_a_gguf_base_gives_the_same_as_its_folder(tuned: tuple[Path, Path], tmp_path: Path) -> None:
    base, adapter = tuned
    if read_adapter(adapter).replaced:
        pytest.skip("what an adapter replaces is not laid over a GGUF file")
    write_gguf(base, None, tmp_path / "base.gguf", form="f16", labels=LABELS)
    write_gguf(tmp_path / "base.gguf", adapter, tmp_path / "tuned.gguf", form="q8_0", labels=Labels(name="again"))
    reader = gguf.GGUFReader(tmp_path / "tuned.gguf")
    assert reader.get_field("general.license").contents() == "apache-2.0"  # type: ignore[union-attr]
    assert reader.get_field("tokenizer.chat_template") is not None
    ours, theirs = load_gguf(tmp_path / "tuned.gguf"), load_merged(base, adapter)
    for (name, mine), (_, other) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert (mine - other.float()).abs().max() < 0.02, name
    write_adapter_gguf(base, adapter, tmp_path / "folder.gguf", labels=LABELS)
    write_adapter_gguf(tmp_path / "base.gguf", adapter, tmp_path / "file.gguf", labels=LABELS)
    assert (tmp_path / "folder.gguf").read_bytes() == (tmp_path / "file.gguf").read_bytes()
