# Derived from the awaited client by `make clients`.
"""Waiting for what takes long."""

import time
from collections.abc import Callable

from tuneledger._calls import HttpCall, path
from tuneledger._sync._api import Resource
from tuneledger._sync._platform import sleep
from tuneledger.errors import OperationFailedError, TuneFailedError, WaitTimeoutError
from tuneledger.types import Operation, Tune

_ENDED = ("succeeded", "failed", "cancelled")
_LONG_POLL = 20.0
_LOOK_AGAIN = 1.0


class WaitsForOperations(Resource):
    """Operations that can be waited for."""

    def wait(
        self,
        operation: Operation | str,
        *,
        on_progress: Callable[[Operation], object] | None = None,
        timeout: float | None = None,
        check: bool = True,
    ) -> Operation:
        """Wait until an operation, given by itself or its id, has ended.

        `on_progress` gets it whenever it has changed. Raises OperationFailedError when it failed or was cancelled,
        unless `check` is False, and WaitTimeoutError after `timeout` seconds.
        """
        operation_id = operation if isinstance(operation, str) else operation.id
        ends = None if timeout is None else time.monotonic() + timeout
        longest = _LONG_POLL if on_progress is None else _LOOK_AGAIN
        seen = None
        while True:
            patience = longest if ends is None else max(0.0, min(longest, ends - time.monotonic()))
            call = HttpCall(method="GET", path=path("/v1/operations/{}", operation_id), query={"wait": patience})
            found = self._api.answer(call, Operation)
            if on_progress is not None and found != seen:
                on_progress(found)
            seen = found
            if found.state in _ENDED:
                break
            if ends is not None and time.monotonic() >= ends:
                raise WaitTimeoutError(f"operation {operation_id} is {found.state} after {timeout} seconds")
        if check and found.state != "succeeded":
            raise OperationFailedError(found)
        return found


class WaitsForTunes(Resource):
    """Tunes that can be waited for."""

    def wait(
        self,
        tune: Tune | str,
        *,
        on_change: Callable[[Tune], object] | None = None,
        timeout: float | None = None,
        interval: float = 5.0,
        check: bool = True,
    ) -> Tune:
        """Wait until a tune, given by itself or its id, has ended; it is looked at every `interval` seconds.

        `on_change` gets it whenever it has changed. Raises TuneFailedError when it failed or was cancelled, unless
        `check` is False, and WaitTimeoutError after `timeout` seconds.
        """
        tune_id = tune if isinstance(tune, str) else tune.id
        ends = None if timeout is None else time.monotonic() + timeout
        seen = None
        while True:
            found = self._api.answer(HttpCall(method="GET", path=path("/v1/tunes/{}", tune_id)), Tune)
            if on_change is not None and found != seen:
                on_change(found)
            seen = found
            if found.state in _ENDED:
                break
            left = interval if ends is None else ends - time.monotonic()
            if left <= 0:
                raise WaitTimeoutError(f"tune {tune_id} is {found.state} after {timeout} seconds")
            sleep(min(interval, left))
        if check and found.state != "succeeded":
            raise TuneFailedError(found)
        return found
