"""Merge and convert tiny models without torch. Equality with PEFT's own merge is in test_parity.py."""

import hashlib
import io
import tarfile
from pathlib import Path
from typing import Any

import gguf
import msgspec
import numpy as np
import pytest

from service.weights.base_weights import FolderBase
from service.weights.conversions import weight_archive
from service.weights.conversions.local_bases import find_base, find_unpacked
from service.weights.conversions.weight_archive import unpack
from service.weights.gguf_file import Labels, write_adapter_gguf, write_gguf
from service.weights.merge import MergedModel
from service.weights.peft_adapter import read_adapter
from service.weights.refusal import NotConvertible
from service.weights.tensor_file import read_folder, read_tensors
from tests.weights.plain_models import SHAPES, K, save_adapter, save_base, save_json, save_tensors

LABELS = Labels(name="headlines v1.0", license="apache-2.0")


def read_gguf(file: Path) -> tuple[gguf.GGUFReader, dict[str, Any]]:
    reader = gguf.GGUFReader(file)
    return reader, {tensor.name: tensor for tensor in reader.tensors}


def test_a_merged_folder_has_the_sums_and_nothing_that_runs(tmp_path: Path) -> None:
    base = save_base(tmp_path / "base")
    sums = save_adapter(tmp_path / "adapter")
    MergedModel(FolderBase(tmp_path / "base"), read_adapter(tmp_path / "adapter")).write(tmp_path / "out")
    merged = read_folder(tmp_path / "out")
    for name, values in base.items():
        assert np.array_equal(merged[name].load(), values + sums.get(name, np.float32(0))), name
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        *("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
    }
    assert "auto_map" not in msgspec.json.decode((tmp_path / "out/config.json").read_bytes())


def test_a_gguf_file_reports_and_holds_merged_weights_and_tokenizer(tmp_path: Path) -> None:
    base = save_base(tmp_path / "base")
    sums = save_adapter(tmp_path / "adapter")
    reports: list[tuple[int, int]] = []
    write_gguf(
        *(tmp_path / "base", tmp_path / "adapter", tmp_path / "out.gguf"),
        form="q8_0",
        labels=LABELS,
        report=lambda done, total: reports.append((done, total)),
    )
    reader, tensors = read_gguf(tmp_path / "out.gguf")
    fields = {name: reader.get_field(name).contents() for name in reader.fields}  # type: ignore[union-attr]
    assert fields["general.name"] == "headlines v1.0"
    assert fields["general.license"] == "apache-2.0"
    assert (fields["tokenizer.ggml.pre"], fields["tokenizer.ggml.eos_token_id"]) == ("gpt-2", 259)
    assert fields["tokenizer.chat_template"] == "{{ messages }}"
    assert fields["llama.attention.head_count_kv"] == 2
    values = (base[f"{K}.weight"] + sums[f"{K}.weight"]).reshape(2, 2, 4, 32).swapaxes(1, 2).reshape(16, 32)
    assert np.array_equal(
        tensors["blk.0.attn_k.weight"].data, gguf.quants.quantize(values, gguf.GGMLQuantizationType.Q8_0)
    )
    assert tensors["blk.0.ffn_down.weight"].tensor_type == gguf.GGMLQuantizationType.F16  # 48 is no multiple of 32
    assert tensors["output_norm.weight"].tensor_type == gguf.GGMLQuantizationType.F32
    assert reports[-1][0] == reports[-1][1] == sum(tensor.n_bytes for tensor in reader.tensors)


def test_an_adapter_in_gguf_is_the_same_over_a_folder_and_over_a_gguf_file(tmp_path: Path) -> None:
    save_base(tmp_path / "base", dtype="BF16")
    save_adapter(tmp_path / "adapter")
    write_gguf(tmp_path / "base", None, tmp_path / "base.gguf", form="f16", labels=LABELS)
    for base in ("base", "base.gguf"):
        write_adapter_gguf(tmp_path / base, tmp_path / "adapter", tmp_path / f"{base}-adapter.gguf", labels=LABELS)
    assert (tmp_path / "base-adapter.gguf").read_bytes() == (tmp_path / "base.gguf-adapter.gguf").read_bytes()
    write_gguf(
        tmp_path / "base.gguf", tmp_path / "adapter", tmp_path / "tuned.gguf", form="f16", labels=Labels(name="x")
    )
    reader, _ = read_gguf(tmp_path / "tuned.gguf")
    assert reader.get_field("general.license").contents() == "apache-2.0"  # type: ignore[union-attr]


def test_what_a_tied_adapter_replaces_is_untied(tmp_path: Path) -> None:
    base = save_base(tmp_path / "base")
    save_adapter(tmp_path / "adapter")
    head = np.ones(SHAPES["model.embed_tokens.weight"], dtype=np.float32)
    save_tensors(tmp_path / "adapter/adapter_model.safetensors", {"base_model.model.lm_head.weight": head})
    MergedModel(FolderBase(tmp_path / "base"), read_adapter(tmp_path / "adapter")).write(tmp_path / "out")
    merged = read_folder(tmp_path / "out")
    assert np.array_equal(merged["lm_head.weight"].load(), head)
    assert np.array_equal(merged["model.embed_tokens.weight"].load(), base["model.embed_tokens.weight"])
    assert msgspec.json.decode((tmp_path / "out/config.json").read_bytes())["tie_word_embeddings"] is False


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"use_dora": True}, "uses use_dora"),
        ({"peft_type": "LOHA"}, "peft_type LOHA"),
        ({"bias": "all"}, "bias all"),
        ({"init_lora_weights": "pissa"}, "init_lora_weights pissa"),
    ],
)
def test_an_adapter_that_is_no_plain_sum_is_refused(tmp_path: Path, config: dict[str, Any], sentence: str) -> None:
    save_adapter(tmp_path, **config)
    with pytest.raises(NotConvertible, match=sentence):
        read_adapter(tmp_path)


