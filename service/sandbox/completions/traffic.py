"""What became of chat requests: how many were answered and paid for, how often each, and how many came at once."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CALL = "tuneledger_call"  # the metadata field by which a client names a call of its own


class Traffic:
    """Counted since the start, or since the counts were cleared. `latency` is how long an answer takes, in seconds."""

    def __init__(self, latency: float = 0.0) -> None:
        self.latency = latency
        self._lock = threading.Lock()
        self._in_flight = 0
        self.clear()

    def clear(self) -> None:
        with self._lock:
            self._answered = 0
            self._paid: Counter[str] = Counter()
            self._most = self._in_flight
            self._hung_up = 0

    @contextmanager
    def passing(self) -> Iterator[None]:
        """A request that is under way for as long as the block runs."""
        with self._lock:
            self._in_flight += 1
            self._most = max(self._most, self._in_flight)
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= 1

    def hung_up(self) -> None:
        with self._lock:
            self._hung_up += 1

    def paid(self, call: str | None) -> None:
        """An answer was made, whatever becomes of it on its way."""
        with self._lock:
            self._answered += 1
            if call is not None:
                self._paid[call] += 1

    def told(self) -> dict[str, Any]:
        with self._lock:
            return {
                "answered": self._answered,
                "paid": dict(self._paid),
                "in_flight": self._in_flight,
                "most_in_flight": self._most,
                "hung_up": self._hung_up,
            }
