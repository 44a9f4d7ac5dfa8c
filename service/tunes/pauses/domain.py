"""The events of a tune that is paused and resumed."""

from typing import Any, Literal, assert_never

from service.ledger.decider import Event
from service.providers.provider import RemoteJob, State

# What the provider is to be asked.
PauseRequest = Literal["pause", "resume"]
PAUSING = "pausing"  # OpenAI's word between running and paused


class TunePauseRequested(Event):
    reason: str | None = None


class TuneResumeRequested(Event):
    reason: str | None = None


class PauseSent(Event, kw_only=True):
    """The provider was asked. `refusal`: its message, if it refused; else what it says of the job now."""

    state: State | None = None
    raw_status: str | None = None
    refusal: str | None = None


class TunePauseSent(PauseSent):
    """The provider was asked to pause the job."""


class TuneResumeSent(PauseSent):
    """The provider was asked to go on with the job."""


PauseEvent = TunePauseRequested | TuneResumeRequested | TunePauseSent | TuneResumeSent


def build_pause(event: PauseEvent) -> dict[str, Any]:
    """What changes about the tune."""
    match event:
        case TunePauseRequested():
            return {"pause_request": "pause", "pause_refusal": None}
        case TuneResumeRequested():
            return {"pause_request": "resume", "pause_refusal": None}
        case TunePauseSent() | TuneResumeSent():
            seen = {"state": event.state, "raw_status": event.raw_status} if event.state else {}
            return {"pause_request": None, "pause_refusal": event.refusal, **seen}
        case _:
            assert_never(event)


def is_pausing(job: RemoteJob) -> bool:
    """Whether the job is paused or about to be."""
    return job.state == "paused" or job.raw_status == PAUSING