def test_a_base_that_cannot_be_converted_says_why(tmp_path: Path) -> None:
    save_base(tmp_path / "odd", model_type="gpt_neox")
    with pytest.raises(NotConvertible, match="type gpt_neox"):
        write_gguf(tmp_path / "odd", None, tmp_path / "out.gguf", form="f16", labels=LABELS)
    save_base(tmp_path / "split")
    save_json(tmp_path / "split/tokenizer.json", {"model": {"type": "BPE", "vocab": {}}, "pre_tokenizer": None})
    with pytest.raises(NotConvertible, match="would make wrong tokens"):
        write_gguf(tmp_path / "split", None, tmp_path / "out.gguf", form="f16", labels=LABELS)
    save_base(tmp_path / "quantized", quantization_config={"bits": 4})
    with pytest.raises(NotConvertible, match="is quantized"):
        FolderBase(tmp_path / "quantized")
    save_base(tmp_path / "base")
    save_adapter(tmp_path / "other", ("model.layers.7.self_attn.q_proj",))
    with pytest.raises(NotConvertible, match=r"layers\.7.*which the base model has not"):
        MergedModel(FolderBase(tmp_path / "base"), read_adapter(tmp_path / "other"))


@pytest.mark.parametrize("cut", [4, 9, 5000])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    save_base(tmp_path)
    file = tmp_path / "model.safetensors"
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(NotConvertible):
        read_tensors(file)


def test_a_pickle_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(NotConvertible, match="is a pickle"):
        read_folder(tmp_path)


def test_a_base_is_found_by_its_name_alone_and_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    save_base(tmp_path / "bases/acme/small")
    (tmp_path / "bases/smol.gguf").write_bytes(b"GGUF")
    folders = [tmp_path / "elsewhere", tmp_path / "bases"]
    assert find_base(folders, "acme/small") == tmp_path / "bases/acme/small"
    assert find_base(folders, "smol") == find_base(folders, "smol.gguf") == tmp_path / "bases/smol.gguf"
    save_base(tmp_path / "secret")
    assert [find_base(folders, name) for name in ("../secret", str(tmp_path / "secret"), "a/b/c/d", "none")] == [
        None
    ] * 4
    save_base(tmp_path / f"unpacked/smol-{hashlib.sha256(b'GGUF').hexdigest()[:16]}")
    assert find_unpacked(tmp_path / "unpacked", tmp_path / "bases/smol.gguf") is not None
    snapshot = tmp_path / "cache/hub/models--acme--cached"
    save_base(snapshot / "snapshots/abc")
    (snapshot / "refs").mkdir()
    (snapshot / "refs/main").write_text("abc\n")
    assert find_base([], "acme/cached") == snapshot / "snapshots/abc"


def pack(file: Path, *entries: tuple[tarfile.TarInfo, bytes]) -> None:
    with tarfile.open(file, "w:gz") as archive:
        for entry, content in entries:
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


def link(name: str, target: str) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    return entry


@pytest.mark.parametrize(
    ("entry", "content", "sentence"),
    [
        (tarfile.TarInfo("../up.json"), b"{}", "outside its folder"),
        (tarfile.TarInfo("/etc/cron.d/x"), b"{}", "outside its folder"),
        (link("config.json", "/etc/passwd"), b"", "a link or a device"),
        (tarfile.TarInfo("big.json"), bytes(3_000), "would fill more than"),
    ],
)
def test_an_archive_that_asks_for_more_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: tarfile.TarInfo, content: bytes, sentence: str
) -> None:
    monkeypatch.setattr(weight_archive, "MIN_ALLOWED_BYTES", 100)
    pack(tmp_path / "a.tar.gz", (entry, content))
    (tmp_path / "out").mkdir()
    with pytest.raises(NotConvertible, match=sentence):
        unpack(tmp_path / "a.tar.gz", tmp_path / "out", name="a.tar.gz")
    assert not (tmp_path / "up.json").exists()


def test_an_archive_is_unpacked_without_what_runs(tmp_path: Path) -> None:
    pack(
        tmp_path / "a.tar.gz",
        (tarfile.TarInfo("./model/config.json"), b"{}"),
        (tarfile.TarInfo("model/pytorch_model.bin"), b"\x80\x04."),
        (tarfile.TarInfo("model/modeling.py"), b"raise SystemExit"),
    )
    (tmp_path / "out").mkdir()
    unpack(tmp_path / "a.tar.gz", tmp_path / "out", name="a.tar.gz")
    assert [path.name for path in (tmp_path / "out/model").iterdir()] == ["config.json"]
    (tmp_path / "b.tar.zst").write_bytes(b"no archive")
    with pytest.raises(NotConvertible, match="cannot be unpacked"):
        unpack(tmp_path / "b.tar.zst", tmp_path / "out", name="b.tar.zst")
