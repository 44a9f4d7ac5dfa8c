"""The contract with the trainer: `job.json` that it reads, and the lines that it reports.

Whoever runs `python -m service.providers.local.trainer FOLDER` writes the job into the folder first. The trainer needs
nothing else of Tuneledger than this package and `service/providers/local/trainer`: both import msgspec and the standard
library alone (the trainer also the extra `local`), so that they can be sent to another machine.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

JobMethod = Literal["supervised", "dpo", "kto"]
# What is learnt: a LoRA adapter, one over a base in 4 bits (CUDA alone), or every weight.
TunedPart = Literal["lora", "qlora", "full"]
Device = Literal["auto", "cpu", "cuda"]
FailureCode = Literal[
    "out_of_memory",
    "out_of_time",
    "out_of_disk",
    "invalid_job",
    "invalid_rows",
    "base_not_found",
    "base_refused",
    "checkpoint_refused",
    "missing_library",
    "not_finite",
    "error",
]

# Names inside the job's folder. Paths in job.json are relative to it or absolute.
JOB_FILE = "job.json"
EVENTS_FILE = "events.jsonl"
LOCK_FILE = "trainer.lock"
STOP_FILE = "stop"
LOG_FILE = "trainer.log"
CHECKPOINTS_FOLDER = "checkpoints"
RESULT_FOLDER = "result"

# How the trainer's process ends. After STOPPED, the same command goes on where it stopped. BUSY: the lock of the folder
# is held by another trainer, which goes on; the kernel frees it when that one dies in whatever way.
EXIT_DONE, EXIT_FAILED, EXIT_STOPPED, EXIT_BUSY = 0, 1, 3, 4


class Hyperparameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to train. The names are those of a tune's hyperparameters."""

    n_epochs: Annotated[float, Meta(gt=0, le=1000)] = 1.0
    """Passes over the training rows."""
    max_steps: Annotated[int, Meta(ge=1)] | None = None
    """Stop after so many steps, whatever n_epochs says."""
    batch_size: Annotated[int, Meta(ge=1, le=1024)] = 4
    """Rows that are in memory at once."""
    gradient_accumulation: Annotated[int, Meta(ge=1, le=1024)] = 1
    """Batches that one step learns from."""
    learning_rate: Annotated[float, Meta(gt=0, le=1)] | None = None
    """Null: 2e-4 for an adapter, 2e-5 for all weights; with dpo and kto a tenth of it."""
    scheduler: Literal["cosine", "linear", "constant"] = "cosine"
    """How the learning rate falls."""
    warmup_steps: Annotated[int, Meta(ge=0)] = 5
    """Steps in which the learning rate rises."""
    weight_decay: Annotated[float, Meta(ge=0, le=1)] = 0.0
    """AdamW's weight decay."""
    max_grad_norm: Annotated[float, Meta(ge=0)] = 1.0
    """Longer gradients are cut to this length."""
    max_length: Annotated[int, Meta(ge=8, le=1_000_000)] = 1024
    """Tokens of a row; what is beyond them is cut off."""
    tuned: TunedPart = "lora"
    """What is learnt."""
    lora_rank: Annotated[int, Meta(ge=1, le=512)] = 16
    """The adapter's rank, on all linear layers."""
    lora_alpha: Annotated[int, Meta(ge=1, le=4096)] | None = None
    """The adapter's scale. Null: twice the rank."""
    lora_dropout: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    """The share of the adapter's inputs that is left out at random."""
    beta: Annotated[float, Meta(gt=0, le=10)] = 0.1
    """How close dpo and kto stay to the base."""
    eval_steps: Annotated[int, Meta(ge=1)] | None = None
    """Measure the validation rows every so many steps. Null: before the first and after the last."""
    checkpoint_steps: Annotated[int, Meta(ge=1)] = 10
    """Write a checkpoint every so many steps."""
    checkpoints_kept: Annotated[int, Meta(ge=1, le=1000)] = 2
    """The newest so many checkpoints stay on the disk."""
    gradient_checkpointing: bool = False
    """Less memory for about a third more time."""


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the trainer ends by itself, with a sentence. Null: no limit."""

    memory_mb: Annotated[int, Meta(ge=64)] | None = None
    """Resident memory of the process, in 10^6 bytes."""
    seconds: Annotated[int, Meta(ge=1)] | None = None
    """Time of all attempts together."""
    disk_mb: Annotated[int, Meta(ge=1)] | None = None
    """The most that checkpoints and result may take, in 10^6 bytes. What is free on the disk limits it anyway."""


class Rows(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of training rows, one JSON object a line.

    supervised: `{"messages": […]}`, of which the last message, an assistant's, is learnt. dpo and kto:
    `{"input": {"messages": […]}, "preferred_output": […], "non_preferred_output": […]}`. kto also:
    `{"messages": […], "label": true}`.
    """

    path: str
    """In the job's folder, or absolute."""
    sha256: str | None = None
    """In hex. Null: not checked."""


