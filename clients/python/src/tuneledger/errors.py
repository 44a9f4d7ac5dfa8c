"""Errors: no connection, a refusal by the server, or work that failed."""

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import httpx

    from tuneledger.types import Operation, Tune


class TuneledgerError(Exception):
    """The base class of all errors of this client."""


class APIConnectionError(TuneledgerError):
    """The server did not answer."""


class APITimeoutError(APIConnectionError):
    """The server did not answer in time."""


class UnexpectedAnswerError(TuneledgerError):
    """The answer in `response` cannot be read; a newer client may be needed."""

    def __init__(self, message: str, response: "httpx.Response") -> None:
        super().__init__(message)
        self.response = response


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One fault of a request; `pointer` says where."""

    pointer: str = ""
    detail: str = ""
    code: str = ""


class _Problem(msgspec.Struct, frozen=True, kw_only=True):
    title: str = ""
    detail: str = ""
    code: str = ""
    errors: list[Fault] = []
    request_id: str = ""


class APIStatusError(TuneledgerError):
    """The server refused. `code` is stable, `errors` lists each fault, and the server's log has the `request_id`."""

    def __init__(self, response: "httpx.Response") -> None:
        self.response = response
        self.status_code = response.status_code
        problem = _problem(response)
        self.code = problem.code
        self.title = problem.title or response.reason_phrase
        self.detail = problem.detail
        self.errors = problem.errors
        self.request_id = problem.request_id or response.headers.get("x-request-id", "")
        faults = [f"{fault.pointer}: {fault.detail}" if fault.pointer else fault.detail for fault in self.errors]
        # Faults repeat the detail with a pointer, so they replace it.
        message = "; ".join(faults) or self.detail or self.title
        super().__init__(f"{self.status_code} {message} (code {self.code or '-'}, request {self.request_id or '-'})")


class BadRequestError(APIStatusError):
    """400: the request is malformed."""


class AuthenticationError(APIStatusError):
    """401: the API key is missing, wrong, expired or revoked."""


class PermissionDeniedError(APIStatusError):
    """403: the key lacks a scope."""


class NotFoundError(APIStatusError):
    """404: not found in this workspace."""


class ConflictError(APIStatusError):
    """409: it conflicts with the current state."""


class PreconditionFailedError(APIStatusError):
    """412: the resource has changed since the ETag in `if_match`."""


class PayloadTooLargeError(APIStatusError):
    """413: the body is larger than the server accepts."""


class UnsupportedMediaTypeError(APIStatusError):
    """415: the server does not accept this type of body."""


class UnprocessableEntityError(APIStatusError):
    """422: the request is well-formed but invalid; `errors` says where."""


class RateLimitError(APIStatusError):
    """429: too many requests, even after retries."""


class InternalServerError(APIStatusError):
    """5xx: the server failed, even after retries."""


class WaitTimeoutError(TuneledgerError):
    """The operation or tune did not end in time; it continues."""


_MAX_FAULTS = 5  # of an import's rows, in the text of an exception


class OperationFailedError(TuneledgerError):
    """The operation failed or was cancelled."""

    def __init__(self, operation: "Operation") -> None:
        super().__init__(f"operation {operation.id} {operation.state}: {_reason(operation.error)}")
        self.operation = operation


class TuneFailedError(TuneledgerError):
    """The tune failed or was cancelled."""

    def __init__(self, tune: "Tune") -> None:
        super().__init__(f"tune {tune.id} {tune.state}: {_reason(tune.error)}")
        self.tune = tune


_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    412: PreconditionFailedError,
    413: PayloadTooLargeError,
    415: UnsupportedMediaTypeError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}
_FIRST_SERVER_ERROR = 500


def status_error(response: "httpx.Response") -> APIStatusError:
    """Build the error of a refusal; its body must have been read."""
    other = InternalServerError if response.status_code >= _FIRST_SERVER_ERROR else APIStatusError
    return _BY_STATUS.get(response.status_code, other)(response)


def connection_error(error: "httpx.TransportError") -> APIConnectionError:
    import httpx  # noqa: PLC0415 - whoever has such an error has imported it; a list of commands needs none

    kind = APITimeoutError if isinstance(error, httpx.TimeoutException) else APIConnectionError
    return kind(f"No answer from {_address(error)}: {str(error) or type(error).__name__}")


def _address(error: "httpx.TransportError") -> str:
    try:
        url = error.request.url
    except RuntimeError:  # the error has no request
        return "the server"
    return str(url.copy_with(query=None, fragment=None, username=None, password=None))


def _problem(response: "httpx.Response") -> _Problem:
    try:
        return msgspec.json.decode(response.content, type=_Problem)
    except msgspec.MsgspecError:
        return _Problem()  # from a proxy in between


def _reason(error: Any) -> str:
    reason = str(getattr(error, "detail", None) or getattr(error, "message", None) or "no reason given")
    return "\n".join([reason, *map(_fault, (getattr(error, "errors", None) or ())[:_MAX_FAULTS])])


def _fault(fault: Any) -> str:
    """A row's fault in one line."""
    where = [f"line {fault.line}" if getattr(fault, "line", None) else "", getattr(fault, "pointer", "")]
    return f"- {' '.join(part for part in where if part)}: {fault.detail}"
