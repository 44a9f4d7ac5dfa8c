"""Whatever stands in any field or parameter, the answer is no 500, names the field, and nothing was half written."""

import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest

from service.server.supervisor import ROOT
from tests.conftest import connect
from tests.hostile import values
from tests.hostile.fields import Call, Target, find_targets
from tests.live_server import KEY, fresh, running
from tests.world import World, furnish

REQUESTS = int(os.environ.get("TUNELEDGER_TEST_HOSTILE_REQUESTS", "3000"))
WRITTEN = "select (select sum(seq) from ledger.heads), (select count(*) from telemetry.requests)"
# An answer of a preference may be a plain text, so any is taken, and what follows from it is at fault.
TEXTS_TOO = ("/chosen", "/rejected")
OF_WHOLE_BODY = {"not_json", "too_deep", "too_large"}  # what is no JSON has no fields


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    client: httpx.AsyncClient
    database: asyncpg.Connection
    document: dict[str, Any]
    known: dict[str, str]

    async def send(self, call: Call) -> httpx.Response:
        return await self.client.request(call.method, call.url, headers=call.headers, content=call.body)


@pytest.fixture
async def walk(
    clones: asyncpg.Connection, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Walk]:
    directory = tmp_path_factory.mktemp("hostile")
    usual: dict[str, Any] = {"headers": {"Authorization": f"Bearer {KEY}"}, "timeout": 60}
    async with fresh(clones, postgres_url) as url, running(url, directory, "--no-worker") as address:
        with httpx.Client(base_url=address, **usual) as opened:
            known = furnish(World(opened, key=KEY)).known
        async with connect(url) as database, httpx.AsyncClient(base_url=address, **usual) as client:
            document = msgspec.json.decode((ROOT / "openapi" / "openapi.json").read_bytes())
            yield Walk(client=client, database=database, document=document, known=known)


async def test_no_value_in_any_place_breaks_anything(walk: Walk) -> None:
    targets = list(find_targets(walk.document, walk.known))
    found = [await find_fault(walk, target, value) for target, value in choose(targets)]
    faults = [fault for fault in found if fault]
    assert not faults, "\n".join(faults)


def choose(targets: Sequence[Target]) -> Iterator[tuple[Target, bytes]]:
    """REQUESTS pairs: a value at every target, and the others at the first of its kind as far as that reaches.

    Which ones follows from the place in the document alone, so that a failure comes again.
    """
    kinds = {target.kind for target in targets}
    spare = max(0, REQUESTS - len(targets)) // len(kinds)
    met: Counter[str] = Counter()
    for number, target in enumerate(targets):
        texts = {"body": values.IN_BODIES, "header": values.IN_HEADERS}.get(target.place, values.ELSEWHERE)
        first = met[target.kind] or number + 1
        many = min(len(texts), 1 if met[target.kind] else 1 + spare)
        met[target.kind] = first + many
        for turn in range(first, first + many):
            yield target, texts[turn % len(texts)]


async def find_fault(walk: Walk, target: Target, value: bytes) -> str | None:
    """What is wrong with the answer to a hostile value, in a line; None if nothing is."""
    call = target.build_call(value, walk.known)
    before = await walk.database.fetchrow(WRITTEN)
    try:
        answer = await walk.send(call)
    except httpx.HTTPError as error:
        return f"{describe(call)}: {error!r}"
    if answer.is_success:
        return None
    fault = find_problem_fault(answer)
    problem = {} if fault else answer.json()
    if problem.get("code", "").startswith("provider_"):  # it was taken; there is no provider, and the call is written
        return None
    if not fault and await walk.database.fetchrow(WRITTEN) != before:
        fault = "something was written"
    elif fault or answer.status_code not in {400, 422} or call.pointer.endswith(TEXTS_TOO):
        pass
    elif not is_named(call.pointer, problem):
        usual = await walk.send(target.build_usual_call(walk.document, walk.known))
        is_other_fault = not usual.is_success and usual.json().get("errors") == problem["errors"]
        if not is_other_fault and value != b"null":  # which leaves the field out, so that another is missing
            fault = f"{call.pointer} is not named"
    return f"{describe(call)}: {fault} in {answer.status_code} {answer.text[:500]}" if fault else None


def find_problem_fault(answer: httpx.Response) -> str | None:
    if not answer.headers["content-type"].startswith("application/problem+json"):
        return "no problem document"
    if answer.status_code >= 500 and not answer.json()["code"].startswith("provider_"):
        return "a server error"
    return None


def is_named(pointer: str, problem: dict[str, Any]) -> bool:
    """Whether a fault is at the field, in it or at what holds it."""
    faults = problem.get("errors", [])
    if {problem["code"], *(fault["code"] for fault in faults)} & OF_WHOLE_BODY:
        return True
    named = [fault.get("pointer", "") for fault in faults]
    return any(name.startswith(pointer) or (name and pointer.startswith(name)) for name in named)


def describe(call: Call) -> str:
    sent = call.url[-150:] if call.body is None else f"{call.url[-150:]} {call.body[:200]!r} ({len(call.body)} bytes)"
    return f"{call.method} {sent} {call.headers}"[:700]
