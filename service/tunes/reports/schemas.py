"""HTTP requests that tell how a training with tools of one's own goes."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from service.http.bodies import NO_NUL, Body
from service.providers import curves
from service.tunes.schemas import Budget

Id = Annotated[str, Meta(min_length=1, max_length=500, pattern=NO_NUL)]
Line = Annotated[str, Meta(min_length=1, max_length=20_000, pattern=NO_NUL)]
ModelName = Annotated[str, Meta(min_length=1, max_length=1_000, pattern=NO_NUL)]
Step = Annotated[int, Meta(ge=0, le=curves.MAX_STEP)]
Measure = Annotated[float, Meta(ge=-1e12, le=1e12)]
MeasureName = Literal[
    "train_loss", "valid_loss", "train_accuracy", "valid_accuracy", "full_valid_loss", "full_valid_accuracy"
]
Moment = Annotated[datetime, Meta(tz=True)]
Size = Annotated[int, Meta(ge=0, le=2**53)]


class NewPoint(Body):
    """What was measured at a step. A step may be reported again with what was not known before."""

    step: Step
    """The training step, from 0."""
    train_loss: Measure | None = None
    """Loss on the training examples, in nats per token."""
    valid_loss: Measure | None = None
    """Loss on a batch of validation examples, in nats per token."""
    train_accuracy: Measure | None = None
    """Token accuracy on the training examples, 0 to 1."""
    valid_accuracy: Measure | None = None
    """Token accuracy on a batch of validation examples, 0 to 1."""
    full_valid_loss: Measure | None = None
    """Loss on all validation examples, in nats per token."""
    full_valid_accuracy: Measure | None = None
    """Token accuracy on all validation examples, 0 to 1."""
    not_finite: Annotated[list[MeasureName], Meta(max_length=6)] = []
    """Measures that were NaN or infinite, which JSON cannot say."""


class NewCheckpoint(Body):
    """A state of the model that was saved on the way."""

    id: Id
    """Its name. The same name again is ignored."""
    step: Step
    """The step after which it was saved."""
    model: ModelName
    """Where it is: a path, an address, or a name at the server that answers for it."""
    at: Moment | None = None
    """When it was saved. Null: now."""


class NewLogLine(Body):
    """A line of the training's log."""

    id: Id
    """Its id in this training. The same id again is ignored."""
    message: Line
    """The text."""
    level: Annotated[str, Meta(min_length=1, max_length=20, pattern=NO_NUL)] = "info"
    """Such as `info` or `error`."""
    at: Moment | None = None
    """When it was written. Null: now."""


class TuneReport(Body):
    """How a training goes. What was reported before is ignored, so a report may be sent again."""

    state: Literal["queued", "running", "paused"] = "running"
    """What the training does."""
    points: Annotated[list[NewPoint], Meta(max_length=1_000)] = []
    """Points of the curves."""
    checkpoints: Annotated[list[NewCheckpoint], Meta(max_length=100)] = []
    """Checkpoints that were saved."""
    log: Annotated[list[NewLogLine], Meta(max_length=1_000)] = []
    """Lines of its log."""
    estimated_finish: Moment | None = None
    """When it will probably end."""


class NewReportedFile(Body):
    """A file of the weights. It stays where it is: its digest goes into the history."""

    name: ModelName
    """Its name in the folder of the weights."""
    bytes: Size
    """Its size in bytes."""
    digest: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    """Its SHA-256, in hex."""


class CompleteTune(Body):
    """A training that has succeeded."""

    model: ModelName
    """The tuned model: its name at the connection's server, if one answers for it, or else where it is."""
    trained_tokens: Size | None = None
    """Tokens trained on, all epochs included."""
    cost: Budget | None = None
    """What it cost, such as the hire of a machine."""
    weights: Annotated[list[NewReportedFile], Meta(max_length=1_000)] = []
    """The files of the weights, with their digests."""


class FailTune(Body):
    """A training that has failed."""

    message: Line
    """What went wrong."""
    code: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,63}$")] = "training_failed"
    """A word for programs."""
