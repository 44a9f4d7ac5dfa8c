"""A job follows a timetable: what it is now follows from its age alone."""

from dataclasses import dataclass, field
from typing import Any

QUEUED_SHARE, RUNNING_SHARE = 0.1, 0.2  # of the job's seconds: validated, then queued, then running


@dataclass
class EmulatedJob:
    """`seconds` from its creation to its end. `listed_at`: from when on lists show it."""

    id: str
    body: dict[str, Any]
    created: float
    seconds: float
    steps: int
    listed_at: float
    end: str = "succeeded"
    error: dict[str, Any] | None = None
    status: str | None = None
    cancelled_at: float | None = None
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def token(self) -> str:
        return str((self.body.get("metadata") or {}).get("tuneledger_job_id", ""))

    def state(self, now: float) -> str:
        if self.status is not None:
            return self.status
        if self.cancelled_at is not None and now >= self.cancelled_at and self.end == "cancelled":
            return "cancelled"
        share = (now - self.created) / self.seconds
        if share >= 1:
            return self.end
        return "validating_files" if share < QUEUED_SHARE else "queued" if share < RUNNING_SHARE else "running"

    def ended_at(self, now: float) -> float | None:
        if self.state(now) not in ("succeeded", "failed", "cancelled"):
            return None
        return self.cancelled_at if self.end == "cancelled" else self.created + self.seconds

    def steps_done(self, now: float) -> int:
        end = self.ended_at(now)
        share = ((end if end is not None else now) - self.created) / self.seconds
        running = (share - RUNNING_SHARE) / (1 - RUNNING_SHARE)
        return max(0, min(self.steps, int(running * self.steps)))

    def describe(self, now: float, epoch: float) -> dict[str, Any]:
        state, end = self.state(now), self.ended_at(now)
        done = state == "succeeded"
        shown = {
            "id": self.id,
            "object": "fine_tuning.job",
            "status": state,
            "model": self.body.get("model"),
            "created_at": int(epoch + self.created),
            "finished_at": None if end is None else int(epoch + end),
            "fine_tuned_model": f"ft:{self.body.get('model')}:org::{self.id[-8:]}" if done else None,
            "trained_tokens": 1_000 * self.steps if done else None,
            "result_files": [f"result-{self.id}"] if done else [],
            "error": self.error if state == "failed" else {"code": None, "message": None, "param": None},
            "metadata": self.body.get("metadata"),
            "training_file": self.body.get("training_file"),
            "validation_file": self.body.get("validation_file"),
            "method": self.body.get("method"),
            "seed": self.body.get("seed", 1),
        }
        return shown | self.fields

    def events(self, now: float, epoch: float) -> list[dict[str, Any]]:
        """The newest first."""
        done = self.steps_done(now)
        lines: list[tuple[float, str, Any]] = [(self.created, f"Created fine-tuning job: {self.id}", None)]
        share = (1 - RUNNING_SHARE) * self.seconds / self.steps
        for step in range(1, done + 1):
            at = self.created + RUNNING_SHARE * self.seconds + share * step
            data = {"step": step, "train_loss": 2.0 / step, "total_steps": self.steps}
            lines.append((at, f"Step {step}/{self.steps}: training loss={2.0 / step:.2f}", data))
        if done == self.steps and self.state(now) == "succeeded":
            lines.append((self.created + self.seconds, f"Checkpoint created at step {self.steps}", None))
            lines.append((self.created + self.seconds, "The job has successfully completed", None))
        described = [
            {
                "id": f"ftevent-{self.id}-{number}",
                "object": "fine_tuning.job.event",
                "created_at": int(epoch + at),
                "level": "info",
                "message": message,
                "type": "metrics" if data else "message",
                "data": data,
            }
            for number, (at, message, data) in enumerate(lines)
        ]
        return described[::-1]

    def checkpoints(self, now: float, epoch: float) -> list[dict[str, Any]]:
        if self.state(now) != "succeeded":
            return []
        shown = {
            "id": f"ftckpt-{self.id}",
            "object": "fine_tuning.job.checkpoint",
            "created_at": int(epoch + self.created + self.seconds),
            "fine_tuned_model_checkpoint": f"ft:{self.body.get('model')}:org::{self.id[-8:]}",
            "fine_tuning_job_id": self.id,
            "step_number": self.steps,
            "metrics": {"step": self.steps, "train_loss": 2.0 / self.steps},
        }
        return [shown]
