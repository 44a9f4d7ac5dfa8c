import json
from datetime import datetime

import msgspec
import pytest
import sqlalchemy as sa

from service.database.engine import new_id
from service.errors import InFlight
from service.http.responses import StoredResponse, fill_recorded_at
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Claim, Ledger
from service.ledger.tables import answers, events, heads
from tests.ledger.toys import (
    COUNTER,
    Counted,
    counters,
    rows,
    size,
    somebody,
)


def build_stored_response(stored: StreamState[int]) -> StoredResponse:
    body = msgspec.json.encode({"total": stored.state, "at": stored.updated_at, "since": stored.created_at})
    return StoredResponse(status=201, headers={"etag": f'"{stored.version}"'}, body=body)


async def claimed(ledger: Ledger, caller: Caller) -> Caller:
    claim = Claim(
        workspace_id=caller.workspace_id,
        key_id=new_id(),
        route="POST /counters",
        key="key-1",
        token=new_id(),
        fingerprint=b"f",
    )
    async with ledger.engine.begin() as connection:
        await connection.execute(
            sa.insert(answers).values(
                workspace_id=caller.workspace_id,
                key_id=claim.key_id,
                route=claim.route,
                key=claim.key,
                token=claim.token,
                fingerprint=b"f",
            )
        )
    return msgspec.structs.replace(caller, claim=claim)


async def test_the_answer_is_stored_by_the_change_with_the_time_filled_in(ledger: Ledger) -> None:
    caller = await claimed(ledger, somebody())
    counter_id = new_id()
    event = Counted(by=3, token="")
    shown_before: list[StoredResponse] = []

    def answering(stored: StreamState[int]) -> StoredResponse:
        shown_before.append(build_stored_response(stored))
        return shown_before[-1]

    stored = await ledger.change(COUNTER, counter_id, lambda _: [event], caller=caller, respond=answering)
    [answer] = await rows(ledger.engine, answers)
    assert (answer["status"], answer["headers"]) == (201, {"etag": '"1"'})
    assert isinstance(answer["body"], bytes)
    body = json.loads(answer["body"])
    assert body["total"] == 3
    assert datetime.fromisoformat(body["at"]) == datetime.fromisoformat(body["since"]) == stored.updated_at
    [unstamped] = shown_before
    assert answer["body"] == fill_recorded_at(unstamped, stored.updated_at).body
    assert caller.claim is not None
    assert caller.claim.settled


async def test_an_earlier_time_in_an_answer_stays_as_it_was(ledger: Ledger) -> None:
    caller = somebody()
    counter_id = new_id()
    event = Counted(by=3, token="")
    first = await ledger.change(COUNTER, counter_id, lambda _: [event], caller=caller)
    again = await ledger.change(
        COUNTER, counter_id, lambda _: [event], caller=await claimed(ledger, caller), respond=build_stored_response
    )
    [answer] = await rows(ledger.engine, answers)
    assert isinstance(answer["body"], bytes)
    body = json.loads(answer["body"])
    assert datetime.fromisoformat(body["since"]) == first.created_at
    assert datetime.fromisoformat(body["at"]) == again.updated_at


@pytest.mark.parametrize(
    "elsewhere",
    [
        "update ledger.answers set token = gen_random_uuid()",
        "update ledger.answers set status = 201",
        "delete from ledger.answers",
    ],
    ids=["taken over", "answered", "gone"],
)
async def test_a_claim_that_is_no_longer_ours_undoes_the_change(ledger: Ledger, elsewhere: str) -> None:
    caller = await claimed(ledger, somebody())
    async with ledger.engine.begin() as connection:
        await connection.execute(sa.text(elsewhere))
    before = await rows(ledger.engine, answers)
    with pytest.raises(InFlight):
        await ledger.change(
            COUNTER, new_id(), lambda _: [Counted(by=1, token="")], caller=caller, respond=build_stored_response
        )
    assert [await size(ledger.engine, table) for table in (events, counters, heads)] == [0, 0, 0]
    assert await rows(ledger.engine, answers) == before
