"""Rows of single calls are inserted together, and one that cannot be stored does not take the others with it."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_value
from service.monitoring.requests.call_validation import RequestRow
from service.monitoring.requests.identities import build_request_id
from service.monitoring.requests.insert_queue import get_insert_queue
from tests.monitoring.production import Production


def build_row(model_id: UUID, number: int, *, latency_ms: int = 5) -> RequestRow:
    at = datetime.now(UTC)
    empty: dict[str, Any] = dict.fromkeys(RequestRow._fields)
    needed: dict[str, Any] = {"at": at, "id": build_request_id(at, number), "model_id": model_id, "input": '"x"'}
    return RequestRow(**{**empty, **needed, "model_version": "v1.0", "latency_ms": latency_ms})


async def test_each_row_that_can_be_stored_is(production: Production, engine: AsyncEngine) -> None:
    workspace_id = UUID((await production.api.get("/v1/me")).json()["workspace_id"])
    queue, model_id = get_insert_queue(engine), uuid4()
    rows = [build_row(model_id, number, latency_ms=2**40 if number == 7 else 5) for number in range(20)]
    outcomes = await asyncio.gather(
        *(queue.insert(engine, workspace_id, row, by="tests") for row in rows), return_exceptions=True
    )
    assert [position for position, outcome in enumerate(outcomes) if outcome is not None] == [7]
    with pytest.raises(sa.exc.DBAPIError):
        raise outcomes[7]  # type: ignore[misc]
    count = "select count(*) from telemetry.requests where workspace_id = $1 and model_id = $2"
    assert await fetch_value(engine, count, (workspace_id, model_id)) == 19
    assert not queue._waiting
