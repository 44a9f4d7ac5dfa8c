"""Processes that are killed at random, and started again as a supervisor would."""

import asyncio
import random
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

EARLY_SECONDS = 0.4


class Mortal:
    """A command that runs again and again. `wrote` is a file that grows while it does its work."""

    def __init__(self, *command: str, environment: Mapping[str, str], output: Path, wrote: Path) -> None:
        self.deaths = 0
        self.spared = asyncio.Lock()
        self._starting = asyncio.Lock()
        self.process: asyncio.subprocess.Process | None = None
        self._command = command
        self._environment = dict(environment)
        self._output = output
        self._wrote = wrote

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def start(self) -> None:
        """Unless it runs."""
        async with self._starting:
            if self.running:
                return
            with self._output.open("ab") as output:
                self.process = await asyncio.create_subprocess_exec(
                    sys.executable, *self._command, env=self._environment, stdout=output, stderr=output
                )

    async def kill(self) -> None:
        """With SIGKILL, and its children with it."""
        if self.process is None:
            return
        with suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self.process.pid)
            for each in [parent, *parent.children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):
                    each.kill()
        await self.process.wait()

    async def die_again_and_again(
        self, stop: asyncio.Event, chance: random.Random, *, after: int, early: float = 0.0
    ) -> None:
        """Each time when up to `after` bytes more were written; until `stop` is set.

        `early` is the part of all deaths that come in the moment of a start, at whatever it does then.
        """
        while not stop.is_set():
            if chance.random() < early:
                await asyncio.sleep(chance.random() * EARLY_SECONDS)
            elif not await self.grown(chance.randint(1, after), stop):
                return
            async with self.spared:
                await self.kill()
                self.deaths += 1
                await self.start()

    async def grown(self, by: int, stop: asyncio.Event) -> bool:
        """Wait until so many bytes more were written. If it ends by itself meanwhile, it is started again."""
        wanted = size(self._wrote) + by
        while not stop.is_set():
            if size(self._wrote) >= wanted:
                return True
            await self.start()
            await asyncio.sleep(0.05)
        return False


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
