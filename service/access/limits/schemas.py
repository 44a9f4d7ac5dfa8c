"""What GET /limits answers."""

from collections.abc import Sequence

import msgspec

from service.access.limits.workspace_limits import LimitName


class WorkspaceLimit(msgspec.Struct, frozen=True, kw_only=True):
    """One limit of the workspace."""

    name: LimitName
    """What is limited; the `code` of the fault when it is reached."""
    limit: int | None
    """The most that the workspace may have; null: no limit."""
    used: int | None
    """How much it has now; of requests, bodies and streams, in the process that answers. Null without a limit."""


class WorkspaceLimitList(msgspec.Struct, frozen=True, kw_only=True):
    """All limits of the workspace."""

    data: Sequence[WorkspaceLimit]
    """The limits, in a fixed order."""
