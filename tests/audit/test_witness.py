"""The sealer signs no history but the one it has signed before, whatever stands in the database."""

import stat
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit import worker as sealing
from service.database.engine import new_id
from service.ledger.witness import Witness
from tests.audit.test_sealer import SIGNER, appended

FORGED = "update ledger.events set actor = 'nobody', leaf = sha256('x') where workspace_id = :ws and seq = 17"
UNSEALED = [f"delete from ledger.{table} where workspace_id = :ws" for table in ("checkpoints", "tiles", "subtrees")]
CUT = [
    "delete from ledger.events where workspace_id = :ws and seq > 300",
    "update ledger.heads set seq = 300 where workspace_id = :ws",
]
REASON = sa.text("select stopped_because from ledger.readers where name = 'sealing'")


async def forge(owner: AsyncEngine, workspace_id: object, *statements: str) -> None:
    async with owner.begin() as connection:
        await connection.execute(sa.text("set local session_replication_role = replica"))
        for statement in statements:
            await connection.execute(sa.text(statement), {"ws": workspace_id})


@pytest.mark.parametrize("forgery", [[FORGED, *UNSEALED], [*CUT, *UNSEALED]], ids=["rewritten", "cut"])
async def test_a_forged_log_is_not_signed_until_an_operator_decides(
    owner: AsyncEngine, worker_engine: AsyncEngine, tmp_path: Path, forgery: list[str]
) -> None:
    witness, workspace_id = Witness(tmp_path / "witness"), new_id()
    await appended(owner, workspace_id, 600)
    await sealing.seal_all(worker_engine, SIGNER, witness)
    await forge(owner, workspace_id, *forgery)
    await appended(owner, workspace_id, 5)
    assert await sealing.seal_all(worker_engine, SIGNER, witness) is False
    assert await sealing.find_checkpoint(worker_engine, workspace_id) is None
    async with owner.connect() as connection:
        assert "sealed" in str(await connection.scalar(REASON))
    witness.forget(workspace_id, reason="a test")
    await sealing.seal_all(worker_engine, SIGNER, witness)
    assert await sealing.find_checkpoint(worker_engine, workspace_id) is not None
    async with owner.connect() as connection:
        assert await connection.scalar(REASON) is None


async def test_what_was_kept_but_not_stored_and_what_another_sealed_goes_on(
    owner: AsyncEngine, worker_engine: AsyncEngine, tmp_path: Path
) -> None:
    mine, theirs, workspace_id = Witness(tmp_path / "a"), Witness(tmp_path / "b"), new_id()
    await appended(owner, workspace_id, 300)
    await sealing.seal_all(worker_engine, SIGNER, mine)
    await forge(owner, workspace_id, *UNSEALED)  # as when it is killed between keeping and storing
    await appended(owner, workspace_id, 300)
    await sealing.seal_all(worker_engine, SIGNER, theirs)
    await appended(owner, workspace_id, 7)
    await sealing.seal_all(worker_engine, SIGNER, mine)
    witnessed = mine.find(workspace_id)
    assert witnessed is not None
    assert witnessed.size == 607
    [file] = (tmp_path / "a").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
