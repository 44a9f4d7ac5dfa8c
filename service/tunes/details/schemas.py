"""HTTP responses of a tune's job log, curves and checkpoints."""

from datetime import datetime

import msgspec

from service.http.pagination import Page
from service.providers.provider import MetricPoint


class TuneLogLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the job's log at the provider."""

    id: str
    """The line's id at the provider."""
    at: datetime | None
    """When it was logged; null where the provider does not say."""
    level: str
    """The line's level, such as info or error."""
    message: str
    """The line, in the provider's words."""


class TuneLogPage(Page[TuneLogLine], frozen=True, kw_only=True):
    """One page of the job's log, the oldest line first."""


class MetricPage(Page[MetricPoint], frozen=True, kw_only=True):
    """One page of the curves, by step."""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A model saved during training, and its metrics."""

    id: str
    """The checkpoint's id at the provider."""
    step: int
    """The training step it was saved at."""
    model: str
    """The checkpoint's model name at the provider."""
    at: datetime | None
    """When it was saved; null where the provider does not say."""
    metrics: MetricPoint
    """The measures at that step."""


class CheckpointPage(Page[Checkpoint], frozen=True, kw_only=True):
    """One page of checkpoints, by step."""
