"""A job of 20 steps that takes some seconds, ordered as a worker does."""

import hashlib
from pathlib import Path
from typing import Any

from service.database.engine import new_id
from service.providers.abilities import TrainingFile
from service.providers.local.local_adapter import LocalProvider
from service.providers.provider import JobSpec
from tests.local.tiny_model import build_rows, write_rows

SETTINGS: dict[str, bool | int | float | str] = {
    "tuned": "full",
    "learning_rate": 3e-3,
    "batch_size": 8.0,
    "max_length": 128,
    "checkpoint_steps": 5,
    "max_steps": 20,
}


async def order(provider: LocalProvider, tmp_path: Path, **changes: Any) -> JobSpec:
    references = []
    for name, rows in (("train", build_rows(160)), ("validation", build_rows(16, seed=1))):
        path = tmp_path / f"{name}.jsonl"
        write_rows(path, rows)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        file = TrainingFile(
            name=name, path=path, digest=digest, bytes=path.stat().st_size, rows=len(rows), format="openai_chat"
        )
        references.append(await provider.find_file(file) or await provider.upload(file))
    training, validation = references
    fields: dict[str, Any] = {"base_model": "tiny", "hyperparameters": SETTINGS, "seed": 7} | changes
    return JobSpec(token=str(new_id()), training_file=training, validation_file=validation, **fields)
