"""Whether there may be work: one cheap question for all loops of a process, before each asks a costly one."""

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import autocommit

# What follows from time alone, such as an expired file, is looked for so often even if nothing was written.
QUIET_SECONDS = 3.0
MAX_AGE_SECONDS = 0.15
_BEAT = """
select (select coalesce(sum(seq), 0)::bigint from ledger.heads), (
  select coalesce(array_agg(distinct kind), '{}') from ledger.leases
  where due_at <= clock_timestamp() and leased_until <= clock_timestamp())
"""
_pulses: "WeakKeyDictionary[AsyncEngine, Pulse]" = WeakKeyDictionary()


class Beat(msgspec.Struct, frozen=True):
    """`written` grows with each event of any workspace; `due` are the kinds of leases that wait for a worker."""

    written: int
    due: frozenset[str]


class Pulse:
    """The beats of one database, each asked for once by all who want one at about the same time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = autocommit(engine)
        self._lock = asyncio.Lock()
        self._beat = Beat(-1, frozenset())
        self._read_at = float("-inf")

    async def read(self, *, max_age: float = MAX_AGE_SECONDS) -> Beat:
        """The latest beat, at most `max_age` seconds old. Raises what the database raises."""
        clock = asyncio.get_running_loop()
        async with self._lock:
            if clock.time() - self._read_at > max_age:
                asked_at = clock.time()
                async with self._engine.connect() as connection:
                    row: Any = (await connection.exec_driver_sql(_BEAT)).one()
                self._beat, self._read_at = Beat(row[0], frozenset(row[1])), asked_at
            return self._beat


class Vigil:
    """One loop's watch: whether it has to look for work of its own again.

    `quiet_seconds`: for how long at most, where work may follow from time alone.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        kind: str | None = None,
        max_age: float = MAX_AGE_SECONDS,
        quiet_seconds: float | None = None,
    ) -> None:
        self._pulse = _get_pulse(engine)
        self._kind = kind
        self._max_age = max_age
        self._quiet_seconds = QUIET_SECONDS if quiet_seconds is None else quiet_seconds
        self._seen: int | None = None
        self._looked_at = float("-inf")

    async def is_quiet(self) -> bool:
        """Whether nothing can have come since the last look. After a False, the caller looks."""
        beat, now = await self._pulse.read(max_age=self._max_age), asyncio.get_running_loop().time()
        is_due = self._kind in beat.due or now - self._looked_at >= self._quiet_seconds
        if beat.written == self._seen and not is_due:
            return True
        self._seen, self._looked_at = beat.written, now
        return False

    def expect_more(self) -> None:
        """There was work, so there may be more: do not be quiet at the next question."""
        self._seen = None


def _get_pulse(engine: AsyncEngine) -> Pulse:
    pulse = _pulses.get(engine)
    if pulse is None:
        pulse = _pulses[engine] = Pulse(engine)
    return pulse
