"""The end of a workspace, as the operator's own log has it: which one, and the last signed head of its log."""

from typing import assert_never

import msgspec

from service.ledger.decider import Decider, Event


class WorkspaceEnded(Event):
    """In the log of the operator's workspace; that of the ended one is gone. `note` is its last checkpoint."""

    name: str
    size: int
    note: str


class WorkspaceEndState(msgspec.Struct, frozen=True, kw_only=True):
    ended: WorkspaceEnded


def evolve(_: WorkspaceEndState | None, event: WorkspaceEnded) -> WorkspaceEndState:
    match event:
        case WorkspaceEnded():
            return WorkspaceEndState(ended=event)
        case _:
            assert_never(event)


WORKSPACE_END: Decider[WorkspaceEndState, WorkspaceEnded] = Decider(
    "workspace_end", events=(WorkspaceEnded,), evolve=evolve
)


def end(state: WorkspaceEndState | None, ended: WorkspaceEnded) -> list[WorkspaceEnded]:
    """Record the end once: a repeat finishes one that was interrupted."""
    return [] if state is not None else [ended]
