"""Fine-tuning jobs: each has a timetable, so its state follows from the clock alone."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.emulators.faults import Clock
from tests.emulators.together.catalog import DOLLARS_PER_TOKEN
from tests.emulators.together.files import StoredFile
from tests.emulators.together.wire import without_nulls

# When each stage of a job begins, in seconds at pace 1.
PENDING, QUEUED, RUNNING, COMPRESSING, UPLOADING, DONE = 0.0, 1.0, 2.0, 12.0, 13.0, 14.0
STAGES = (
    *((PENDING, "pending"), (QUEUED, "queued"), (RUNNING, "running")),
    *((COMPRESSING, "compressing"), (UPLOADING, "uploading"), (DONE, "completed")),
)
ENDED = frozenset({"completed", "error", "user_error", "cancelled"})
CANCEL_SECONDS = 1.0
FAILS_AT = 6.0
BATCH_ROWS = 8
NANODOLLARS = 1_000_000_000
LISTED = frozenset(
    {
        *("id", "status", "created_at", "updated_at", "user_id", "model", "model_output_name", "suffix"),
        *("training_file", "validation_file", "n_epochs", "n_evals", "n_checkpoints", "batch_size", "learning_rate"),
        *("training_type", "training_method", "lr_scheduler", "random_seed", "from_checkpoint", "total_price"),
        *("token_count", "progress", "wandb_project_name", "wandb_name", "wandb_entity"),
    }
)
Planned = tuple[float, str, str, dict[str, Any]]


@dataclass
class Job:
    """`outcome`: how it ends when nobody cancels it. `stubborn`: a cancel comes too late for it."""

    id: str
    body: dict[str, Any]
    training: StoredFile
    validation: StoredFile | None
    clock: Clock
    pace: float
    model: str
    outcome: str = "completed"
    stubborn: bool = False
    odd_status: str | None = None
    shouts: bool = False
    diverges: bool = False
    created_at: float = 0.0
    cancelled_at: float | None = None
    listed_at: float = 0.0

    @property
    def age(self) -> float:
        return (self.clock.now() - self.created_at) / self.pace

    @property
    def status(self) -> str:
        """The stage by the timetable, or what became of a cancel."""
        stage = self._stage()
        if self.cancelled_at is None or (self.stubborn and stage in ENDED):
            return self.odd_status or stage
        since = (self.clock.now() - self.cancelled_at) / self.pace
        return "cancel_requested" if since < CANCEL_SECONDS or self.stubborn else "cancelled"

    def _stage(self) -> str:
        if self.outcome != "completed" and self.age >= FAILS_AT:
            return self.outcome
        return next(word for begins, word in reversed(STAGES) if self.age >= begins)

    @property
    def ended_at(self) -> float | None:
        if self.status not in ENDED:
            return None
        if self.status == "cancelled" and self.cancelled_at is not None:
            return self.cancelled_at + CANCEL_SECONDS * self.pace
        return self.created_at + (DONE if self.outcome == "completed" else FAILS_AT) * self.pace

    @property
    def total_steps(self) -> int:
        return max(1, math.ceil(self.training.lines / BATCH_ROWS)) * int(self.body.get("n_epochs", 1))

    @property
    def steps(self) -> int:
        """Steps done until now, or until it ended."""
        until = self.clock.now() if self.ended_at is None else self.ended_at
        share = ((until - self.created_at) / self.pace - RUNNING) / (COMPRESSING - RUNNING)
        return min(self.total_steps, max(0, math.floor(share * self.total_steps)))

    @property
    def tokens(self) -> int:
        return count_tokens(self.training) * int(self.body.get("n_epochs", 1))

    @property
    def is_lora(self) -> bool:
        return bool((self.body.get("training_type") or {"type": "Lora"})["type"] == "Lora")

    @property
    def output_name(self) -> str:
        base = self.model.rpartition("/")[2]
        suffix = f"-{self.body['suffix']}" if self.body.get("suffix") else ""
        return f"acme/{base}{suffix}-{self.id[-8:]}"

    def time_of(self, step: int) -> float:
        """When a step was done."""
        return self.created_at + (RUNNING + (COMPRESSING - RUNNING) * step / self.total_steps) * self.pace


def count_tokens(file: StoredFile) -> int:
    return len(file.content or b"") // 4


def price(job: Job) -> float:
    evals = int(job.body.get("n_evals") or 0)
    return (job.tokens + evals * (count_tokens(job.validation) if job.validation else 0)) * DOLLARS_PER_TOKEN


def describe(job: Job, *, full: bool) -> dict[str, Any]:
    updated = job.ended_at
    if updated is None:
        updated = job.created_at + max(begins for begins, _ in STAGES if job.age >= begins) * job.pace
        updated = max(updated, job.time_of(job.steps) if job.steps else 0.0)
    done = job.status == "completed"
    seconds = max(0.0, (DONE - job.age) * job.pace)
    body = {
        **{name: value for name, value in job.body.items() if not name.startswith(("wandb_key", "wandb_api_key"))},
        "id": job.id,
        "user_id": "user_01",
        "status": job.status,
        "model": job.model,
        "model_output_name": job.output_name,
        "model_output_path": f"s3://together-dev/finetune/{job.id}/model" if done else None,
        "model_object_id": f"ml_{job.id[-8:]}" if done else None,
        "model_object_name": job.output_name if done else None,
        "adapter_object_id": f"ml_{job.id[-8:]}a" if done and job.is_lora else None,
        "created_at": job.clock.timestamp(job.created_at),
        "started_at": job.clock.timestamp(job.created_at + QUEUED * job.pace),
        "updated_at": job.clock.timestamp(updated),
        "token_count": job.tokens if job.age >= RUNNING else None,
        "total_price": round(price(job) * NANODOLLARS),
        "total_steps": job.total_steps if job.age >= RUNNING else None,
        "steps_completed": job.steps,
        "progress": {"estimate_available": job.age >= RUNNING, "seconds_remaining": int(seconds)},
        "events": [build_event(job, *event) for event in list_happened(job)] if full else None,
    }
    return without_nulls(body if full else {name: value for name, value in body.items() if name in LISTED})


def list_happened(job: Job) -> list[Planned]:
    """What happened until now, by the timetable."""
    happened = [event for event in plan_events(job) if event[0] <= job.clock.now()]
    return sorted(happened, key=lambda event: event[0])


def plan_events(job: Job) -> list[Planned]:
    def at(second: float) -> float:
        return job.created_at + second * job.pace

    ended = job.ended_at
    planned: list[Planned] = [
        (at(PENDING), "job_pending", "Fine tune request created", {}),
        (at(QUEUED), "job_start", "Job started", {}),
        (at(RUNNING), "training_start", f"Training started for model {job.model}", {"total_steps": job.total_steps}),
        *((job.time_of(step), *saved(job, step)) for step in checkpoint_steps(job)),
        (at(COMPRESSING), "training_complete", f"Training completed for {job.model}", {"step": job.total_steps}),
        (at(COMPRESSING), "model_compressing", "Compressing model", {}),
        (at(UPLOADING), "model_uploading", "Uploading output model", {}),
        (at(DONE), "job_complete", "Job finished", {"model_path": f"s3://together-dev/finetune/{job.id}/model"}),
    ]
    if job.cancelled_at is not None:
        planned.append((job.cancelled_at, "cancel_requested", "Cancel requested", {}))
    if ended is not None and job.status != "completed":
        planned = [event for event in planned if event[0] < ended]
        words = {
            "error": ("job_error", "The training process ended unexpectedly."),
            "user_error": ("job_user_error", "The learning rate is too high: the loss is not a number."),
            "cancelled": ("job_stopped", "Job was cancelled"),
        }
        planned.append((ended, *words[job.status], {}))
    return planned


def saved(job: Job, step: int) -> tuple[str, str, dict[str, Any]]:
    path = f"s3://together-dev/finetune/{job.id}/checkpoint-{step}"
    return "checkpoint_save", f"Checkpoint saved at step {step}", {"step": step, "checkpoint_path": path}


def build_event(job: Job, at: float, kind: str, message: str, more: dict[str, Any]) -> dict[str, Any]:
    return {
        "object": "fine-tune-event",
        "created_at": job.clock.timestamp(at),
        "level": "error" if kind.endswith("error") else "info",
        "message": message,
        "type": kind.upper() if job.shouts else kind,
        **more,
    }


def checkpoint_steps(job: Job) -> list[int]:
    return spread(int(job.body.get("n_checkpoints") or 1), job.total_steps)


def spread(count: int, total: int) -> list[int]:
    """`count` steps at equal distances, the last one among them."""
    return sorted({math.ceil(total * number / count) for number in range(1, count + 1)}) if count > 0 else []


def list_metrics(job: Job, *, first: int, last: int | None) -> list[dict[str, float]]:
    rows: list[dict[str, float]] = []
    evals = set(spread(int(job.body.get("n_evals") or 0), job.total_steps)) if job.validation else set()
    for step in range(1, job.steps + 1):
        if step < first or (last is not None and step > last):
            continue
        loss = loss_at(job, step)
        rows.append(
            {"train/loss": loss, "train/learning_rate": 1e-5, "train/grad_norm": 1.0, "train/global_step": step}
        )
        if step in evals:
            rows.append({"eval/loss": loss + 0.1, "train/global_step": step})
    return rows


def loss_at(job: Job, step: int) -> float:
    if job.diverges and step > job.total_steps // 2:
        return math.nan
    return round(0.5 + 2.0 * math.exp(-3.0 * step / job.total_steps), 6)


def name_checkpoint(job: Job, step: int) -> str:
    """The id of a checkpoint's model in the registry."""
    return f"ml_{job.id[-8:]}s{step}"


def list_checkpoints(job: Job) -> list[dict[str, Any]]:
    """LoRA jobs have an adapter and a merged model for each step."""
    kinds: list[tuple[str, Callable[[int], str]]] = [("model", lambda step: f"checkpoint-{step}")]
    if job.is_lora:
        kinds.append(("adapter", lambda step: f"checkpoint-{step}-adapter"))
    return [
        {
            "checkpoint_type": f"Intermediate {kind} checkpoint, step {step}" if step < job.total_steps else "Final",
            "created_at": job.clock.timestamp(job.time_of(step)),
            "path": f"s3://together-dev/finetune/{job.id}/{place(step)}",
            "step": step,
            "checkpoint": kind,
            "object_id": name_checkpoint(job, step) if kind == "model" else None,
        }
        for step in checkpoint_steps(job)
        if step <= job.steps
        for kind, place in kinds
    ]
