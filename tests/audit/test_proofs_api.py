"""The audit tree over HTTP, checked as an auditor would: with what was answered and a key, and nothing of ours."""

import base64
import json
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit import worker as sealing
from service.audit.worker import load_signer
from service.database.engine import WORKER_ROLE
from service.settings import Settings
from tests.conftest import opened as opened_engine
from tests.tunes.conftest import ok
from tuneledger.audit.merkle import check_consistency, check_inclusion
from tuneledger.audit.notes import checkpoint_of, opened, verifier_of

SETTINGS = Settings(secret_key="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")


def raw(text: str) -> bytes:
    return base64.b64decode(text)


@pytest.fixture
def seeds(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """The signing key is a file of this test's own."""
    monkeypatch.chdir(tmp_path)
    load_signer.cache_clear()


async def sealed(engine: AsyncEngine) -> None:
    async with opened_engine(str(engine.url.render_as_string(hide_password=False)), role=WORKER_ROLE) as worker:
        await sealing.publish_keys(worker, load_signer(SETTINGS))
        while await sealing.seal_all(worker, load_signer(SETTINGS)):
            pass


async def create_datasets(api: httpx.AsyncClient, number: int) -> None:
    for at in range(number):
        await ok(await api.post("/v1/datasets", json={"name": f"set {at} of {number}"}))


@pytest.mark.usefixtures("seeds")
async def test_an_auditor_checks_the_head_an_event_and_the_growth(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    await create_datasets(api, 5)
    await sealed(engine)
    first = await ok(await api.get("/v1/ledger/checkpoint"))
    kept_checkpoint = checkpoint_of(opened(first["note"], [verifier_of(key) for key in first["keys"]]))
    assert (kept_checkpoint.size, kept_checkpoint.root) == (first["size"], raw(first["root"]))
    event = await ok(await api.get(f"/v1/events/{kept_checkpoint.size}"))
    proof = await ok(
        await api.get(f"/v1/ledger/proofs/inclusion?seq={kept_checkpoint.size}&size={kept_checkpoint.size}")
    )
    hashes = [raw(text) for text in proof["hashes"]]
    check_inclusion(
        bytes.fromhex(event["leaf"]), kept_checkpoint.size - 1, kept_checkpoint.size, hashes, kept_checkpoint.root
    )
    await create_datasets(api, 7)
    await sealed(engine)
    later = await ok(await api.get("/v1/ledger/checkpoint"))
    grown = await ok(
        await api.get(f"/v1/ledger/proofs/consistency?from_size={kept_checkpoint.size}&to_size={later['size']}")
    )
    hashes = [raw(text) for text in grown["hashes"]]
    check_consistency(kept_checkpoint.size, later["size"], hashes, kept_checkpoint.root, raw(later["root"]))
    assert raw(grown["from_root"]) == kept_checkpoint.root


@pytest.mark.usefixtures("seeds")
async def test_the_api_shows_the_keys_that_sign_and_needs_no_private_one(
    api: httpx.AsyncClient, worker_engine: AsyncEngine
) -> None:
    old, new = (base64.b64encode(bytes([number, *range(31)])).decode() for number in (1, 2))
    both, one = (
        load_signer(Settings(signing_keys=keys, log_origin=SETTINGS.log_origin)) for keys in (f"{old},{new}", new)
    )
    await sealing.publish_keys(worker_engine, both)
    await sealing.seal_all(worker_engine, both)
    head = await ok(await api.get("/v1/ledger/checkpoint"))
    assert head["keys"] == [str(verifier) for verifier in both.verifiers]
    assert checkpoint_of(opened(head["note"], [verifier_of(key) for key in head["keys"]])).size == head["size"]
    await sealing.publish_keys(worker_engine, one)
    exported = json.loads((await api.get("/v1/events/export")).text.splitlines()[0])
    assert exported["keys"] == [str(verifier) for verifier in one.verifiers]
    assert exported["checkpoint"] == head["note"]
    assert not SETTINGS.data_directory.exists()  # where the API would have made a key of its own


@pytest.mark.usefixtures("seeds")
async def test_before_a_worker_has_told_its_keys_the_checkpoints_of_before_are_served(
    api: httpx.AsyncClient, worker_engine: AsyncEngine
) -> None:
    await sealing.seal_all(worker_engine, load_signer(SETTINGS))
    head = await ok(await api.get("/v1/ledger/checkpoint"))
    assert (head["keys"], checkpoint_of(opened(head["note"], load_signer(SETTINGS).verifiers)).size) == (
        [],
        head["size"],
    )


@pytest.mark.usefixtures("seeds")
async def test_a_tile_is_there_once_it_is_full_and_is_kept_for_ever(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    await create_datasets(api, 1)
    assert (await api.get("/v1/ledger/tiles/0/0")).status_code == 404
    examples = [{"content": {"messages": turns(number)}} for number in range(300)]
    dataset = (await ok(await api.get("/v1/datasets")))["data"][0]["id"]
    await ok(await api.post(f"/v1/datasets/{dataset}/examples", json={"examples": examples}))
    await sealed(engine)
    tile = await api.get("/v1/ledger/tiles/0/0")
    assert "immutable" in tile.headers["Cache-Control"]
    event = await ok(await api.get("/v1/events/256"))
    assert raw(tile.json()["hashes"][255]).hex() == event["leaf"]
    for nowhere in ("0/1", "1/0", "7/0", "0/99999999999999999"):
        assert (await api.get(f"/v1/ledger/tiles/{nowhere}")).status_code == 404


def turns(number: int) -> list[dict[str, str]]:
    return [{"role": "user", "content": f"{number}?"}, {"role": "assistant", "content": f"{number}!"}]


@pytest.mark.usefixtures("seeds")
async def test_proofs_for_trees_that_do_not_exist_are_refused(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    assert (await api.get("/v1/ledger/checkpoint")).status_code in (200, 404)
    await create_datasets(api, 2)
    await sealed(engine)
    size = (await ok(await api.get("/v1/ledger/checkpoint")))["size"]
    for query, pointer in (
        (f"inclusion?seq=1&size={size + 1}", "?size"),
        (f"inclusion?seq={size}&size={size - 1}", "?seq"),
        (f"consistency?from_size={size}&to_size={size - 1}", "?from_size"),
        (f"consistency?from_size=1&to_size={size + 1}", "?to_size"),
    ):
        refused = await api.get(f"/v1/ledger/proofs/{query}")
        assert refused.status_code == 400
        assert [fault["pointer"] for fault in refused.json()["errors"]] == [pointer]
    for query in ("inclusion?seq=0&size=1", "inclusion?seq=x&size=1", "consistency?from_size=0&to_size=1"):
        assert (await api.get(f"/v1/ledger/proofs/{query}")).status_code == 400


@pytest.mark.usefixtures("seeds")
async def test_a_stranger_has_a_tree_of_their_own(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    await create_datasets(api, 20)
    await sealed(engine)
    ours, theirs = [await ok(await one.get("/v1/ledger/checkpoint")) for one in (api, stranger)]
    assert ours["size"] > theirs["size"] >= 1
    assert ours["origin"] != theirs["origin"]
    beyond = await stranger.get(f"/v1/ledger/proofs/inclusion?seq=1&size={ours['size']}")
    assert beyond.status_code == 400
