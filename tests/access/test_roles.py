"""What a role covers, and what follows of it for a key. Pure."""

from pathlib import Path

import pytest

from service.access.domain import SCOPES, Role, Scope, is_allowed
from service.access.roles import (
    OPERATOR_AUTHORITY,
    ROLE_SCOPES,
    ROLE_SUMMARIES,
    Authority,
    find_smallest_role,
    restrict_scopes,
)

PAGE = Path(__file__).parents[2] / "docs" / "members.md"


def describe_roles() -> str:
    """The table of docs/members.md."""
    lines = ["| role | what it is for | scopes |", "|---|---|---|"]
    for role, scopes in reversed(list(ROLE_SCOPES.items())):
        lines.append(f"| `{role}` | {ROLE_SUMMARIES[role]} | {', '.join(f'`{scope}`' for scope in scopes)} |")
    return "\n".join(lines)


def test_the_page_has_the_table() -> None:
    assert describe_roles() in PAGE.read_text(), f"put this into docs/members.md:\n{describe_roles()}"


def test_a_key_has_its_scopes_as_far_as_the_role_covers_them() -> None:
    assert restrict_scopes(["admin"], "admin") == ("admin",)
    assert restrict_scopes(["admin", "operator"], "admin") == ("admin",)
    assert restrict_scopes(["admin"], "viewer") == ROLE_SCOPES["viewer"]
    assert restrict_scopes(["datasets:write", "tunes:write"], "reviewer") == ("datasets:write", "tunes:read")
    assert restrict_scopes(["tasks:read"], "editor") == ("tasks:read",)
    assert restrict_scopes(["tasks:read"], "annotator") == ()


def test_an_annotators_key_sees_no_more_for_its_members_role() -> None:
    assert restrict_scopes(["labels:write"], "editor") == ("labels:write",)


@pytest.mark.parametrize("role", ROLE_SCOPES)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_is_never_allowed_more_than_key_and_role(role: Role, scope: Scope) -> None:
    for held in SCOPES:
        allowed = is_allowed(restrict_scopes([held], role), scope)
        assert allowed == (is_allowed([held], scope) and is_allowed(ROLE_SCOPES[role], scope)), held


def test_the_least_role_is_found() -> None:
    assert find_smallest_role(["labels:write"]) == "annotator"
    assert find_smallest_role(["datasets:read"]) == "viewer"
    assert find_smallest_role(["audit:read"]) == "auditor"
    assert find_smallest_role(["tasks:read", "labels:write"]) == "reviewer"
    assert find_smallest_role(["models:run"]) == "editor"
    assert find_smallest_role(["access:write"]) == "admin"
    assert find_smallest_role(["operator"]) == "owner"


def test_nobody_stands_above_an_owner_but_an_owner() -> None:
    admin = Authority(scopes=("admin",), role="admin")
    owner = Authority(scopes=("admin",), role="owner")
    narrow = Authority(scopes=("access:write",), role="owner")
    assert (admin.holds_role("admin"), admin.holds_role("owner")) == (True, False)
    assert (owner.holds_role("owner"), narrow.holds_role("viewer")) == (True, False)
    assert OPERATOR_AUTHORITY.holds(["operator"], "owner")
    assert not owner.holds(["operator"], "owner")


@pytest.mark.parametrize("scope", ["models:override", "labels:impersonate", "erase"])
def test_some_scopes_come_with_no_other_but_admin(scope: Scope) -> None:
    assert is_allowed(["admin"], scope)
    assert not is_allowed([each for each in SCOPES if each not in {"admin", scope}], scope)
    assert [role for role, scopes in ROLE_SCOPES.items() if is_allowed(scopes, scope)] == ["admin", "owner"]
