"""A tuning job by its clock, and what is told about it."""

import json
from dataclasses import dataclass
from typing import Any

from tests.emulators.faults import Clock
from tests.emulators.vertex.wire import without_nulls

NUMBER = "123456789012"  # Google names a project by its number in what it answers
LOCATION = "us-central1"
PARENT = f"projects/{NUMBER}/locations/{LOCATION}"
WAITING, PREPARING, FINISHING = 1, 1, 1  # in paces; a step of training takes one as well
STEPS_PER_EPOCH = 2
SPECS = {"supervisedTuningSpec": "contents", "preferenceOptimizationSpec": "completions"}
STATS = {"supervisedTuningSpec": "supervisedTuningDataStats"}
ENDED = frozenset({"JOB_STATE_SUCCEEDED", "JOB_STATE_FAILED", "JOB_STATE_CANCELLED", "JOB_STATE_EXPIRED"})


@dataclass
class Job:
    """`fault`: why its data are refused. A stubborn one succeeds although it is cancelled."""

    id: str
    body: dict[str, Any]
    clock: Clock
    pace: float
    created_at: float
    base_model: str
    examples: int = 0
    tokens: int = 0
    fault: str | None = None
    stubborn: bool = False
    odd_state: str | None = None
    cancelled_at: float | None = None

    @property
    def name(self) -> str:
        return f"{PARENT}/tuningJobs/{self.id}"

    @property
    def spec_name(self) -> str:
        return next((name for name in SPECS if name in self.body), "supervisedTuningSpec")

    @property
    def spec(self) -> dict[str, Any]:
        return dict(self.body.get(self.spec_name, {}))

    @property
    def epochs(self) -> int:
        return int(self.spec.get("hyperParameters", {}).get("epochCount", 2))

    @property
    def steps(self) -> int:
        return self.epochs * STEPS_PER_EPOCH

    @property
    def paces(self) -> float:
        return (self.clock.now() - self.created_at) / self.pace

    @property
    def steps_done(self) -> int:
        return max(0, min(self.steps, int(self.paces - WAITING - PREPARING)))

    @property
    def length(self) -> int:
        """In paces, until it ends of itself."""
        return WAITING + PREPARING + (0 if self.fault else self.steps + FINISHING)

    @property
    def state(self) -> str:
        if self.cancelled_at is not None and not self.stubborn:
            over = self.clock.now() >= self.cancelled_at + self.pace
            return "JOB_STATE_CANCELLED" if over else "JOB_STATE_CANCELLING"
        if self.paces >= self.length:
            return "JOB_STATE_FAILED" if self.fault else "JOB_STATE_SUCCEEDED"
        if self.cancelled_at is not None:
            return "JOB_STATE_CANCELLING"
        return "JOB_STATE_PENDING" if self.paces < WAITING else "JOB_STATE_RUNNING"

    @property
    def phase(self) -> str:
        if self.paces < WAITING:
            return "TUNING_JOB_STATE_WAITING_FOR_QUOTA"
        if self.paces < WAITING + PREPARING:
            return "TUNING_JOB_STATE_PROCESSING_DATASET"
        done = self.steps_done == self.steps
        return "TUNING_JOB_STATE_POST_PROCESSING" if done else "TUNING_JOB_STATE_TUNING"

    @property
    def model(self) -> str:
        return f"{PARENT}/models/{self.id}"

    @property
    def endpoint(self) -> str:
        return f"{PARENT}/endpoints/{self.id}"


def describe(job: Job) -> dict[str, Any]:
    """The job as Google writes it: times of RFC 3339, whole numbers as texts, and nothing for null."""
    state, ended = job.state, None
    if state in ENDED:
        cancelled = state == "JOB_STATE_CANCELLED" and job.cancelled_at is not None
        ended = job.cancelled_at if cancelled else job.created_at + job.length * job.pace
    is_tuned = state == "JOB_STATE_SUCCEEDED"
    copied = ("labels", "description", "tunedModelDisplayName", "preTunedModel", *SPECS)
    return without_nulls(
        {
            "name": job.name,
            "state": job.odd_state or state,
            "tuningJobState": job.phase if state in {"JOB_STATE_PENDING", "JOB_STATE_RUNNING"} else None,
            "baseModel": job.base_model,
            **{name: job.body.get(name) for name in copied},
            "createTime": job.clock.timestamp(job.created_at),
            "startTime": job.clock.timestamp(job.created_at + job.pace) if job.paces >= WAITING else None,
            "endTime": job.clock.timestamp(ended) if ended is not None else None,
            "updateTime": job.clock.timestamp(),
            "error": {"code": 3, "message": job.fault} if state == "JOB_STATE_FAILED" else None,
            "tunedModel": describe_model(job) if is_tuned else None,
            "tuningDataStats": describe_stats(job) if job.steps_done or is_tuned else None,
            "tuningJobMetadata": describe_progress(job) if job.steps_done else None,
        }
    )


def describe_progress(job: Job) -> dict[str, str]:
    return {"completedEpochCount": str(job.steps_done // STEPS_PER_EPOCH), "completedStepCount": str(job.steps_done)}


def describe_stats(job: Job) -> dict[str, Any]:
    stats = {
        "tuningDatasetExampleCount": str(job.examples),
        "totalBillableTokenCount": str(job.tokens * job.epochs),
        "tuningStepCount": str(job.steps),
    }
    return {STATS.get(job.spec_name, "preferenceOptimizationDataStats"): stats}


def describe_model(job: Job) -> dict[str, Any]:
    """A checkpoint an epoch, each with an endpoint; the last one's is the model's own."""
    last_only = bool(job.spec.get("exportLastCheckpointOnly"))
    checkpoints = [
        {
            "checkpointId": str(epoch),
            "epoch": str(epoch),
            "step": str(epoch * STEPS_PER_EPOCH),
            "endpoint": job.endpoint if epoch == job.epochs else f"{job.endpoint}0{epoch}",
        }
        for epoch in range(job.epochs if last_only else 1, job.epochs + 1)
    ]
    return {"model": f"{job.model}@1", "endpoint": job.endpoint, "checkpoints": checkpoints}


def check_rows(content: bytes, wanted: str) -> tuple[int, int, str | None]:
    """The number of rows, of tokens (words), and what is wrong with the first bad row."""
    rows = content.decode().splitlines()
    for number, text in enumerate(rows, start=1):
        try:
            row = json.loads(text)
        except ValueError:
            return len(rows), 0, f"Line {number} is not JSON."
        fault = find_fault(row, wanted)
        if fault:
            return len(rows), 0, f"Line {number}: {fault}"
    return len(rows), len(content.split()), None if rows else "The dataset is empty."


def find_fault(row: Any, wanted: str) -> str | None:
    contents = row.get("contents") if isinstance(row, dict) else None
    if not isinstance(contents, list) or not contents:
        return "contents is required."
    if any(each.get("role") not in {"user", "model"} or not each.get("parts") for each in contents):
        return "a content needs the role user or model, and parts."
    if wanted == "completions":
        scores = [each.get("score") for each in row.get("completions", [])]
        return None if len(scores) == 2 and scores[0] != scores[1] else "two completions with scores are required."
    return None if contents[-1]["role"] == "model" else "the last content must be the model's."
