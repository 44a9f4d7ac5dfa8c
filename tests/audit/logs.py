"""A log with a history, for those who audit it and those who tamper with it."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit import log_export as exporting
from service.audit import worker as sealing
from service.database.engine import new_id
from tests.audit.test_sealer import SIGNER
from tuneledger.audit.verifier import Report, verify

MANY = 700
STREAMS = 7  # event `seq` is of stream (seq - 1) % 7, so 307 follows 300 in its stream
APPEND = sa.text(
    "with given as (select cast(:ws as uuid) as ws, cast(:n as int) as n,"
    "  coalesce((select seq from ledger.heads where workspace_id = :ws), 0)::int as at),"
    " events as (select array_agg(md5(ws::text || g % 7)::uuid order by g) as ids,"
    "  array_agg(g / 7 + 1 order by g) as versions from given, generate_series(at, at + n - 1) as g)"
    " select count(*) from given, events, ledger.append(ws, 'tester', 'r', array_fill('toy'::text, array[n]),"
    "  ids, versions, array_fill('ToyMade'::text, array[n]), array_fill(cast(:data as text), array[n]))"
)
DATA = '{"share":0.5,"said":"yes"}'

GUARDED = ("events", "checkpoints", "tiles", "subtrees")  # append-only, for everybody but a superuser


class Log:
    """A workspace's log with heads over 600, 699 and 700 events. Two tiles of 256 leaves are full and sealed."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.id: UUID = new_id()
        self.other: UUID = new_id()

    @classmethod
    async def grown(cls, engine: AsyncEngine) -> "Log":
        log = cls(engine)
        for number in (600, 99, 1):
            await log.grow(number)
        await log.append(log.other, 20)
        await log.seal()
        return log

    async def grow(self, number: int) -> None:
        await self.append(self.id, number)
        await self.seal()

    async def append(self, workspace_id: UUID, number: int) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(APPEND, {"ws": workspace_id, "n": number, "data": DATA})

    async def seal(self) -> None:
        while await sealing.seal_all(self.engine, SIGNER):
            pass

    async def head(self) -> str:
        return str((await sealing.find_checkpoint(self.engine, self.id)).note)

    async def forge(self, *statements: str) -> None:
        async with self.engine.begin() as connection:
            for table in GUARDED:
                await connection.execute(sa.text(f"alter table ledger.{table} disable trigger user"))
            for statement in statements:
                known = {"ws": self.id, "other": self.other}
                values = {name: value for name, value in known.items() if f":{name}" in statement}
                await connection.execute(sa.text(statement), values)
            for table in GUARDED:
                await connection.execute(sa.text(f"alter table ledger.{table} enable trigger user"))

    async def lines(self) -> list[bytes]:
        whole = b"".join([piece async for piece in exporting.export_lines(self.engine, SIGNER.origin, self.id)])
        return whole.splitlines(keepends=True)

    async def checked(self, *kept: str) -> Report:
        return verify(await self.lines(), trusted=SIGNER.verifiers, kept=kept)
