"""The base: found on this machine, unpacked if it is a GGUF, and refused if reading it would run somebody's code."""

import fcntl
import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, GgufConfig

from service.providers.local.job import Job
from service.providers.local.trainer.disk import require_free, sync_folder
from service.providers.local.trainer.failure import TrainerFailure
from service.providers.local.training_estimate import ModelShape

PICKLES = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib", ".npy"})
CODE = frozenset({".py", ".pyc", ".so"})
DOWNLOADED = ["*.safetensors", "*.json", "*.jinja", "tokenizer.model", "*.txt"]
HASH_CHARACTERS = 16
FLOAT_BYTES = 4


def find_base(job: Job, folder: Path) -> Path:
    """The folder of the base. Raises TrainerFailure where there is none, or where it is not safe to read."""
    path = Path(job.base).expanduser()
    if path.suffix == ".gguf":
        base = _unpack(path, job, folder)
    elif path.is_dir():
        base = path.resolve()
    elif path.is_absolute() or job.base.startswith((".", "~")):
        raise TrainerFailure("base_not_found", f"There is no folder and no .gguf file {job.base} on this machine.")
    else:
        base = _find_on_hub(job)
    refuse_unsafe(base)
    return base


def refuse_unsafe(base: Path) -> None:
    """Raise TrainerFailure if the folder holds pickles or code. Neither would be read; but they are no base."""
    for path in sorted(base.iterdir()):
        if path.suffix in PICKLES:
            raise TrainerFailure(
                "base_refused",
                f"{path.name} in {base.name} may be a pickle, which runs code when it is read. Take a base whose"
                " weights are in safetensors, without such files.",
            )
        if path.suffix in CODE:
            raise TrainerFailure(
                "base_refused", f"{base.name} brings code along ({path.name}). No code of a model is run: remove it."
            )
    if not (base / "config.json").is_file():
        raise TrainerFailure("base_refused", f"{base.name} has no config.json: it is no model in transformers' form.")
    if not any(base.glob("*.safetensors")):
        raise TrainerFailure("base_refused", f"{base.name} has no weights in safetensors.")
    if b'"auto_map"' in (base / "config.json").read_bytes():
        raise TrainerFailure(
            "base_refused", f"{base.name} needs code of its own (auto_map in config.json), which is not run."
        )


def load_tokenizer(base: Path) -> Any:
    """The tokenizer, with a chat template and a token to pad with."""
    tokenizer = AutoTokenizer.from_pretrained(base, trust_remote_code=False, local_files_only=True)
    if not tokenizer.chat_template:
        raise TrainerFailure(
            "base_refused", f"{base.name} has no chat template, so it is not known how its chats are written."
        )
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(base: Path, job: Job, *, cuda: bool) -> Any:
    """The model, in 32 bits on the CPU, in 16 on CUDA, in 4 for QLoRA."""
    quantization = None
    if job.hyperparameters.tuned == "qlora":
        if not cuda:
            raise TrainerFailure("invalid_job", "QLoRA needs CUDA, which this machine has not: take tuned=lora.")
        quantization = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )
    try:
        return AutoModelForCausalLM.from_pretrained(
            base,
            dtype=torch.bfloat16 if cuda and job.hyperparameters.tuned != "full" else torch.float32,
            quantization_config=quantization,
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            device_map={"": 0} if quantization else None,
        )
    except ImportError as error:
        raise TrainerFailure("missing_library", f"{error}"[:500]) from error


def read_shape(base: Path, parameters: int) -> ModelShape:
    """What the estimate needs to know of the model."""
    config = AutoConfig.from_pretrained(base, trust_remote_code=False, local_files_only=True).get_text_config()
    width = int(config.hidden_size)
    return ModelShape(
        parameters=parameters,
        layers=int(config.num_hidden_layers),
        width=width,
        forward_width=int(getattr(config, "intermediate_size", 4 * width)),
        vocabulary=int(config.vocab_size),
    )


def _find_on_hub(job: Job) -> Path:
    try:
        found = snapshot_download(job.base, local_files_only=not job.allow_download, allow_patterns=DOWNLOADED)
    except LocalEntryNotFoundError as error:
        raise TrainerFailure(
            "base_not_found",
            f"{job.base} is not on this machine, and nothing is downloaded unless the connection's option"
            " `downloads` says so.",
        ) from error
    except (HfHubHTTPError, HFValidationError, OSError) as error:
        raise TrainerFailure("base_not_found", f"{job.base} cannot be had from the hub: {error}"[:500]) from error
    return Path(found)


def _unpack(path: Path, job: Job, folder: Path) -> Path:
    """Turn a GGUF into a folder once; its name has the file's digest."""
    if not path.is_file():
        raise TrainerFailure("base_not_found", f"There is no file {path} on this machine.")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if job.base_sha256 and digest != job.base_sha256:
        raise TrainerFailure("base_refused", f"{path.name} is another file than the one asked for: sha256 {digest}.")
    models = Path(job.models_folder) if job.models_folder else folder / "models"
    models.mkdir(parents=True, exist_ok=True)
    unpacked = models / f"{path.stem}-{digest[:HASH_CHARACTERS]}"
    with (models / f"{unpacked.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another job unpacks it just now
        if not unpacked.exists():
            _write_unpacked(path, unpacked)
    return unpacked


def _write_unpacked(path: Path, unpacked: Path) -> None:
    part = unpacked.with_name(f"{unpacked.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    place, name = os.fspath(path.parent), path.name
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, gguf_file=name)
        # Without dequantize, transformers takes the model for a quantized one and does not save it.
        model = AutoModelForCausalLM.from_pretrained(
            place, gguf_file=name, dtype=torch.float32, quantization_config=GgufConfig(dequantize=True)
        )
    except (ValueError, KeyError, IndexError, NotImplementedError) as error:
        raise TrainerFailure("base_refused", f"{path.name} cannot be unpacked: {error}"[:500]) from error
    require_free(unpacked.parent, model.num_parameters() * FLOAT_BYTES, f"{path.name} unpacked")
    tokenizer.save_pretrained(part)
    model.save_pretrained(part)
    sync_folder(part)
    part.rename(unpacked)
