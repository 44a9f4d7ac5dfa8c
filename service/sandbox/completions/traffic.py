"""Count chat requests: answered, paid by call, in flight, and disconnected."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CALL_METADATA_KEY = "tuneledger_call"  # the metadata field in which a client names its call


class Traffic:
    """Counts since the start or the last `clear`. `latency` is the seconds that an answer takes."""

    def __init__(self, latency: float = 0.0) -> None:
        self.latency = latency
        self._lock = threading.Lock()
        self._in_flight = 0
        self.clear()

    def clear(self) -> None:
        with self._lock:
            self._answered = 0
            self._answers_by_call: Counter[str] = Counter()
            self._max_in_flight = self._in_flight
            self._disconnects = 0

    @contextmanager
    def track(self) -> Iterator[None]:
        """Count a request as in flight while the block runs."""
        with self._lock:
            self._in_flight += 1
            self._max_in_flight = max(self._max_in_flight, self._in_flight)
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= 1

    def count_disconnect(self) -> None:
        with self._lock:
            self._disconnects += 1

    def count_answer(self, call: str | None) -> None:
        """Count a finished answer, even if it never reaches the client."""
        with self._lock:
            self._answered += 1
            if call is not None:
                self._answers_by_call[call] += 1

    def summarize(self) -> dict[str, Any]:
        with self._lock:
            return {
                "answered": self._answered,
                "paid": dict(self._answers_by_call),
                "in_flight": self._in_flight,
                "most_in_flight": self._max_in_flight,
                "hung_up": self._disconnects,
            }
