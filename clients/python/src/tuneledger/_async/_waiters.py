"""Wait for operations and tunes."""

import time
from collections.abc import Callable

from tuneledger._async._api import AsyncResource
from tuneledger._async._platform import sleep
from tuneledger._calls import HttpCall, path
from tuneledger.errors import OperationFailedError, TuneFailedError, WaitTimeoutError
from tuneledger.types import Operation, Tune

_ENDED = ("succeeded", "failed", "cancelled")
_LONG_POLL = 20.0
_SHORT_POLL = 1.0


class AsyncWaitsForOperations(AsyncResource):
    """Adds `wait` to the operations."""

    async def wait(
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
            latest = await self._api.answer(call, Operation)
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


class AsyncWaitsForTunes(AsyncResource):
    """Adds `wait` to the tunes."""

    async def wait(
        self,
        tune: Tune | str,
        *,
        on_change: Callable[[Tune], object] | None = None,
        timeout: float | None = None,
        interval: float = 5.0,
        check: bool = True,
    ) -> Tune:
        """Wait until a tune (or its id) has ended; polls every `interval` seconds.

        `on_change` is called with it when it changes. Raises TuneFailedError if it failed or was cancelled, unless
        `check` is False, and WaitTimeoutError after `timeout` seconds.
        """
        tune_id = tune if isinstance(tune, str) else tune.id
        ends = None if timeout is None else time.monotonic() + timeout
        previous = None
        while True:
            latest = await self._api.answer(HttpCall(method="GET", path=path("/v1/tunes/{}", tune_id)), Tune)
            if on_change is not None and latest != previous:
                on_change(latest)
            previous = latest
            if latest.state in _ENDED:
                break
            remaining = interval if ends is None else ends - time.monotonic()
            if remaining <= 0:
                raise WaitTimeoutError(f"tune {tune_id} is {latest.state} after {timeout} seconds")
            await sleep(min(interval, remaining))
        if check and latest.state != "succeeded":
            raise TuneFailedError(latest)
        return latest
