"""Errors of the API. A class's docstring is the problem's title; its status and stable code are attributes."""

from collections.abc import Sequence
from typing import ClassVar

import msgspec


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One fault of the request."""

    pointer: str = ""
    """A JSON pointer into the body, `?name` of a query parameter, or the name of a path parameter or header."""
    detail: str
    """What is wrong, for people; the text may change."""
    code: str = msgspec.field(default_factory=lambda: "invalid")  # a factory's value is encoded, a default's is not
    """What is wrong, for programs; stable."""
    line: int | None = None
    """The line of the uploaded file, counted from 1."""


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """Something went wrong"""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"

    def __init__(self, detail: str, *, errors: Sequence[Fault] = (), retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.retry_after = retry_after

    @property
    def title(self) -> str:
        return (type(self).__doc__ or "").strip().splitlines()[0]


class Invalid(Problem):
    """Invalid request"""

    status = 400
    code = "invalid_request"


class Unauthenticated(Problem):
    """No valid API key"""

    status = 401
    code = "unauthenticated"


class Forbidden(Problem):
    """The API key lacks a scope"""

    status = 403
    code = "missing_scope"


class HoldsMore(Forbidden):
    """The member or key has more than this API key"""

    code = "holds_more"


class NotFound(Problem):
    """Not found"""

    status = 404
    code = "not_found"


class Conflict(Problem):
    """The request conflicts with the current state"""

    status = 409
    code = "conflict"


class Erased(Conflict):
    """The text was erased"""

    code = "erased"


class Archived(Conflict):
    """What is archived takes no new work"""

    code = "archived"

    def __init__(self, noun: str, *, pointer: str = "") -> None:
        """`pointer`: the field of the request that names it; empty where the path does."""
        detail = f"This {noun} is archived; bring it back first: POST /v1/{noun}s/{{id}}/unarchive."
        errors = [Fault(pointer=pointer, detail=detail, code=self.code)] if pointer else ()
        super().__init__(detail, errors=errors)


class ResponseErased(Problem):
    """The stored response held a text that was erased"""

    status = 410
    code = "erased"


class InFlight(Conflict):
    """A request with this Idempotency-Key is still running"""

    code = "idempotency_in_flight"


class Stale(Problem):
    """The resource has changed since it was read"""

    status = 412
    code = "stale"


class TooLarge(Problem):
    """The body is too large"""

    status = 413
    code = "too_large"


class Unprocessable(Problem):
    """The content is invalid"""

    status = 422
    code = "unprocessable"


class KeyReused(Unprocessable):
    """The Idempotency-Key was used for another request"""

    code = "idempotency_key_reused"


class TooManyRequests(Problem):
    """Too many requests"""

    status = 429
    code = "rate_limited"


class LimitReached(TooManyRequests):
    """The workspace has reached a limit"""

    code = "limit_reached"


class Unavailable(Problem):
    """Temporarily unavailable"""

    status = 503
    code = "unavailable"


class TooSlow(Problem):
    """The database took too long"""

    status = 503
    code = "too_slow"


class ProviderRefused(Problem):
    """The provider refused for good"""

    status = 502
    code = "provider_refused"


class ProviderUnavailable(Problem):
    """The provider cannot be reached or asks to wait"""

    status = 503
    code = "provider_unavailable"


class UnsupportedMediaType(Problem):
    """The body's media type is not supported"""

    status = 415
    code = "unsupported_media_type"


class MethodNotAllowed(Problem):
    """The resource does not have this method"""

    status = 405
    code = "method_not_allowed"

    def __init__(self, detail: str, *, methods: Sequence[str]) -> None:
        super().__init__(detail)
        self.methods = tuple(methods)
