"""The sealer on the real log: heads that begin one another, proofs from kept subtrees, and sealers that meet."""

import asyncio
import base64
from uuid import UUID

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit import proofs
from service.audit import worker as sealing
from service.audit.worker import Signer, load_signer
from service.database.engine import new_id
from service.settings import Settings
from tuneledger.audit import merkle
from tuneledger.audit.merkle import root_of
from tuneledger.audit.notes import Checkpoint, NoteRefused, checkpoint_of, opened

SIGNER = Signer(origin="tuneledger.test", keys=(Ed25519PrivateKey.generate(),))
APPEND = sa.text(
    "with many as (select cast(:n as int) as n)"
    " select count(*) from many, ledger.append(:ws, 'tester', 'r', array_fill('toy'::text, array[n]),"
    " (select array_agg(gen_random_uuid()) from generate_series(1, n)), array_fill(1, array[n]),"
    " array_fill('ToyMade'::text, array[n]), array_fill('{}'::text, array[n]))"
)


@pytest.fixture
async def engine(owner: AsyncEngine) -> AsyncEngine:
    """The sealer here, and whoever has all rights on its tables."""
    return owner


async def appended(engine: AsyncEngine, workspace_id: UUID, number: int) -> None:
    async with engine.begin() as connection:
        await connection.execute(APPEND, {"ws": workspace_id, "n": number})


async def leaves(engine: AsyncEngine, workspace_id: UUID) -> list[bytes]:
    return await sealing.load_leaves(engine, workspace_id, 0, limit=10**9)


async def head(engine: AsyncEngine, workspace_id: UUID) -> Checkpoint:
    row = await sealing.find_checkpoint(engine, workspace_id)
    return checkpoint_of(opened(row.note, SIGNER.verifiers))


async def test_each_head_is_the_root_over_all_leaves_until_then(engine: AsyncEngine) -> None:
    workspace_id = new_id()
    for number in (1, 254, 1, 1, 700):
        await appended(engine, workspace_id, number)
        await sealing.seal_all(engine, SIGNER)
        every = await leaves(engine, workspace_id)
        sealed = await head(engine, workspace_id)
        assert (sealed.size, sealed.root) == (len(every), root_of(every))
        assert sealed.origin == f"tuneledger.test/{workspace_id}"
        assert await proofs.load_root(engine, workspace_id, sealed.size) == sealed.root


async def test_nothing_new_seals_nothing(engine: AsyncEngine) -> None:
    workspace_id = new_id()
    await appended(engine, workspace_id, 3)
    await sealing.seal_all(engine, SIGNER)
    before = (await sealing.find_checkpoint(engine, workspace_id)).sealed_at
    assert await sealing.seal_all(engine, SIGNER) is False
    assert (await sealing.find_checkpoint(engine, workspace_id)).sealed_at == before


async def test_proofs_are_made_from_kept_subtrees_and_lead_to_the_root(engine: AsyncEngine) -> None:
    workspace_id = new_id()
    await appended(engine, workspace_id, 66_000)  # more than 256 subtrees of 256: two levels are kept
    while await sealing.seal_all(engine, SIGNER):
        pass
    every = await leaves(engine, workspace_id)
    root = root_of(every)
    for seq in (1, 256, 257, 65_536, 65_537, 66_000):
        path = await proofs.prove_inclusion(engine, workspace_id, seq=seq, size=66_000)
        merkle.check_inclusion(every[seq - 1], seq - 1, 66_000, path, root)
    for old in (1, 255, 256, 50_000, 65_536, 65_999):
        path = await proofs.prove_consistency(engine, workspace_id, old=old, new=66_000)
        merkle.check_consistency(old, 66_000, path, root_of(every[:old]), root)


async def test_two_sealers_at_once_make_one_tree(engine: AsyncEngine) -> None:
    workspace_id = new_id()
    for _ in range(5):
        await appended(engine, workspace_id, 300)
        await asyncio.gather(*(sealing.seal_all(engine, SIGNER) for _ in range(3)))
    every = await leaves(engine, workspace_id)
    assert (await head(engine, workspace_id)).root == root_of(every)
    assert await proofs.load_root(engine, workspace_id, 1_500) == root_of(every)


async def test_an_event_changed_after_it_was_sealed_is_proven_no_more(engine: AsyncEngine) -> None:
    workspace_id = new_id()
    await appended(engine, workspace_id, 600)
    await sealing.seal_all(engine, SIGNER)
    sealed = await head(engine, workspace_id)
    async with engine.begin() as connection:  # as a superuser can
        await connection.execute(sa.text("alter table ledger.events disable trigger events_append_only"))
        forged = sa.text(
            "update ledger.events set actor = 'nobody', leaf = sha256('x') where workspace_id = :ws and seq = 17"
        )
        await connection.execute(forged, {"ws": workspace_id})
        await connection.execute(sa.text("alter table ledger.events enable trigger events_append_only"))
    every = await leaves(engine, workspace_id)
    path = await proofs.prove_inclusion(engine, workspace_id, seq=17, size=600)
    with pytest.raises(merkle.ProofRefused):
        merkle.check_inclusion(every[16], 16, 600, path, sealed.root)


async def test_when_a_key_is_changed_the_notes_of_before_stay_valid(engine: AsyncEngine) -> None:
    old, new = (base64.b64encode(bytes([number] * 32)).decode() for number in (1, 2))
    workspace_id, notes = new_id(), []
    for keys in (f"{old},{new}", new):
        signer = load_signer(Settings(signing_keys=keys, log_origin="tuneledger.test"))
        await appended(engine, workspace_id, 3)
        await sealing.seal_all(engine, signer)
        notes.append((await sealing.find_checkpoint(engine, workspace_id)).note)
    older, newer = load_signer(Settings(signing_keys=f"{old},{new}", log_origin="tuneledger.test")).verifiers
    assert {checkpoint_of(opened(notes[0], [each])).size for each in (older, newer)} == {3}
    assert checkpoint_of(opened(notes[1], [newer])).size == 6
    with pytest.raises(NoteRefused):
        opened(notes[1], [older])


async def test_a_long_log_is_sealed_piece_by_piece_wherever_a_piece_ends(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "MAX_LEAVES", 300)
    workspace_id = new_id()
    await appended(engine, workspace_id, 1_000)
    sizes = [await sealing.seal(engine, SIGNER, workspace_id) for _ in range(4)]
    assert sizes == [300, 600, 900, 1_000]
    every = await leaves(engine, workspace_id)
    assert (
        (await head(engine, workspace_id)).root == root_of(every) == await proofs.load_root(engine, workspace_id, 1_000)
    )
