"""Train one model, in a process of its own: `python -m service.providers.local.trainer FOLDER`.

The folder holds job.json; see `service.providers.local.job`. Started again after it was killed, it goes on from the
newest whole checkpoint and ends with the same weights. It opens no connection unless the job allows a download.
"""

import ctypes
import os
import sys
from pathlib import Path
from typing import TextIO

from service.providers.local.job import (
    EXIT_BUSY,
    EXIT_DONE,
    EXIT_FAILED,
    EXIT_STOPPED,
    Failed,
    Job,
    JobError,
    Stopped,
    read_job,
)
from service.providers.local.trainer.checkpoints import remove_half_written
from service.providers.local.trainer.failure import TrainerFailure, explain
from service.providers.local.trainer.folder_lock import hold_lock
from service.providers.local.trainer.reporter import Reporter
from service.providers.local.trainer.stop_request import StoppedEarly, StopRequest
from service.providers.local.trainer.watchdog import Watchdog

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
GIBIBYTE = 1 << 30


def main(folder: Path) -> int:
    """Train, and return the exit status."""
    lines = _take_stdout()
    lock = hold_lock(folder)
    if lock is None:
        return EXIT_BUSY
    reporter = Reporter(folder, lines)
    stop = StopRequest(folder)
    watchdog = Watchdog(reporter)
    try:
        job = read_job(folder)
        os.nice(job.nice)
        _set_environment(job)
        watchdog.start(job)
        return _train(folder, job, reporter, stop, watchdog)
    except JobError as error:
        reporter.emit(Failed, code="invalid_job", message=str(error))
    except TrainerFailure as failure:
        reporter.emit(Failed, code=failure.code, message=failure.message, step=reporter.step)
    except Exception as error:
        code, message = explain(error, watchdog)
        if code == "out_of_disk":
            remove_half_written(folder)
        reporter.emit(Failed, code=code, message=message, step=reporter.step)
        raise
    return EXIT_FAILED


def _train(folder: Path, job: Job, reporter: Reporter, stop: StopRequest, watchdog: Watchdog) -> int:
    try:
        # Torch reads the environment when it is imported.
        from service.providers.local.trainer.training_run import TrainingRun  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise TrainerFailure(
            "missing_library", f"{error.name} is not installed: make install-local, or pip install 'tuneledger[local]'."
        ) from error
    run = TrainingRun(folder, job, reporter, stop, watchdog)
    try:
        if run.train():
            return EXIT_DONE
    except StoppedEarly:
        pass
    reporter.emit(Stopped, step=run.saved_step, max_steps=run.max_steps, reason=stop.reason or "")
    return EXIT_STOPPED


def _take_stdout() -> TextIO:
    """Keep stdout for our own lines: what libraries print goes to stderr."""
    lines = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return lines


def _set_environment(job: Job) -> None:
    offline = "0" if job.allow_download else "1"
    os.environ |= {
        "HF_HUB_OFFLINE": offline,
        "TRANSFORMERS_OFFLINE": offline,
        "HF_DATASETS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "OMP_NUM_THREADS": str(job.threads),
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    }
    if job.hub_url:
        os.environ["HF_ENDPOINT"] = job.hub_url
    if job.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    try:
        # glibc gives each large tensor back to the kernel and asks for it again: an eighth of the time.
        for option in (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD):
            ctypes.CDLL(None).mallopt(option, GIBIBYTE)
    except (AttributeError, TypeError, OSError):
        return  # another C library


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
