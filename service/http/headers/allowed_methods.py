"""The `Allow` header of OPTIONS: all methods of a path, also where several handlers share it."""

import re
from collections import defaultdict
from functools import lru_cache

from litestar import Litestar
from litestar.datastructures import MutableScopeHeaders
from litestar.routes import HTTPRoute
from litestar.types import Message, Scope

_PARAMETER = re.compile(r"\{[^}]*\}")


async def complete_allow(message: Message, scope: Scope) -> None:
    """Name every method of the path; Litestar's OPTIONS names only those that were registered together."""
    if message["type"] != "http.response.start" or scope.get("method") != "OPTIONS":
        return
    headers = MutableScopeHeaders.from_message(message)
    methods = _find_methods(scope["litestar_app"]).get(_PARAMETER.sub("{}", scope.get("path_template") or ""))
    if "Allow" in headers and methods:
        headers["Allow"] = ", ".join(sorted(methods))


@lru_cache(maxsize=8)
def _find_methods(app: Litestar) -> dict[str, set[str]]:
    methods: dict[str, set[str]] = defaultdict(set)
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            methods[_PARAMETER.sub("{}", route.path)] |= route.methods
    return methods
