"""Faults on request, for testing how a client handles a failing provider."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from service.sandbox.wire import Refusal

Kind = Literal[
    "rate_limited",
    "server_error",
    "drop_reply",
    "training_not_available",
    "unknown_status",
    "slow",
    "cancel_then_succeed",
    "insufficient_quota",
    "invalid_api_key",
    "hangs",
    "rubbish",
    "truncated_json",
    "not_json",
    "wrong_schema",
    "empty",
    "null_content",
    "huge",
    "refuses",
]
# Applied before a request is handled; other faults are applied by the route that they concern.
REQUEST_FAULTS: tuple[Kind, ...] = (
    "rate_limited",
    "server_error",
    "drop_reply",
    "training_not_available",
    "slow",
    "insufficient_quota",
    "invalid_api_key",
    "hangs",
)
# Applied to a finished chat answer, which is counted as paid.
ANSWER_FAULTS: tuple[Kind, ...] = (
    "rubbish",
    "truncated_json",
    "not_json",
    "wrong_schema",
    "empty",
    "null_content",
    "huge",
    "refuses",
)
CREATE_JOB_PATH = "/v1/fine_tuning/jobs"


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fault for the next `times` requests whose path begins with `path`; `retry_after` and `seconds` are in seconds.

    With `contains`, only for chat requests with that text. `finish_reason` is that of a refused answer.
    """

    kind: Kind
    times: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    path: str = "/v1/"
    method: str | None = None
    retry_after: Annotated[float, Meta(ge=0, le=3600)] | None = None
    seconds: Annotated[float, Meta(ge=0, le=600)] = 1.0
    status: Annotated[int, Meta(ge=500, le=599)] = 500
    contains: Annotated[str, Meta(min_length=1)] | None = None
    finish_reason: Literal["stop", "content_filter"] = "stop"


class Faults:
    """The pending faults, in the order they were added, and counts of calls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self.calls: Counter[str] = Counter()
        self.completed: Counter[str] = Counter()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._waiting)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, *kinds: Kind, method: str, path: str, get_text: Callable[[], str] = lambda: "") -> Fault | None:
        """Take the first pending fault of these kinds that applies to the request, and use up one of its times.

        `get_text` gives the text of a chat request. It is only called for a fault with `contains`.
        """
        with self._lock:
            for index, fault in enumerate(self._waiting):
                if fault.kind in kinds and _applies(fault, method, path, get_text):
                    remaining = fault.times - 1
                    self._waiting[index : index + 1] = [replace(fault, times=remaining)] if remaining else []
                    return fault
        return None


def _applies(fault: Fault, method: str, path: str, get_text: Callable[[], str]) -> bool:
    if fault.method and fault.method.upper() != method:
        return False
    if fault.contains is not None and fault.contains not in get_text():
        return False
    if fault.kind == "training_not_available":
        # An account that may no longer train is only refused new jobs.
        return (method, path) == ("POST", CREATE_JOB_PATH)
    return path.startswith(fault.path)


def build_refusal(fault: Fault) -> Refusal | None:
    """The refusal to send; None for faults that let the request through."""
    match fault.kind:
        case "rate_limited":
            seconds = 1.0 if fault.retry_after is None else fault.retry_after
            headers = {"retry-after": f"{seconds:g}", "retry-after-ms": str(round(seconds * 1000))}
            code, kind = "rate_limit_exceeded", "requests"
            return Refusal("Rate limit reached in the sandbox.", status=429, code=code, kind=kind, headers=headers)
        case "insufficient_quota":
            message = "You exceeded your current quota, please check your plan and billing details."
            return Refusal(message, status=429, code=fault.kind, kind=fault.kind)
        case "server_error":
            message = "The server had an error while processing your request."
            return Refusal(message, status=fault.status, kind="server_error")
        case "training_not_available":
            message = (
                "OpenAI is winding down the fine-tuning platform and your organization is no longer able to create "
                "new fine-tuning training jobs."
            )
            return Refusal(message, status=403, code=fault.kind)
        case "invalid_api_key":
            return Refusal("Incorrect API key provided.", status=401, code=fault.kind)
        case _:
            return None
