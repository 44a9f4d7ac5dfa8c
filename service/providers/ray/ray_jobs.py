"""What the cluster is asked to run for one job, and how often. Pure, but for the record of it in the job's folder."""

import os
import shlex
from collections.abc import Mapping
from typing import Any

import msgspec

from service.providers.local.job_folder import JobFolder

SUBMISSION_FILE = "submission.json"
# Ray kills what has not ended three seconds after it was asked to: too soon for a checkpoint.
STOP_SECONDS = 120
GIGABYTE = 1_000_000_000


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """The newest of a job's submissions, from 1. `deaths`: those in a row that came no step further than `step`."""

    number: int = 1
    step: int = 0
    deaths: int = 0


def build_submission_id(folder: JobFolder, submission: Submission) -> str:
    """An id that is known before the cluster is asked: whoever submits it again makes no second job."""
    return f"tuneledger-{folder.path.name}-{submission.number}"


def find_submission_id(folder: JobFolder) -> str | None:
    """The newest one's; None before the first."""
    submission = read_submission(folder)
    return build_submission_id(folder, submission) if submission else None


def plan_submission(before: Submission | None, *, known: bool, step: int | None) -> Submission:
    """What to submit next: the same again if the cluster does not know it (any more), else the next one.

    `step`: how far the training has come; null after a pause, which is no death.
    """
    if before is None:
        return Submission()
    if not known:
        return before
    deaths = before.deaths + 1 if step is not None and step <= before.step else 0
    return Submission(number=before.number + 1, step=step or before.step, deaths=deaths)


def build_request(options: Mapping[str, str], *, archive: str, folder: str, name: str) -> dict[str, Any]:
    """The body of a submission. Paths are the cluster's."""
    request: dict[str, Any] = {
        "entrypoint": shlex.join([options.get("python", "python"), archive, folder]),
        "entrypoint_num_cpus": float(options.get("cpus", 1)),
        "metadata": {"name": name},
        "runtime_env": {"env_vars": {"RAY_JOB_STOP_WAIT_TIME_S": str(STOP_SECONDS)}},
    }
    if "gpus" in options:
        request["entrypoint_num_gpus"] = float(options["gpus"])
    if "memory_gb" in options:
        request["entrypoint_memory"] = round(float(options["memory_gb"]) * GIGABYTE)
    return request


def read_submission(folder: JobFolder) -> Submission | None:
    try:
        return msgspec.json.decode((folder.path / SUBMISSION_FILE).read_bytes(), type=Submission)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def write_submission(folder: JobFolder, submission: Submission) -> None:
    part = folder.path / f"{SUBMISSION_FILE}.{os.getpid()}"
    part.write_bytes(msgspec.json.encode(submission))
    part.rename(folder.path / SUBMISSION_FILE)
