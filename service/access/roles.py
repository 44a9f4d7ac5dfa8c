"""Roles: which scopes a member may have at most. docs/members.md shows the table; a test compares. Pure."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

import msgspec

from service.access.domain import Role, Scope, is_allowed

_READS: tuple[Scope, ...] = (
    "connections:read",
    "datasets:read",
    "evaluations:read",
    "generations:read",
    "labels:read",
    "models:read",
    "operations:read",
    "prompts:read",
    "requests:read",
    "tasks:read",
    "tunes:read",
)
_AUDITS: tuple[Scope, ...] = ("access:read", "audit:read", "webhooks:read")
# From the least to the most: a key that comes without a member gets the first role that covers its scopes.
ROLE_SCOPES: Mapping[Role, tuple[Scope, ...]] = {
    "annotator": ("labels:write",),
    "viewer": _READS,
    "auditor": (*_READS, *_AUDITS),
    "reviewer": (
        *_READS,
        "datasets:write",
        "evaluations:write",
        "generations:write",
        "labels:write",
        "requests:write",
    ),
    "editor": (
        *_READS,
        *_AUDITS,
        "datasets:write",
        "evaluations:write",
        "generations:write",
        "labels:write",
        "models:write",
        "operations:write",
        "prompts:write",
        "requests:write",
        "tasks:write",
        "tunes:write",
    ),
    "admin": ("admin",),
    "owner": ("admin", "operator"),
}
ROLE_SUMMARIES: Mapping[Role, str] = {
    "annotator": "Labels what a queue hands out, and sees nothing else.",
    "viewer": "Reads datasets, models and all that belongs to them.",
    "auditor": "Reads everything, also the log, the members and the webhooks; changes nothing.",
    "reviewer": "Also judges: rates, repairs, labels, evaluates, and reviews what was generated.",
    "editor": "Also makes tasks, prompts, tunes and models; not members, connections or webhooks.",
    "admin": "Everything in the workspace, but what concerns owners.",
    "owner": "Everything in the workspace. In the operator's workspace a key may have `operator`, too.",
}


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody may give to others and take from them: no scope that they lack, no role above their own."""

    scopes: tuple[Scope, ...]
    role: Role
    member_id: UUID | None = None

    def holds(self, scopes: Iterable[Scope], role: Role) -> bool:
        """Whether they have all these scopes, and a member of this role is not above them."""
        return self.may_stand_above(role) and all(is_allowed(self.scopes, scope) for scope in scopes)

    def holds_role(self, role: Role) -> bool:
        """Whether they may give this role, and change a member who has it."""
        # The scope `operator` belongs to a key, which grants it; a role alone does not.
        return self.holds((scope for scope in ROLE_SCOPES[role] if scope != "operator"), role)

    def may_stand_above(self, role: Role) -> bool:
        return role != "owner" or self.role == "owner"


OPERATOR_AUTHORITY = Authority(scopes=("admin", "operator"), role="owner")  # of who has the machine


def restrict_scopes(scopes: Iterable[Scope], role: Role) -> tuple[Scope, ...]:
    """The scopes that a key really has: its own, as far as its member's role covers them."""
    allowed = ROLE_SCOPES[role]
    kept = [scope for scope in scopes if is_allowed(allowed, scope)]
    wider = [scope for scope in scopes if scope not in kept]
    kept += [scope for scope in allowed if scope not in kept and is_allowed(wider, scope)]
    return tuple(kept)


def find_smallest_role(scopes: Collection[Scope]) -> Role:
    """The least role that covers all these scopes."""
    covering = (role for role, allowed in ROLE_SCOPES.items() if all(is_allowed(allowed, each) for each in scopes))
    return next(covering)
