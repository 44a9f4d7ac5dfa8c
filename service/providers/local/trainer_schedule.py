"""Starts trainers, as many as there are slots, and starts them again when they died. Whoever looks, does it."""

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from service.providers.local.job import EVENTS_FILE, LOG_FILE, Failed, encode_event
from service.providers.local.job_folder import JobFolder, Start, TrainerState
from service.providers.local.local_machine import Machine

# All that the training process learns of our environment: no address, no secret.
PASSED_ON = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "XDG_CACHE_HOME"),
    *("CUDA_HOME", "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "HF_HOME", "HF_HUB_CACHE"),
)
TRAINER = "service.providers.local.trainer"
MAX_DEATHS = 3
LOG_TAIL = 300

# Reaped when somebody looks: a child that nobody waits for stays a zombie.
_children: list[subprocess.Popen[bytes]] = []


def enqueue(machine: Machine, folder: JobFolder) -> None:
    """Have the job looked after until it ends."""
    machine.queue.mkdir(parents=True, exist_ok=True)
    place = machine.queue / f"{folder.read_record().created_at:%Y%m%dT%H%M%S%f}-{folder.path.name}"
    if not place.is_symlink():
        place.symlink_to(folder.path.absolute())


def schedule(machine: Machine) -> None:
    """Start what can be started. Any number of processes may do so at once."""
    _reap()
    if not machine.queue.is_dir():
        return
    with (machine.folder / "schedule.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting, running = [], 0
        for place in sorted(machine.queue.iterdir()):
            folder = JobFolder(place.resolve())
            if folder.is_alive():
                running += 1
            elif not folder.exists or folder.has_ended():
                folder.remove_rows()  # people's texts are not kept longer than they are needed
                place.unlink()
            elif folder.read_wish() == "none":
                waiting.append(folder)
        for folder in waiting[: max(0, machine.slots - running)]:
            _start(folder)


def start_process(module: str, folder: Path) -> psutil.Process:
    """Start a process of ours in a session of its own, so that it outlives this one. Its output goes to a log."""
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    with (folder / LOG_FILE).open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-I", "-m", module, str(folder)],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )
    _children.append(process)
    return psutil.Process(process.pid)


def _start(folder: JobFolder) -> None:
    trainer, before = folder.read_trainer(), folder.read_start()
    deaths = before.deaths + 1 if before and trainer.step <= before.step else 0
    if deaths >= MAX_DEATHS:
        give_up(folder, trainer, _read_log(folder))
        return
    process = start_process(TRAINER, folder.path)
    folder.write_start(Start(pid=process.pid, created=process.create_time(), step=trainer.step, deaths=deaths))


def give_up(folder: JobFolder, trainer: TrainerState, log: str) -> None:
    """End a job whose trainer dies again and again, as when the kernel takes its memory away."""
    message = (
        f"The trainer was killed {MAX_DEATHS} times without coming further than step {trainer.step}; it may need more"
        f" memory than this machine has. Its last words: {log.strip()[-LOG_TAIL:] or 'none'}"
    )
    last = trainer.last
    failed = Failed(
        at=time.time(),
        attempt=last.attempt if last else 0,
        seconds=last.seconds if last else 0.0,
        cpu_s=last.cpu_s if last else 0.0,
        rss_mb=last.rss_mb if last else 0.0,
        code="killed",
        message=message,
        step=trainer.step,
    )
    with (folder.path / EVENTS_FILE).open("ab") as file:
        file.write(f"\n{encode_event(failed)}\n".encode())


def _read_log(folder: JobFolder) -> str:
    try:
        return (folder.path / LOG_FILE).read_text(errors="replace")
    except OSError:
        return ""


def _reap() -> None:
    for process in list(_children):
        if process.poll() is not None:
            _children.remove(process)
