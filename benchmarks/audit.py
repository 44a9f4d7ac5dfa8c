"""Measure sealing, proofs and verification (`make bench-audit`).

EVENTS events (5 million unless the first argument says otherwise) are appended to one workspace and sealed in turns.
"""

import asyncio
import hashlib
import json
import random
import sys
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import msgspec
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.environment import database
from benchmarks.figures import Figure, Result, build_figure, build_result
from service.audit import log_export as exporting
from service.audit import proofs
from service.audit import worker as sealing
from service.audit.worker import Signer
from service.database.embedded_postgres import embedded
from service.database.engine import create_engine, new_id
from tuneledger.audit import verifier
from tuneledger.audit.merkle import check_consistency, check_inclusion
from tuneledger.audit.notes import checkpoint_of, opened

Found = TypeVar("Found")
EVENTS = 5_000_000
BATCH = 1_000
TURN = 50_000
PROOFS = 200
VERIFIED = 400_000
SIGNER = Signer(origin="bench.test", keys=(Ed25519PrivateKey.generate(),))
APPEND = sa.text(
    "with many as (select cast(:n as int) as n)"
    " select count(*) from many, ledger.append(:ws, 'bench', 'r', array_fill('toy'::text, array[n]),"
    " (select array_agg(gen_random_uuid()) from generate_series(1, n)), array_fill(1, array[n]),"
    " array_fill('ToyMade'::text, array[n]), array_fill(cast(:data as text), array[n]))"
)
DATA = json.dumps({"content": "0" * 64, "tags": ["one", "two"], "reason": "as long as an event of an example is"})


async def main(postgres: str, *, events: int) -> None:
    workspace_id = new_id()
    async with database(postgres) as url:
        engine = create_engine(url, pool_size=4, application_name="benchmarks", statement_timeout=0)
        try:
            sealed = await _sealing(engine, workspace_id, events)
            found = [sealed, *await _proving(engine, workspace_id, events), await _verifying(engine, workspace_id)]
        finally:
            await engine.dispose()
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(found)).decode() + "\n")


async def _sealing(engine: AsyncEngine, workspace_id: UUID, events: int) -> Result:
    pairs = []
    for _ in range(events // TURN):
        started = time.perf_counter()
        async with engine.begin() as connection:
            for _ in range(TURN // BATCH):
                await connection.execute(APPEND, {"ws": workspace_id, "n": BATCH, "data": DATA})
        appended = time.perf_counter()
        await sealing.seal(engine, SIGNER, workspace_id)
        pairs.append((time.perf_counter() - appended, appended - started))
    return build_result(
        "sealing",
        pairs,
        of=TURN,
        unit="events",
        floor_is=f"ledger.append of the same events, {BATCH:,} a call",
        aim="faster than the log can grow: below 1",
    )


async def _proving(engine: AsyncEngine, workspace_id: UUID, events: int) -> list[Result]:
    """Each proof is made and checked, beside reading one event by its key."""
    chance = random.Random(7)
    head = checkpoint_of(opened((await sealing.find_checkpoint(engine, workspace_id)).note, SIGNER.verifiers))
    inclusion, consistency = [], []
    for _ in range(PROOFS):
        seq = chance.randint(1, events - 1)
        floor, leaf = await _timed(sealing.load_leaves(engine, workspace_id, seq - 1, limit=1))
        seconds, path = await _timed(proofs.prove_inclusion(engine, workspace_id, seq=seq, size=events))
        check_inclusion(leaf[0], seq - 1, events, path, head.root)
        inclusion.append((seconds, floor))
        root = await proofs.load_root(engine, workspace_id, seq)
        seconds, path = await _timed(proofs.prove_consistency(engine, workspace_id, old=seq, new=events))
        check_consistency(seq, events, path, root, head.root)
        consistency.append((seconds, floor))
    return [_proof("inclusion proof", inclusion, events), _proof("consistency proof", consistency, events)]


def _proof(name: str, pairs: list[tuple[float, float]], events: int) -> Result:
    took: Figure = build_figure([1000 * seconds for seconds, _ in pairs], "ms")
    floor_is = "one event by its primary key"
    aim = f"below 100 ms at {events:,} events"
    return build_result(name, pairs, of=1, unit="proofs", floor_is=floor_is, aim=aim, beside={"latency": took})


async def _verifying(engine: AsyncEngine, workspace_id: UUID) -> Result:
    """The first VERIFIED events of the export, in turns with sha256 over the same bytes and nothing else."""
    lines: list[bytes] = []
    async for piece in exporting.export_lines(engine, SIGNER.origin, workspace_id):
        lines += piece.splitlines(keepends=True)
        if len(lines) > VERIFIED:
            break
    pairs = []
    for _ in range(5):
        started = time.perf_counter()
        report = verifier.verify(lines, trusted=SIGNER.verifiers)
        seconds = time.perf_counter() - started
        if any(finding.kind not in ("truncated", "removed") for finding in report.findings):
            raise RuntimeError(f"the log is not what was sealed: {report.findings[:3]}")
        pairs.append((seconds, _hashed(lines)))
    return build_result(
        "verify",
        pairs,
        of=report.events,
        unit="events",
        floor_is="sha256 over the same lines, one by one",
        aim="as fast as can be",
    )


def _hashed(lines: list[bytes]) -> float:
    started = time.perf_counter()
    for line in lines:
        hashlib.sha256(line).digest()
    return time.perf_counter() - started


async def _timed(work: Awaitable[Found]) -> tuple[float, Found]:
    started = time.perf_counter()
    found = await work
    return time.perf_counter() - started, found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="tuneledger-bench-") as name, embedded(Path(name)) as url:
        asyncio.run(main(url, events=int(sys.argv[1]) if sys.argv[1:] else EVENTS))
