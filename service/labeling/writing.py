"""Writing to several streams at once: gathered and decided again for as long as others are quicker."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

from service.ledger.store import ATTEMPTS, Batch, Caller, Entry, Ledger, LostRace, StoredText
from service.ledger.store import Attachments as Texts

Gathered = tuple[Sequence[Entry], Sequence[StoredText]]


async def write_together(ledger: Ledger, caller: Caller, gather: Callable[[], Awaitable[Gathered]]) -> int:
    """Write the entries that `gather` finds, all or none, and say how many there were; none writes nothing.

    Raises LostRace when others were quicker every time, and whatever `gather` raises.
    """
    for attempt in range(ATTEMPTS):
        entries, contents = await gather()
        if not entries:
            return 0
        try:
            await ledger.write(caller, Batch(entries=entries, beside=Texts(contents=contents)))
        except LostRace:
            await asyncio.sleep(random.uniform(0, 0.01 * 2 ** min(attempt, 5)))  # noqa: S311 - a pause, not a secret
            continue
        return len(entries)
    raise LostRace("Too many are changing this at once; try again.")
