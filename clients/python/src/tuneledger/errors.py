"""What can go wrong: no connection, a refusal by the server, or work that ended badly."""

from typing import TYPE_CHECKING, Any

import httpx
import msgspec

if TYPE_CHECKING:
    from tuneledger.types import Operation, Tune


class TuneledgerError(Exception):
    """Anything this client raises on its own account."""


class APIConnectionError(TuneledgerError):
    """There was no answer."""


class APITimeoutError(APIConnectionError):
    """There was no answer in time."""


class UnexpectedAnswerError(TuneledgerError):
    """The server answered what this client cannot read; `response` has it. A newer client may be needed."""

    def __init__(self, message: str, response: httpx.Response) -> None:
        super().__init__(message)
        self.response = response


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a request; `pointer` says where in it."""

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
    """The server refused. `code` is stable and for programs, `errors` names each fault, `request_id` finds the log."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.status_code = response.status_code
        problem = _problem(response)
        self.code = problem.code
        self.title = problem.title or response.reason_phrase
        self.detail = problem.detail
        self.errors = problem.errors
        self.request_id = problem.request_id or response.headers.get("x-request-id", "")
        faults = [f"{fault.pointer}: {fault.detail}" if fault.pointer else fault.detail for fault in self.errors]
        # The faults say it with their place, so the sentences above them would say it twice.
        said = "; ".join(faults) or self.detail or self.title
        super().__init__(f"{self.status_code} {said} (code {self.code or '-'}, request {self.request_id or '-'})")


class BadRequestError(APIStatusError):
    """400: the request makes no sense."""


class AuthenticationError(APIStatusError):
    """401: the API key is missing, wrong, expired or revoked."""


class PermissionDeniedError(APIStatusError):
    """403: the key lacks a scope."""


class NotFoundError(APIStatusError):
    """404: there is no such thing in this workspace."""


class ConflictError(APIStatusError):
    """409: what is there now does not allow it."""


class PreconditionFailedError(APIStatusError):
    """412: the resource has changed since the ETag in `if_match`."""


class PayloadTooLargeError(APIStatusError):
    """413: the body is larger than the server takes."""


class UnsupportedMediaTypeError(APIStatusError):
    """415: the body is of a kind the server does not take."""


class UnprocessableEntityError(APIStatusError):
    """422: the request is well formed and wrong; `errors` says where."""


class RateLimitError(APIStatusError):
    """429: too many requests, also after the retries."""


class InternalServerError(APIStatusError):
    """5xx: the server failed, also after the retries."""


class WaitTimeoutError(TuneledgerError):
    """What was waited for had not ended in time; it goes on."""


class OperationFailedError(TuneledgerError):
    """The operation failed or was cancelled."""

    def __init__(self, operation: "Operation") -> None:
        super().__init__(f"operation {operation.id} {operation.state}: {_told(operation.error)}")
        self.operation = operation


class TuneFailedError(TuneledgerError):
    """The tune failed or was cancelled."""

    def __init__(self, tune: "Tune") -> None:
        super().__init__(f"tune {tune.id} {tune.state}: {_told(tune.error)}")
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


def status_error(response: httpx.Response) -> APIStatusError:
    """The error of a refusal whose body has been read."""
    other = InternalServerError if response.status_code >= _FIRST_SERVER_ERROR else APIStatusError
    return _BY_STATUS.get(response.status_code, other)(response)


def connection_error(error: httpx.TransportError) -> APIConnectionError:
    kind = APITimeoutError if isinstance(error, httpx.TimeoutException) else APIConnectionError
    return kind(f"No answer from {_address(error)}: {str(error) or type(error).__name__}")


def _address(error: httpx.TransportError) -> str:
    try:
        url = error.request.url
    except RuntimeError:  # it belongs to no request
        return "the server"
    return str(url.copy_with(query=None, fragment=None, username=None, password=None))


def _problem(response: httpx.Response) -> _Problem:
    try:
        return msgspec.json.decode(response.content, type=_Problem)
    except msgspec.MsgspecError:
        return _Problem()  # not ours: a proxy on the way


def _told(error: Any) -> str:
    return str(getattr(error, "detail", None) or getattr(error, "message", None) or "no reason was told")
