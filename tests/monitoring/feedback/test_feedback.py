"""What is said of a request: later or at once, replaced with its history, erasable."""

from base64 import b64encode
from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit import log_export as exporting
from service.audit import worker as sealing
from service.ledger.tables import contents
from tests.audit.test_sealer import SIGNER
from tests.datasets.example_bodies import ok
from tests.datasets.import_files import count, tables_follow_from_the_log
from tests.monitoring.production import Production
from tuneledger.audit.verifier import verify


@pytest.fixture
async def engine(worker_engine: AsyncEngine) -> AsyncEngine:
    """A sealer, who erases what no route does."""
    return worker_engine


async def test_feedback_takes_the_place_of_what_was_said_and_the_history_keeps_both(production: Production) -> None:
    [request_id] = await production.log(production.call())
    await production.judge(request_id, stars=2, comment="Too short.")
    judged = await production.judge(request_id, thumbs="up", correction="Council meets on trees")
    first = {"stars": None, "thumbs": "up", "rating": 5.0, "comment": None, "correction": "Council meets on trees"}
    assert {name: judged["feedback"][name] for name in first} == first
    assert judged["feedback"]["by"] == "first key"
    history = (await ok(await production.api.get(f"/v1/requests/{request_id}/history")))["data"]
    assert [entry["type"] for entry in history] == ["FeedbackGiven", "FeedbackGiven"]
    assert history[1]["changes"]["comment"] == {"before": "Too short.", "after": None}
    assert history[1]["changes"]["stars"] == {"before": 2, "after": None}


async def test_the_same_feedback_again_records_nothing(production: Production, engine: AsyncEngine) -> None:
    [request_id] = await production.log(production.call())
    for _ in range(2):
        await production.judge(request_id, stars=2, comment="Too short.")
    assert await count(engine, "ledger.events where type = 'FeedbackGiven'") == 1


async def test_feedback_that_is_stale_or_says_nothing_is_refused(production: Production) -> None:
    [request_id] = await production.log(production.call())
    path = f"/v1/requests/{request_id}/feedback"
    assert (await production.api.post(path, json={})).status_code == 422
    assert (await production.api.post(path, json={"stars": 0})).status_code == 400
    first = await production.api.post(path, json={"stars": 3})
    assert first.headers["ETag"] == '"1"'
    await production.judge(request_id, stars=4)
    stale = await production.api.post(path, json={"stars": 5}, headers={"If-Match": first.headers["ETag"]})
    assert stale.status_code == 412


async def test_feedback_can_come_with_the_call_and_comes_once(production: Production, engine: AsyncEngine) -> None:
    calls = [
        production.call(client_id=str(stars), feedback={"stars": stars, "comment": f"{stars} of 5"})
        for stars in range(1, 6)
    ]
    ids = await production.log(*calls, production.call())
    assert [(await production.read(each))["feedback"]["comment"] for each in ids[:5]] == [
        f"{stars} of 5" for stars in range(1, 6)
    ]
    await production.judge(ids[0], stars=5)
    repeated = await ok(await production.post(*calls))
    assert repeated["repeated"] == 5
    assert (await production.read(ids[0]))["feedback"]["stars"] == 5
    assert await count(engine, "ledger.events where type = 'FeedbackGiven'") == 6


async def test_requests_are_found_by_their_rating(production: Production) -> None:
    ids = await production.log(*[production.call(str(number)) for number in range(4)])
    await production.judge(ids[0], stars=1)
    await production.judge(ids[1], thumbs="down")
    await production.judge(ids[2], stars=4)
    assert set(await production.listed(rating_lte=2)) == set(ids[:2])
    assert await production.listed(rating_gte=3) == [ids[2]]


