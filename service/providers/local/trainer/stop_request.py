"""The wish to stop, by a file in the job's folder or by a signal."""

import signal
from pathlib import Path
from types import FrameType

from service.providers.local.job import STOP_FILE


class StoppedEarly(Exception):  # noqa: N818 - no error: it was asked for
    """Somebody asked to stop where there is no step to end first."""


class StopRequest:
    """Knows why to stop; None as long as nobody asks."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / STOP_FILE
        self._signal: str | None = None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._remember)

    @property
    def reason(self) -> str | None:
        """Why to stop, if at all."""
        return self._signal or ("stop file" if self._file.exists() else None)

    def obey(self) -> None:
        """Raise StoppedEarly if somebody asks."""
        if self.reason:
            raise StoppedEarly

    def _remember(self, number: int, _: FrameType | None) -> None:
        self._signal = signal.Signals(number).name
