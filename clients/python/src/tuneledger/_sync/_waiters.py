# Derived from the awaited client by `make clients`.
"""Wait for operations and tunes."""

import time
from collections.abc import Callable
from typing import Literal

from tuneledger._calls import HttpCall, path
from tuneledger._sync._api import Resource
from tuneledger.errors import OperationFailedError, TuneFailedError, WaitTimeoutError
from tuneledger.types import Operation, Tune

_ENDED = ("succeeded", "failed", "cancelled")
_LONG_POLL = 20.0
_SHORT_POLL = 1.0


class WaitsForOperations(Resource):
    """Adds `wait` to the operations."""

    def wait(
        self,
        operation: Operation | str,
        *,
        on_progress: Callable[[Operation], object] | None = None,
        timeout: float | None = None,
        check: bool = True,
    ) -> Operation:
        """Wait until an operation (or its id) has ended.

        `on_progress` is called with it when it changes. Raises OperationFailedError if it failed or was cancelled,
        unless `check` is False, and WaitTimeoutError after `timeout` seconds.
        """
        operation_id = operation if isinstance(operation, str) else operation.id
        ends = None if timeout is None else time.monotonic() + timeout
        longest = _LONG_POLL if on_progress is None else _SHORT_POLL
        previous = None
        while True:
            patience = longest if ends is None else max(0.0, min(longest, ends - time.monotonic()))
            call = HttpCall(method="GET", path=path("/v1/operations/{}", operation_id), query={"wait": patience})
            latest = self._api.answer(call, Operation)
            if on_progress is not None and latest != previous:
                on_progress(latest)
            previous = latest
            if latest.state in _ENDED:
                break
            if ends is not None and time.monotonic() >= ends:
                raise WaitTimeoutError(f"operation {operation_id} is {latest.state} after {timeout} seconds")
        if check and latest.state != "succeeded":
            raise OperationFailedError(latest)
        return latest


class WaitsForTunes(Resource):
    """Adds `wait` to the tunes."""

    def wait(
        self,
        tune: Tune | str,
        *,
        until: Literal["ended", "registered"] = "ended",
        on_change: Callable[[Tune], object] | None = None,
        timeout: float | None = None,
        interval: float = 5.0,
        check: bool = True,
    ) -> Tune:
        """Wait until a tune (or its id) has ended, or `until` it is registered as a version, where it gets one.

        `on_change` is called with it when it changes, and then it is read every `interval` seconds. Raises
        TuneFailedError if it failed or was cancelled, unless `check` is False, and WaitTimeoutError after `timeout`
        seconds.
        """
        tune_id = tune if isinstance(tune, str) else tune.id
        ends = None if timeout is None else time.monotonic() + timeout
        longest = min(interval, _LONG_POLL) if on_change else _LONG_POLL
        previous = None
        while True:
            patience = longest if ends is None else max(0.0, min(longest, ends - time.monotonic()))
            query = {"wait": 0.0 if on_change and previous is None else patience, "until": until}
            call = HttpCall(method="GET", path=path("/v1/tunes/{}", tune_id), query=query)
            latest = self._api.answer(call, Tune)
            if on_change is not None and latest != previous:
                on_change(latest)
            previous = latest
            if is_reached(latest, until):
                break
            if ends is not None and time.monotonic() >= ends:
                raise WaitTimeoutError(f"tune {tune_id} is {latest.state} after {timeout} seconds")
        if check and latest.state != "succeeded":
            raise TuneFailedError(latest)
        return latest


def is_reached(tune: Tune, until: Literal["ended", "registered"]) -> bool:
    """Whether a tune has ended, and has its version where it gets one."""
    will_register = until == "registered" and tune.state == "succeeded" and tune.model is not None
    return tune.state in _ENDED and (not will_register or tune.model_version is not None)