async def test_erasing_leaves_figures_and_a_tombstone(production: Production, engine: AsyncEngine) -> None:
    sent = production.call("Secret words", latency_ms=7, client_id="ann", user_hash="u", metadata={"a": 1})
    [request_id] = await production.log(sent)
    await production.judge(request_id, stars=1, comment="Secret comment", correction="Secret correction")
    for _ in range(2):
        answer = await production.api.delete(f"/v1/requests/{request_id}", params={"reason": "asked to"})
        assert answer.status_code == 204
    request = await production.read(request_id)
    gone = ("input", "output", "metadata", "user_hash", "client_id")
    assert [request[name] for name in gone] == [None] * 5
    assert (request["latency_ms"], request["feedback"]["stars"], request["feedback"]["comment"]) == (7, 1, None)
    assert request["erased_at"] is not None
    history = await production.api.get(f"/v1/requests/{request_id}/history")
    assert history.json()["data"][-1]["reason"] == "asked to"
    assert "Secret" not in history.text
    assert await count(engine, "ledger.contents where convert_from(body, 'UTF8') like '%Secret%'") == 0
    assert await count(engine, "telemetry.texts") == 0
    refused = await production.api.post(f"/v1/requests/{request_id}/feedback", json={"stars": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "erased")
    again = await ok(await production.post(sent))
    assert again["data"][0] == {"outcome": "repeated", "id": request_id, "client_id": "ann"}
    assert (await production.read(request_id))["input"] is None


async def test_erasing_breaks_no_proof_and_no_proof_tells_what_was_erased(
    production: Production, engine: AsyncEngine
) -> None:
    workspace_id = UUID((await ok(await production.api.get("/v1/me")))["workspace_id"])
    [request_id] = await production.log(production.call("Secret words"))
    await production.judge(request_id, stars=1, comment="Secret comment")
    await sealing.seal_all(engine, SIGNER)
    before = await exported(engine, workspace_id)
    checkpoint = (await sealing.find_checkpoint(engine, workspace_id)).note
    async with engine.connect() as connection:
        query = sa.select(contents.c.digest, contents.c.salt, contents.c.body).where(
            contents.c.subject == UUID(request_id)
        )
        digest, salt, body = (await connection.execute(query)).one()
    assert (body, digest) == (b"Secret comment", sha256(salt + body).digest())
    assert digest.hex().encode() in before
    assert (await production.api.delete(f"/v1/requests/{request_id}")).status_code == 204
    async with engine.begin() as connection:  # and all the others: examples, prompts, documents
        await connection.execute(sa.delete(contents))
    await sealing.seal_all(engine, SIGNER)
    after = await exported(engine, workspace_id)
    report = verify(BytesIO(after), trusted=SIGNER.verifiers, kept=[checkpoint])
    assert (report.findings, report.events) == ([], before.count(b'{"seq"') + 1)
    assert digest.hex().encode() in after
    assert not any(trace in after for trace in (b"Secret", salt.hex().encode(), b64encode(salt)))


async def exported(engine: AsyncEngine, workspace_id: UUID) -> bytes:
    return b"".join([piece async for piece in exporting.export_lines(engine, SIGNER.origin, workspace_id)])


async def test_what_was_said_follows_from_the_log(production: Production, engine: AsyncEngine) -> None:
    ids = await production.log(*[production.call(str(number)) for number in range(3)])
    for stars in (1, 4):
        await production.judge(ids[0], stars=stars, comment="Hm.")
    await production.judge(ids[1], thumbs="down", correction="Better")
    body = {"request_ids": ids[:2], "dataset_id": production.world.dataset["id"]}
    await ok(await production.api.post("/v1/requests/promote", json=body))
    for days in (30, None, 400):
        await ok(await production.api.put("/v1/requests/retention", json={"days": days}))
    await production.api.delete(f"/v1/requests/{ids[2]}")
    assert await count(engine, "request_feedback") == 2
    await tables_follow_from_the_log(engine)


@pytest.mark.parametrize("method", ["post", "get"])
async def test_strangers_neither_judge_nor_read_what_was_said(
    production: Production, stranger: httpx.AsyncClient, method: str
) -> None:
    [request_id] = await production.log(production.call())
    await production.judge(request_id, stars=3)
    paths: dict[str, tuple[str, dict[str, Any]]] = {
        "post": ("feedback", {"json": {"stars": 1}}),
        "get": ("history", {}),
    }
    path, body = paths[method]
    answer = await stranger.request(method, f"/v1/requests/{request_id}/{path}", **body)
    assert answer.status_code == 404
    assert (await stranger.get(f"/v1/requests/{request_id}/trail")).status_code == 404
