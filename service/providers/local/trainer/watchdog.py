"""Ends the process at its limits of memory and time, before the kernel does without a word."""

import os
import threading
from pathlib import Path

from service.providers.local.job import EXIT_FAILED, Failed, FailureCode, Job
from service.providers.local.trainer.reporter import MEGABYTE, Reporter, read_peak_mb, read_rss_mb
from service.providers.local.training_estimate import ModelShape, Plan, find_fitting_batch

SECONDS_BETWEEN = 0.1
# A step that ends in time writes a checkpoint first; one that never ends is not waited for.
GRACE_SECONDS = 120
CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
# The kernel kills at the limit of the group, or of the machine, in which other processes are too.
KILLED_SHARE = 0.97


class Watchdog:
    """Watches in a thread. Tell it the model's shape once it is known: then it can say which batch would fit."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._memory_mb: float | None = None
        self._seconds: int | None = None
        self._plan: Plan | None = None
        self._shape: ModelShape | None = None

    def start(self, job: Job) -> None:
        """Watch until the process ends."""
        self._memory_mb = min(filter(None, (job.limits.memory_mb, read_cgroup_mb(), read_machine_mb())))
        self._seconds = job.limits.seconds
        threading.Thread(target=self._watch, daemon=True).start()

    def learn(self, shape: ModelShape, plan: Plan) -> None:
        """Remember what is trained."""
        self._shape, self._plan = shape, plan

    @property
    def is_late(self) -> bool:
        """Whether the time limit has passed."""
        return self._seconds is not None and self._reporter.seconds > self._seconds

    def describe_time(self) -> str:
        return (
            f"out of time: {self._reporter.seconds:.0f} of {self._seconds} s. The last checkpoint is kept;"
            " fewer epochs, a shorter max_length or a larger limit end in time."
        )

    def describe_memory(self) -> str:
        """Say how much was used, and what would fit."""
        used, limit = read_peak_mb(), self._memory_mb
        text = f"out of memory: {used / 1000:.1f}" + (f" of {limit / 1000:.1f} GB" if limit else " GB used")
        if self._plan is None or self._shape is None:
            return f"{text}, before the first step: the base does not fit. Raise the limit, or take a smaller base."
        batch = self._plan.batch_size
        fitting = find_fitting_batch(self._shape, self._plan, used_mb=used, limit_mb=limit or used)
        if fitting:
            return f"{text}; batch {batch} → {fitting} fits"
        return f"{text}; no batch fits: take a smaller max_length, gradient_checkpointing, or a smaller base"

    def _watch(self) -> None:
        pause = threading.Event()
        while not pause.wait(SECONDS_BETWEEN):
            if self._memory_mb and read_rss_mb() > self._memory_mb:
                self._end("out_of_memory", self.describe_memory())
            if self._seconds and self._reporter.seconds > self._seconds + GRACE_SECONDS:
                self._end("out_of_time", self.describe_time())

    def _end(self, code: FailureCode, message: str) -> None:
        try:
            self._reporter.emit(Failed, code=code, message=message, step=self._reporter.step)
        finally:
            os._exit(EXIT_FAILED)


def read_machine_mb() -> float:
    """What this machine has, but for a little: the kernel ends a process that takes the rest."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / MEGABYTE * KILLED_SHARE


def read_cgroup_mb() -> float | None:
    """What the container may use; None without a limit."""
    for path in CGROUP_LIMITS:
        try:
            text = Path(path).read_text().strip()
        except OSError:
            continue
        if text.isdigit() and int(text) < 1 << 60:
            return int(text) / MEGABYTE * KILLED_SHARE
    return None
