"""Report a training with your own tools: a callback for TRL's and Transformers' trainers.

    reporter = TuneReporter(tune_id)
    trainer = SFTTrainer(..., callbacks=[reporter])
    trainer.train()
    trainer.save_model("out")
    reporter.complete("sections-7", folder="out")

The training goes on when Tuneledger cannot be reached: what was not reported comes with the next report.
"""

import hashlib
import logging
import math
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from tuneledger import Tuneledger
from tuneledger.errors import APIStatusError, TuneledgerError
from tuneledger.types import Tune

LOGGER = logging.getLogger("tuneledger")
EVERY_SECONDS = 5.0
AT_ONCE = 500  # points in one report; the server takes 1,000
MEASURES = {
    "loss": "train_loss",
    "mean_token_accuracy": "train_accuracy",
    "eval_loss": "full_valid_loss",
    "eval_mean_token_accuracy": "full_valid_accuracy",
}
"""A trainer's name for a measure, and Tuneledger's."""


class TuneReporter(TrainerCallback):  # type: ignore[misc] # the base class has no types
    """Reports losses, token accuracies and checkpoints, and stops the training when its tune is cancelled.

    Without a `client`, TUNELEDGER_BASE_URL and TUNELEDGER_API_KEY say where to report.
    """

    def __init__(self, tune_id: str, client: Tuneledger | None = None, *, every_seconds: float = EVERY_SECONDS) -> None:
        self.tune_id = tune_id
        self.client = client or Tuneledger(timeout=10.0, max_retries=1)
        self.every_seconds = every_seconds
        self.cancelled = False
        self._points: dict[int, dict[str, Any]] = {}
        self._checkpoints: list[dict[str, Any]] = []
        self._tokens: int | None = None
        self._reported_at = -math.inf

    def on_train_begin(self, _args: Any, _state: Any, control: Any, **_: Any) -> None:
        """Report that the training runs."""
        self._report(control)

    def on_log(self, _args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **_: Any) -> None:
        """Keep what was measured, and report it after some seconds."""
        if not state.is_world_process_zero:
            return
        measured = {MEASURES[name]: float(value) for name, value in (logs or {}).items() if name in MEASURES}
        if measured:
            point = self._points.setdefault(state.global_step, {"step": state.global_step, "not_finite": []})
            for name, value in measured.items():
                if math.isfinite(value):
                    point[name] = value
                else:
                    point["not_finite"].append(name)
        if logs and "num_tokens" in logs:
            self._tokens = int(logs["num_tokens"])
        if time.monotonic() - self._reported_at >= self.every_seconds:
            self._report(control)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Report the checkpoint."""
        if state.is_world_process_zero:
            name = f"checkpoint-{state.global_step}"
            path = str(Path(args.output_dir, name).absolute())
            self._checkpoints.append({"id": name, "step": state.global_step, "model": path})
            self._report(control)

    def on_train_end(self, _args: Any, state: Any, control: Any, **_: Any) -> None:
        """Report what is left."""
        if state.is_world_process_zero:
            self._report(control)

    def complete(self, model: str, *, folder: str | os.PathLike[str] | None = None, **fields: Any) -> Tune:
        """Report the success. `model`: its name at the server that answers for it, or where it is.

        `folder`: the weights, whose files are hashed. `fields`: further ones of the route, such as `cost`.
        """
        while self._points or self._checkpoints:
            self._send()
        if folder is not None:
            fields["weights"] = list_files(folder)
        if self._tokens is not None:
            fields.setdefault("trained_tokens", self._tokens)
        return self.client.tunes.complete(self.tune_id, model=model, **fields)

    def fail(self, message: str, *, code: str = "training_failed") -> Tune:
        """Report the failure."""
        return self.client.tunes.fail(self.tune_id, message=message, code=code)

    def _report(self, control: Any) -> None:
        """Send what is kept. Nothing that goes wrong here ends the training."""
        self._reported_at = time.monotonic()
        try:
            self._send()
        except APIStatusError as refused:
            self.cancelled = self.cancelled or self._is_cancelled()
            if not self.cancelled:
                LOGGER.warning("Tuneledger refused a report: %s", refused)
        except TuneledgerError as error:
            LOGGER.warning("Tuneledger cannot be reached; the report comes later: %s", error)
        if self.cancelled:
            control.should_save = not control.should_training_stop
            control.should_training_stop = True

    def _send(self) -> None:
        steps = list(self._points)[:AT_ONCE]
        checkpoints = self._checkpoints[:100]
        points = [self._points[step] for step in steps]
        self.client.tunes.report(self.tune_id, points=points, checkpoints=checkpoints)
        for step in steps:
            del self._points[step]
        del self._checkpoints[: len(checkpoints)]

    def _is_cancelled(self) -> bool:
        try:
            return self.client.tunes.get(self.tune_id).state == "cancelled"
        except TuneledgerError:
            return False


def list_files(folder: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """The files of a folder, each with its size in bytes and its SHA-256. Checkpoints in it are left out."""
    root = Path(folder)
    paths = [path for path in sorted(root.rglob("*")) if path.is_file()]
    names = [(path, path.relative_to(root)) for path in paths]
    return [
        {"name": name.as_posix(), "bytes": path.stat().st_size, "digest": _hash(path)}
        for path, name in names
        if not name.parts[0].startswith("checkpoint-")
    ]


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
