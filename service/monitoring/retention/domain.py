"""How long a workspace keeps its logged requests: a number of days, or until they are erased."""

import uuid
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from service.ledger.decider import Decider, Event

MAX_DAYS = 3_650


class RetentionChanged(Event):
    """Whole days after the call; None keeps requests until they are erased."""

    days: int | None = None
    reason: str | None = None


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    days: int | None = None


def evolve(_: Retention | None, event: RetentionChanged) -> Retention:
    return Retention(days=event.days)


RETENTION: Decider[Retention, RetentionChanged] = Decider("retention", events=(RetentionChanged,), evolve=evolve)


def change_retention(
    retention: Retention | None, *, days: int | None, reason: str | None = None
) -> list[RetentionChanged]:
    """Set for how many days requests are kept. The current setting again records nothing."""
    return [] if retention is not None and retention.days == days else [RetentionChanged(days=days, reason=reason)]


def retention_stream_id(workspace_id: UUID) -> UUID:
    """A workspace has one retention, so its stream's id follows from the workspace's."""
    return uuid.uuid5(workspace_id, "retention")


def find_oldest_kept(retention: Retention | None, *, now: datetime) -> datetime | None:
    """The time before which calls are not kept; None when all are."""
    return None if retention is None or retention.days is None else now - timedelta(days=retention.days)
