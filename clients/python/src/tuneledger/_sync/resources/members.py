# Generated from openapi/openapi.json by `make clients`.
"""`client.members`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf, Shape
from tuneledger._sync._api import Api, Resource
from tuneledger._sync._pages import Pager
from tuneledger.types import (
    HistoryEntry,
    HistoryPage,
    Member,
    MemberPage,
    MemberWithKey,
    NewMembersKey,
)


class MembersIdentity(Resource):
    """`client.members.identity`."""

    def link(self, member_id: str, *, issuer: str, subject: str, if_match: Shape | str | int | None = None) -> Member:
        """Link a member to an OpenID Connect subject.

        Tokens of the subject act as the member from now on, in place of the subject before. Refused for a role
        above yours, and for a subject that another member is linked to.

        Scope: `access:write`.

        `member_id`: Id of the member.

        `issuer`: The issuer, as its tokens name it in `iss`. One that TUNELEDGER_OIDC_ISSUERS lists.

        `subject`: The subject, as the tokens name it in `sub`.
        """
        return self._api.answer(
            HttpCall(
                method="PUT",
                path=path("/v1/members/{}/identity", member_id),
                headers=headers(if_match=if_match),
                body=body({"issuer": issuer, "subject": subject}),
            ),
            Member,
        )

    def unlink(self, member_id: str) -> Member:
        """Unlink a member from their OpenID Connect subject.

        No token acts as the member any more: at once in this process, within a second in every other. Refused when
        nobody could come in as an owner any more.

        Scope: `access:write`.

        `member_id`: Id of the member.
        """
        return self._api.answer(HttpCall(method="DELETE", path=path("/v1/members/{}/identity", member_id)), Member)


class Members(Resource):
    """`client.members`."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.identity = MembersIdentity(api)

    def get(self, member_id: str, *, as_of: str | UnsetType = UNSET) -> Member:
        """Read a member, now or as of a time.

        Scope: `access:read`.

        `member_id`: Id of the member.

        `as_of`: Read the state at this RFC 3339 time or seq, not in the future. Default: now.
        """
        return self._api.answer(
            HttpCall(method="GET", path=path("/v1/members/{}", member_id), query=query({"as_of": as_of})), Member
        )

    def history(
        self, member_id: str, *, limit: int | UnsetType = UNSET, cursor: str | UnsetType = UNSET
    ) -> Pager[HistoryPage, HistoryEntry]:
        """List a member's history.

        Scope: `access:read`.

        `member_id`: Id of the member.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/members/{}/history", member_id),
                query=query({"limit": limit, "cursor": cursor}),
            ),
            HistoryPage,
        )

    def invite(
        self,
        *,
        name: str,
        role: OneOf["admin", "annotator", "auditor", "editor", "owner", "reviewer", "viewer"],
        email: str | UnsetType | None = UNSET,
        key: NewMembersKey | Mapping[str, Any] | UnsetType | None = UNSET,
        kind: OneOf["machine", "person"] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> MemberWithKey:
        """Invite a member.

        With `key`, the member's first key is created at once, and its secret shown this once.

        Scope: `access:write`.

        `email`: Where the person can be reached.

        `key`: Creates the member's first key, too; `{}` takes the defaults.

        `kind`: Person or machine.

        `name`: Who it is, for ever: the history, ratings and labels know the member by it. Unique in the
        workspace, without regard to case, width or blanks; the server's own names are reserved.

        `role`: What the member may do at most. You can give no role that has more than you.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/members",
                headers=headers(idempotency_key=idempotency_key),
                body=body({"email": email, "key": key, "kind": kind, "name": name, "role": role}),
            ),
            MemberWithKey,
        )

    def reinstate(
        self, member_id: str, *, reason: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> Member:
        """Let the keys of a suspended member work again.

        Scope: `access:write`.

        `member_id`: Id of the member.

        `reason`: Why; kept in the history.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/members/{}/reinstate", member_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"reason": reason}),
            ),
            Member,
        )

    def suspend(
        self, member_id: str, *, reason: str | UnsetType | None = UNSET, idempotency_key: str | None = None
    ) -> Member:
        """Stop all keys of a member.

        All keys of the member stop working within a second. Refused when nobody could come in as an owner any
        more.

        Scope: `access:write`.

        `member_id`: Id of the member.

        `reason`: Why; kept in the history.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path=path("/v1/members/{}/suspend", member_id),
                headers=headers(idempotency_key=idempotency_key),
                body=body({"reason": reason}),
            ),
            Member,
        )

    def update(
        self,
        member_id: str,
        *,
        email: str | UnsetType | None = UNSET,
        kind: OneOf["machine", "person"] | UnsetType = UNSET,
        reason: str | UnsetType | None = UNSET,
        role: OneOf["admin", "annotator", "auditor", "editor", "owner", "reviewer", "viewer"] | UnsetType = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> Member:
        """Change a member's role, kind or e-mail.

        Refused for a role above yours, and when nobody could come in as an owner any more.

        Scope: `access:write`.

        `member_id`: Id of the member.

        `email`: Where the person can be reached.

        `kind`: Person or machine.

        `reason`: Why; kept in the history.

        `role`: What the member may do at most, from now on; their keys have less within a second.
        """
        return self._api.answer(
            HttpCall(
                method="PATCH",
                path=path("/v1/members/{}", member_id),
                headers=headers(if_match=if_match),
                body=body({"email": email, "kind": kind, "reason": reason, "role": role}),
            ),
            Member,
        )

    def list(
        self,
        *,
        name: str | UnsetType = UNSET,
        role: OneOf["owner", "admin", "editor", "reviewer", "annotator", "viewer", "auditor"]
        | UnsetType
        | None = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> Pager[MemberPage, Member]:
        """List members.

        Scope: `access:read`.

        `name`: Only the item with this name.

        `role`: Only members of this role.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/members",
                query=query({"name": name, "role": role, "limit": limit, "cursor": cursor}),
            ),
            MemberPage,
        )
