"""One job on this machine: its folder, what was ordered, and where its trainer is."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec
import psutil

from service.providers.local.job import (
    CHECKPOINTS_FOLDER,
    EVENTS_FILE,
    JOB_FILE,
    RESULT_FOLDER,
    STOP_FILE,
    CheckpointWritten,
    Done,
    Failed,
    Job,
    Loaded,
    Report,
    Stepped,
    Stopped,
    encode_job,
    read_events,
)
from service.providers.local.trainer.folder_lock import find_holder

Wish = Literal["none", "pause", "cancel"]
TRAIN_FILE, VALIDATION_FILE = ROW_FILES = ("train.jsonl", "validation.jsonl")
RECORD_FILE, START_FILE, WISH_FILE = "record.json", "start.json", "wish"


class JobRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What was ordered, besides the job itself."""

    token: str
    base_model: str
    model: str
    created_at: datetime
    cpu_hour: str | None = None
    gpu_hour: str | None = None


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """The newest start of the trainer. `deaths`: starts in a row that came no step further."""

    pid: int
    created: float
    step: int
    deaths: int = 0


class TrainerState(msgspec.Struct, frozen=True, kw_only=True):
    """Where the trainer is: the newest of each report."""

    last: Report | None = None
    loaded: Loaded | None = None
    step: int = 0
    max_steps: int | None = None
    tokens: int | None = None
    done: Done | None = None
    failed: Failed | None = None


class JobFolder:
    """Reads and writes a job's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def exists(self) -> bool:
        """Whether the job was ordered, whole."""
        return (self.path / RECORD_FILE).exists()

    @property
    def result(self) -> Path:
        return self.path / RESULT_FOLDER

    def create(self, job: Job, record: JobRecord, files: dict[str, Path]) -> None:
        """Write the folder whole, with links to the files; one that exists stays as it is."""
        if self.exists:
            return
        part = self.path.with_name(f"{self.path.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        for name, source in files.items():
            os.link(source, part / name)
        (part / JOB_FILE).write_bytes(encode_job(job))
        (part / RECORD_FILE).write_bytes(msgspec.json.encode(record))
        try:
            part.rename(self.path)
        except OSError:  # another process was first
            shutil.rmtree(part, ignore_errors=True)

    def remove_rows(self) -> None:
        """Remove the training files of a job that has ended."""
        for name in ROW_FILES:
            (self.path / name).unlink(missing_ok=True)

    def read_record(self) -> JobRecord:
        return msgspec.json.decode((self.path / RECORD_FILE).read_bytes(), type=JobRecord)

    def read_lines(self, offset: int = 0) -> bytes:
        """The whole lines of the trainer's events from an offset on."""
        try:
            with (self.path / EVENTS_FILE).open("rb") as file:
                file.seek(offset)
                content = file.read()
        except FileNotFoundError:
            return b""
        return content[: content.rfind(b"\n") + 1]

    def read_trainer(self) -> TrainerState:
        """Sum the events up."""
        trainer = TrainerState()
        for event in read_events(self.read_lines()):
            trainer = _add(trainer, event)
        return trainer

    def has_ended(self) -> bool:
        """Whether nothing is to be trained here any more."""
        trainer = self.read_trainer()
        return trainer.done is not None or trainer.failed is not None or self.read_wish() == "cancel"

    def read_wish(self) -> Wish:
        """What was asked for."""
        try:
            text = (self.path / WISH_FILE).read_text()
        except FileNotFoundError:
            return "none"
        return "cancel" if text == "cancel" else "pause"

    def write_wish(self, wish: Wish) -> None:
        """Ask the trainer to stop after its step, or take that back. A cancel stays."""
        if wish == "none":
            if self.read_wish() == "pause":
                (self.path / WISH_FILE).unlink()
                (self.path / STOP_FILE).unlink(missing_ok=True)
            return
        (self.path / WISH_FILE).write_text(wish)
        (self.path / STOP_FILE).touch()

    def read_start(self) -> Start | None:
        try:
            return msgspec.json.decode((self.path / START_FILE).read_bytes(), type=Start)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def write_start(self, start: Start) -> None:
        part = self.path / f"{START_FILE}.part"
        part.write_bytes(msgspec.json.encode(start))
        part.rename(self.path / START_FILE)

    def is_alive(self) -> bool:
        """Whether a trainer works here: it has the lock, or was just started."""
        if find_holder(self.path) is not None:
            return True
        start = self.read_start()
        return start is not None and is_same_process(start.pid, start.created)

    def find_checkpoint(self, step: int) -> Path | None:
        path = self.path / CHECKPOINTS_FOLDER / f"checkpoint-{step}"
        return path if path.is_dir() else None


def make_private(folder: Path) -> None:
    """Make a folder that other accounts of this machine cannot look into."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def is_same_process(pid: int, created: float) -> bool:
    """Whether the process that had this id then still runs; a zombie does not."""
    try:
        process = psutil.Process(pid)
        return process.create_time() == created and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def to_time(event: Report) -> datetime:
    return datetime.fromtimestamp(event.at, tz=UTC)


def _add(trainer: TrainerState, event: Report) -> TrainerState:
    change = msgspec.structs.replace
    trainer = change(trainer, last=event)
    match event:
        case Loaded():
            trainer = change(trainer, loaded=event, max_steps=event.max_steps)
        case Stepped():
            trainer = change(
                trainer, step=max(trainer.step, event.step), max_steps=event.max_steps, tokens=event.tokens
            )
        case CheckpointWritten() | Stopped():  # not every step of a long training is reported
            trainer = change(trainer, step=max(trainer.step, event.step))
        case Done():
            trainer = change(trainer, done=event, step=event.step)
        case Failed():
            trainer = change(trainer, failed=event)
    return trainer