class Job(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One training. The same job with the same libraries on the same kind of machine gives the same weights."""

    base: str
    """A folder with safetensors, a .gguf file, or a name on the hub."""
    train: Rows
    """What to train on."""
    validation: Rows | None = None
    """What to measure with; null for nothing."""
    method: JobMethod = "supervised"
    """How to learn from the rows."""
    hyperparameters: Hyperparameters = Hyperparameters()
    """How to train."""
    limits: Limits = Limits()
    """Where to end."""
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 7
    """Of the order of rows, of the adapter's first values and of dropout."""
    base_sha256: str | None = None
    """Of a .gguf file, in hex. Null: not checked."""
    start_from: str | None = None
    """A folder with an adapter or weights of an earlier job of the same base, to go on from."""
    models_folder: str | None = None
    """Where an unpacked .gguf is kept for the next job. Null: in the job's folder."""
    allow_download: bool = False
    """Whether a name on the hub may be downloaded. Otherwise it must be in the hub's cache on this machine."""
    hub_url: str | None = None
    """The hub to download from. Null: the public one."""
    device: Device = "auto"
    """`auto`: CUDA where there is one."""
    threads: Annotated[int, Meta(ge=1, le=1024)] = 1
    """Threads for the CPU. A second one often spins more than it helps."""
    nice: Annotated[int, Meta(ge=0, le=19)] = 0
    """How far it steps back for other processes."""
    name: str = ""
    """A text for people; the trainer does not read it."""


class Report(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """What each line has. Times and memory are of all attempts of the job so far."""

    at: float
    """Seconds since 1970."""
    attempt: int
    """From 1: the trainer was started so many times for this job."""
    seconds: float
    """Time since the start; the attempts are added up."""
    cpu_s: float
    """Processor time; the attempts are added up."""
    rss_mb: float
    """The most resident memory, in 10^6 bytes."""


class Loaded(Report, frozen=True, kw_only=True, tag="loaded"):
    """Base and rows are in memory, and training begins. A line of each attempt."""

    base: str
    """The base's folder, after a .gguf was unpacked or a name found in the cache."""
    device: Literal["cpu", "cuda"]
    """Where it trains."""
    parameters: int
    """Weights of the base."""
    trainable: int
    """Weights that are learnt."""
    train_rows: int
    """Rows to train on."""
    validation_rows: int = 0
    """Rows to measure with."""
    step: int = 0
    """The checkpoint's step from which this attempt goes on; 0 without one."""
    max_steps: int
    """Steps of the whole training."""


class Stepped(Report, frozen=True, kw_only=True, tag="step"):
    """One step was taken. After a resume, steps repeat with the same values."""

    step: int
    """From 1."""
    max_steps: int
    """Steps of the whole training."""
    loss: float | None = None
    """Nats per token; null where it is not finite."""
    token_accuracy: float | None = None
    """0 to 1; null for dpo and kto."""
    lr: float | None = None
    """The learning rate of the step."""
    epoch: float | None = None
    """Passes over the rows so far."""
    tokens: int | None = None
    """Tokens that were trained so far."""
    preferred: float | None = None
    """dpo: the share of pairs whose better answer is the likelier one."""
    margin: float | None = None
    """dpo and kto: the mean difference of their rewards."""


class Evaluated(Report, frozen=True, kw_only=True, tag="eval"):
    """All validation rows were measured. `step` 0: the base, before training."""

    step: int
    """After this step."""
    max_steps: int
    """Steps of the whole training."""
    loss: float | None = None
    """Nats per token; null where it is not finite."""
    token_accuracy: float | None = None
    """0 to 1; null for dpo and kto."""
    preferred: float | None = None
    """dpo: the share of pairs whose better answer is the likelier one."""
    margin: float | None = None
    """dpo and kto: the mean difference of their rewards."""


class CheckpointWritten(Report, frozen=True, kw_only=True, tag="checkpoint"):
    """A checkpoint is on the disk, whole."""

    step: int
    """The step it was written after."""
    path: str
    """Its folder, inside the job's folder."""
    bytes: int
    """Size of all its files."""
    sha256: str
    """Of the weights in it, in hex."""


class Stopped(Report, frozen=True, kw_only=True, tag="stopped"):
    """Stopped on request, with a checkpoint. Started again, it goes on from there."""

    step: int
    """The last step that was taken."""
    max_steps: int
    """Steps of the whole training."""
    reason: str
    """`stop file`, or the signal's name."""


class ResultFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the result."""

    name: str
    """Its name in the result's folder."""
    bytes: int
    """Its size."""
    sha256: str
    """In hex."""


class Done(Report, frozen=True, kw_only=True, tag="done"):
    """The training has ended well; the result's folder is whole."""

    step: int
    """The steps that were taken."""
    tuned: Literal["lora", "qlora", "full"]
    """What the result is: an adapter, or all weights."""
    files: tuple[ResultFile, ...]
    """The files in the result's folder, by name."""
    sha256: str
    """Of the learnt weights alone, in hex: the same for each run of the same job."""
    loss: float | None = None
    """On the validation rows."""
    token_accuracy: float | None = None
    """On the validation rows."""
    tokens: int | None = None
    """Tokens that were trained."""


class Failed(Report, frozen=True, kw_only=True, tag="failed"):
    """The training has ended, and will end so again unless something is changed."""

    code: str
    """One of FailureCode."""
    message: str
    """What is wrong and what to do, for people."""
    step: int = 0
    """The last step that was taken."""


TrainerEvent = Loaded | Stepped | Evaluated | CheckpointWritten | Stopped | Done | Failed
ENDS = (Stopped, Done, Failed)
_DECODER = msgspec.json.Decoder(TrainerEvent)


class JobError(Exception):
    """job.json is missing or wrong."""


def read_job(folder: Path) -> Job:
    """Read job.json. Raises JobError with the field that is wrong."""
    try:
        return msgspec.json.decode((folder / JOB_FILE).read_bytes(), type=Job)
    except (OSError, msgspec.DecodeError) as error:
        raise JobError(f"{JOB_FILE}: {error}") from error


def encode_job(job: Job) -> bytes:
    """Write the job as indented JSON, the same bytes for the same job."""
    return msgspec.json.format(msgspec.json.encode(job), indent=1) + b"\n"


def encode_event(event: TrainerEvent) -> str:
    """Write one line, without its end. It begins with `{"event"`."""
    fields: dict[str, Any] = msgspec.to_builtins(event)
    return json.dumps({name: _round(value) if isinstance(value, float) else value for name, value in fields.items()})


def read_events(lines: bytes) -> Iterator[TrainerEvent]:
    """Read whole lines. What is no event is left out, as a library's output in a log that is mixed with ours."""
    for line in lines.splitlines():
        if line.startswith(b'{"event"'):
            try:
                yield _DECODER.decode(line)
            except msgspec.DecodeError:
                continue  # half a line of a trainer that was killed, or an event of a later version


def _round(value: float) -> float:
    return round(value, 3) if abs(value) >= 1 else float(f"{value:.6g}")
