"""The counts of rate limits, in memory."""

import threading

from limits.storage import MemoryStorage


class RateCounters(MemoryStorage):
    """Counts without the library's timer, a thread that starts every 10 ms of traffic while a request waits for it.

    The timer drops counts that have expired. Without it they stay, one for each key, and begin anew at the next hit.
    """

    def __init__(self) -> None:
        super().__init__()
        self.timer = _BusyTimer(0, lambda: None)


class _BusyTimer(threading.Timer):
    """Is never started, and seems to run: so no other is started."""

    def is_alive(self) -> bool:
        return True
