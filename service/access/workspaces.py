"""Workspaces: the tenants. Everything else lives in exactly one."""

from typing import assert_never

import msgspec

from service.ledger.decider import Decider, Event


class WorkspaceCreated(Event):
    name: str


WorkspaceEvent = WorkspaceCreated


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    name: str


def evolve(_: Workspace | None, event: WorkspaceEvent) -> Workspace:
    match event:
        case WorkspaceCreated(name=name):
            return Workspace(name=name)
        case _:
            assert_never(event)


WORKSPACE = Decider("workspace", events=(WorkspaceCreated,), evolve=evolve)
