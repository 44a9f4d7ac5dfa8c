"""The download of a tune's weights into the artifact store: an operation, from the request to its end."""

from typing import Literal, assert_never
from uuid import UUID, uuid5

import msgspec
from msgspec.structs import replace

from service.errors import Conflict, NotFound
from service.ledger.decider import Decider, Event, require_state
from service.operations.domain import NotCancellable
from service.tunes.events import TuneState

DownloadStage = Literal["queued", "running", "cancelling", "succeeded", "failed", "cancelled"]
ENDED: frozenset[DownloadStage] = frozenset({"succeeded", "failed", "cancelled"})


class WeightsRequested(Event):
    """Without a checkpoint: the weights of the job's end. All later events carry the request id `asked_in`."""

    tune_id: UUID
    asked_by: str
    asked_in: str
    checkpoint: str | None = None


class WeightsAdvanced(Event):
    """So many bytes came, of so many; null when the provider does not say."""

    done: int
    total: int | None = None


class WeightsDownloaded(Event):
    """All files are artifacts; the event of each has its sha256."""

    artifacts: tuple[UUID, ...]
    bytes: int


class WeightsFailed(Event):
    code: str
    detail: str


class WeightsCancelRequested(Event):
    """A worker has to stop. Files that came whole stay artifacts."""


class WeightsCancelled(Event):
    pass


WeightsEvent = (
    WeightsRequested | WeightsAdvanced | WeightsDownloaded | WeightsFailed | WeightsCancelRequested | WeightsCancelled
)


class WeightsState(msgspec.Struct, frozen=True, kw_only=True):
    asked: WeightsRequested
    state: DownloadStage = "queued"
    done: int = 0

    @property
    def ended(self) -> bool:
        return self.state in ENDED


def evolve(download: WeightsState | None, event: WeightsEvent) -> WeightsState:
    if isinstance(event, WeightsRequested):
        return WeightsState(asked=event)
    download = require_state(download)
    match event:
        case WeightsAdvanced():
            return replace(download, state="running", done=event.done)
        case WeightsDownloaded():
            return replace(download, state="succeeded")
        case WeightsFailed():
            return replace(download, state="failed")
        case WeightsCancelRequested():
            return replace(download, state="cancelling")
        case WeightsCancelled():
            return replace(download, state="cancelled")
        case _:
            assert_never(event)


WEIGHTS: Decider[WeightsState, WeightsEvent] = Decider(
    "weights",
    events=(
        WeightsRequested,
        WeightsAdvanced,
        WeightsDownloaded,
        WeightsFailed,
        WeightsCancelRequested,
        WeightsCancelled,
    ),
    evolve=evolve,
)


def build_artifact_id(tune_id: UUID, name: str, *, checkpoint: str | None) -> UUID:
    """The same file of the same tune is the same artifact, however often it is asked for."""
    return uuid5(tune_id, f"weights/{checkpoint or ''}/{name}")


def require_downloadable(tune: TuneState, *, gives_weights: bool, checkpoint: str | None) -> None:
    """Raises Conflict where there is nothing to download, and says why."""
    kind = tune.asked.connection_kind
    if not gives_weights:
        raise Conflict(
            f"A provider of the kind {kind} keeps its weights: a model that was tuned there runs only there."
        )
    if tune.job_id is None:
        raise Conflict("This tune has no job at the provider, so it has no weights.")
    if tune.state != "succeeded" and checkpoint is None:
        raise Conflict(f"This tune is {tune.state}. Its weights are there once it has succeeded; or name a checkpoint.")


def advance(download: WeightsState | None, *, done: int, total: int | None) -> list[WeightsEvent]:
    """Record how far it is, unless it is to stop."""
    before = _require_download(download)
    if before.ended or before.state == "cancelling":
        return []
    return [WeightsAdvanced(done=done, total=total)]


def finish(download: WeightsState | None, end: WeightsDownloaded | WeightsFailed) -> list[WeightsEvent]:
    before = _require_download(download)
    return [] if before.ended else [end]


def cancel(download: WeightsState | None) -> list[WeightsEvent]:
    """Stop it. Raises NotCancellable once it has ended otherwise."""
    before = _require_download(download)
    match before.state:
        case "queued":
            return [WeightsCancelled()]
        case "running":
            return [WeightsCancelRequested()]
        case "cancelling" | "cancelled":
            return []
        case "succeeded" | "failed":
            raise NotCancellable(f"The download has already {before.state}.")
        case _:
            assert_never(before.state)


def finish_cancel(download: WeightsState | None) -> list[WeightsEvent]:
    """Record that it was stopped."""
    before = _require_download(download)
    return [WeightsCancelled()] if before.state == "cancelling" else []


def _require_download(download: WeightsState | None) -> WeightsState:
    if download is None:
        raise NotFound("No such download of weights.")
    return download
