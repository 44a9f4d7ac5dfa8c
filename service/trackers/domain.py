"""A tracked run: one tune shown at one integration, once."""

from typing import Literal, assert_never
from uuid import UUID, uuid5

import msgspec
from msgspec.structs import replace

from service.ledger.decider import Decider, Event, require_state

TrackerKind = Literal["wandb", "mlflow"]
TrackedState = Literal["queued", "logged", "failed"]
TRACKERS: tuple[TrackerKind, ...] = ("wandb", "mlflow")


class TrackedRunRequested(Event):
    tune_id: UUID
    integration_id: UUID
    kind: TrackerKind


class TrackedRunLogged(Event):
    """The run is complete there. `link`: its page; none where W&B writes to a folder."""

    points: int
    link: str | None = None


class TrackedRunFailed(Event):
    code: str
    detail: str


TrackedRunEvent = TrackedRunRequested | TrackedRunLogged | TrackedRunFailed


class TrackedRunState(msgspec.Struct, frozen=True, kw_only=True):
    requested: TrackedRunRequested
    state: TrackedState = "queued"


def evolve(run: TrackedRunState | None, event: TrackedRunEvent) -> TrackedRunState:
    match event:
        case TrackedRunRequested():
            return TrackedRunState(requested=event)
        case TrackedRunLogged():
            return replace(require_state(run), state="logged")
        case TrackedRunFailed():
            return replace(require_state(run), state="failed")
        case _:
            assert_never(event)


TRACKED_RUN: Decider[TrackedRunState, TrackedRunEvent] = Decider(
    "tracked_run", events=(TrackedRunRequested, TrackedRunLogged, TrackedRunFailed), evolve=evolve
)


def build_run_id(integration_id: UUID, tune_id: UUID) -> UUID:
    return uuid5(integration_id, str(tune_id))


def request(run: TrackedRunState | None, requested: TrackedRunRequested) -> list[TrackedRunEvent]:
    return [requested] if run is None else []


def finish(run: TrackedRunState | None, end: TrackedRunLogged | TrackedRunFailed) -> list[TrackedRunEvent]:
    return [end] if require_state(run).state == "queued" else []
