"""Reports what happens in transformers' loop, and ends it when it is time."""

import math
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from service.providers.local.job import CheckpointWritten, Evaluated, Stepped, TrainerEvent
from service.providers.local.trainer import checkpoints
from service.providers.local.trainer.failure import TrainerFailure
from service.providers.local.trainer.reporter import Reporter
from service.providers.local.trainer.stop_request import StopRequest
from service.providers.local.trainer.watchdog import Watchdog

# TRL's names of what it measures, and ours.
MEASURES = {
    "loss": "loss",
    "mean_token_accuracy": "token_accuracy",
    "learning_rate": "lr",
    "epoch": "epoch",
    "num_tokens": "tokens",
    "rewards/accuracies": "preferred",
    "rewards/margins": "margin",
}


class ProgressCallback(TrainerCallback):  # type: ignore[misc] # transformers brings no types
    """One line for each step, evaluation and checkpoint."""

    def __init__(self, reporter: Reporter, stop: StopRequest, watchdog: Watchdog, *, max_steps: int) -> None:
        self._reporter, self._stop, self._watchdog, self._max_steps = reporter, stop, watchdog, max_steps

    def on_log(self, _arguments: Any, state: Any, _control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        """A step, or an evaluation."""
        logs = logs or {}
        at = {"step": state.global_step, "max_steps": self._max_steps}
        if "eval_loss" in logs:
            self._reporter.emit(Evaluated, **at, **pick_measures(logs, Evaluated, prefix="eval_"))
        elif "loss" in logs:
            measures = pick_measures(logs, Stepped)
            self._reporter.emit(Stepped, **at, **measures)
            if measures["loss"] is None:
                raise TrainerFailure(
                    "not_finite",
                    f"The loss of step {state.global_step} is no number. Lower the learning rate, which was"
                    f" {logs.get('learning_rate', 0):g}, and look for rows without an answer.",
                )

    def on_step_end(self, _arguments: Any, _state: Any, control: Any, **_: Any) -> Any:
        """Stop with a checkpoint if somebody asks, or if the time is up."""
        if self._stop.reason or self._watchdog.is_late:
            control.should_save = control.should_training_stop = True
        return control

    def on_prediction_step(self, _arguments: Any, _state: Any, _control: Any, **_: Any) -> None:
        """An evaluation is not waited for: what it measures is measured again."""
        self._stop.obey()
        if self._watchdog.is_late:
            raise TrainerFailure("out_of_time", self._watchdog.describe_time())

    def on_save(self, arguments: Any, state: Any, _control: Any, **_: Any) -> None:
        """Every file of the checkpoint is written now."""
        path = Path(arguments.output_dir) / f"checkpoint-{state.global_step}"
        if (path / checkpoints.SEAL).exists():
            return
        size, digest = checkpoints.seal(path)
        self._reporter.emit(
            CheckpointWritten,
            step=state.global_step,
            path=f"{path.parent.name}/{path.name}",
            bytes=size,
            sha256=digest,
        )


def pick_measures(logs: dict[str, Any], kind: type[TrainerEvent], *, prefix: str = "") -> dict[str, Any]:
    """The measures that an event of this kind has; null where they are no finite number."""
    picked: dict[str, Any] = {}
    for theirs, ours in MEASURES.items():
        value = logs.get(prefix + theirs)
        if value is not None and ours in kind.__struct_fields__:
            picked[ours] = None if not math.isfinite(value) else int(value) if ours == "tokens" else float(value)
    return picked
