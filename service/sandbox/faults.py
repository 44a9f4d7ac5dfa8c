"""Trouble on request: what a provider does on a bad day, so that a client can be shown to bear it."""

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
# These strike a request as it comes in; the others are asked for by the route they are about.
AT_THE_DOOR: tuple[Kind, ...] = (
    "rate_limited",
    "server_error",
    "drop_reply",
    "training_not_available",
    "slow",
    "insufficient_quota",
    "invalid_api_key",
    "hangs",
)
# These spoil a chat answer that was made, and is paid for.
IN_THE_ANSWER: tuple[Kind, ...] = (
    "rubbish",
    "truncated_json",
    "not_json",
    "wrong_schema",
    "empty",
    "null_content",
    "huge",
    "refuses",
)
CREATE = "/v1/fine_tuning/jobs"


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`times` requests whose path begins with `path` meet it. `retry_after` and `seconds` are in seconds.

    With `contains`, only chat requests whose messages hold that text. `finish_reason` is what a refusal ends with.
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
    """The faults that wait, in the order they were asked for, and the count of what was called."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self.calls: Counter[str] = Counter()
        self.done: Counter[str] = Counter()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._waiting)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, *kinds: Kind, method: str, path: str, said: Callable[[], str] = lambda: "") -> Fault | None:
        """The first waiting fault of these kinds that means this request; one of its times is used up.

        `said` gives the text of a chat request. It is only called when a fault asks for it.
        """
        with self._lock:
            for at, fault in enumerate(self._waiting):
                if fault.kind in kinds and _means(fault, method, path, said):
                    left = fault.times - 1
                    self._waiting[at : at + 1] = [replace(fault, times=left)] if left else []
                    return fault
        return None


def _means(fault: Fault, method: str, path: str, said: Callable[[], str]) -> bool:
    if fault.method and fault.method.upper() != method:
        return False
    if fault.contains is not None and fault.contains not in said():
        return False
    if fault.kind == "training_not_available":
        # Only new jobs are refused by an account that may no longer train.
        return (method, path) == ("POST", CREATE)
    return path.startswith(fault.path)


def refusal(fault: Fault) -> Refusal | None:
    """What the client is told; None for the kinds that let the request through."""
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
