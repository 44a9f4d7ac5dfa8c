"""The machine of this process, as its operator lets it be used for training. Pure."""

from pathlib import Path

import msgspec


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Where this process may train. `label`: only connections with this label are looked after here.

    `room` keeps the jobs of one connection apart from all others'. `slots`: trainings at the same time.
    """

    label: str
    folder: Path
    slots: int = 1
    room: str = ""

    @property
    def jobs(self) -> Path:
        """A folder for each job of the room."""
        return self.folder / "jobs" / self.room

    @property
    def files(self) -> Path:
        """The training files of the room, by digest."""
        return self.folder / "files" / self.room

    @property
    def models(self) -> Path:
        """Base models: .gguf files, and folders. The operator puts them there."""
        return self.folder / "models"

    @property
    def unpacked(self) -> Path:
        """What the trainer made of .gguf files."""
        return self.folder / "unpacked"

    @property
    def queue(self) -> Path:
        """A link to each job of any room that has not ended."""
        return self.folder / "queue"

    @property
    def servers(self) -> Path:
        """A folder for each model that answers on this machine; others may share the folder."""
        return self.folder / "servers" / self.label / self.room
