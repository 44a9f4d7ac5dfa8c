"""What the trainer tells: one line an event, in the job's folder and on stdout."""

import os
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any, TextIO

from service.providers.local.job import EVENTS_FILE, Report, Stepped, TrainerEvent, encode_event, read_events

MEGABYTE = 1e6
# The maximum comes in kibibytes, on macOS in bytes.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Reporter:
    """Writes events. Times go on where the attempt before was when it was killed."""

    def __init__(self, folder: Path, lines: TextIO) -> None:
        path = folder / EVENTS_FILE
        written = path.read_bytes() if path.exists() else b""
        earlier = list(read_events(written))
        last: Report | None = earlier[-1] if earlier else None
        self.attempt = last.attempt + 1 if last else 1
        self._earlier_seconds = last.seconds if last else 0.0
        self._earlier_cpu = last.cpu_s if last else 0.0
        self._earlier_rss = last.rss_mb if last else 0.0
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._lines = lines
        self._file = path.open("ab")
        if not written.endswith(b"\n") and written:
            self._file.write(b"\n")  # after half a line of a trainer that was killed
        self.step = 0

    @property
    def seconds(self) -> float:
        """Time of all attempts."""
        return self._earlier_seconds + time.monotonic() - self._started

    def emit(self, kind: type[TrainerEvent], **fields: Any) -> None:
        """Write an event; it is on the disk when this returns."""
        event = kind(
            at=time.time(),
            attempt=self.attempt,
            seconds=self.seconds,
            cpu_s=self._earlier_cpu + time.process_time(),
            rss_mb=max(self._earlier_rss, read_peak_mb()),
            **fields,
        )
        if isinstance(event, Stepped):
            self.step = event.step
        line = encode_event(event)
        with self._lock:
            print(line, file=self._lines, flush=True)
            self._file.write(line.encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())


def read_peak_mb() -> float:
    """The most resident memory of this process so far, in 10^6 bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT / MEGABYTE


def read_rss_mb() -> float:
    """The resident memory of this process now, in 10^6 bytes; where the kernel does not tell, the most so far."""
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[1])
    except OSError:
        return read_peak_mb()
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE
