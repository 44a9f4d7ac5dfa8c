# Generated from openapi/openapi.json by `make clients`.
"""`client.roles`."""

from __future__ import annotations

from tuneledger._calls import HttpCall
from tuneledger._sync._api import Resource
from tuneledger.types import (
    RoleList,
)


class Roles(Resource):
    """`client.roles`."""

    def list(self) -> RoleList:
        """List the roles.

        A key may have less than its member's role, never more.

        Scope: `access:read`.
        """
        return self._api.answer(HttpCall(method="GET", path="/v1/roles"), RoleList)
