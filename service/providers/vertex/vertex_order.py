"""The request that creates a tuning job, from flat hyperparameters, and the label that carries the token. Pure."""

import hashlib
import re
from typing import Any

from service.providers.provider import JobSpec

LABEL = "tuneledger_job"
LABEL_VALUE = re.compile(r"[a-z0-9_-]{1,63}")
DIGEST_LENGTH = 40
SPECS = {"supervised": "supervisedTuningSpec", "dpo": "preferenceOptimizationSpec"}
BESIDE_HYPERPARAMETERS = frozenset({"export_last_checkpoint_only", "tuning_mode"})
SIZE_WORDS = {"1": "ONE", "2": "TWO", "4": "FOUR", "8": "EIGHT", "16": "SIXTEEN", "32": "THIRTY_TWO"}
Values = dict[str, Any]


def build_label(token: str) -> str:
    """The token as a label's value; a digest of one that a label cannot hold."""
    return token if LABEL_VALUE.fullmatch(token) else hashlib.sha256(token.encode()).hexdigest()[:DIGEST_LENGTH]


def build_filter(token: str) -> str:
    return f'labels.{LABEL}="{build_label(token)}"'


def build_body(order: JobSpec, *, start: Values | None = None) -> Values:
    """The body of a create. `start`: the `preTunedModel` to go on from, in place of the base model."""
    source: Values = {"preTunedModel": start} if start else {"baseModel": order.base_model}
    name = {"tunedModelDisplayName": order.suffix} if order.suffix else {}
    labels = {"labels": {LABEL: build_label(order.token)}}
    return source | {SPECS.get(order.method, order.method): build_spec(order)} | name | labels | order.extra


def build_spec(order: JobSpec) -> Values:
    given = order.hyperparameters
    beside = {to_camel(name): given[name] for name in given if name in BESIDE_HYPERPARAMETERS}
    inside = {to_camel(name): value for name, value in given.items() if name not in BESIDE_HYPERPARAMETERS}
    if (word := SIZE_WORDS.get(str(inside.get("adapterSize")))) is not None:
        inside["adapterSize"] = f"ADAPTER_SIZE_{word}"
    files = {"trainingDatasetUri": order.training_file, "validationDatasetUri": order.validation_file}
    spec = {**files, **beside, "hyperParameters": inside or None}
    return {name: value for name, value in spec.items() if value is not None}


def to_camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))
