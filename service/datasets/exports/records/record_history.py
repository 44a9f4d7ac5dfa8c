"""Load the events of examples with their texts, for `include=history`."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.ledger.texts import load_texts

_EVENTS = """
select stream_id, version, type, actor, recorded_at, data::text from ledger.events
where workspace_id = $1 and stream = 'example' and stream_id = any($2::uuid[]) and seq <= $3
order by stream_id, version
"""


async def load_history(
    engine: AsyncEngine, workspace_id: UUID, example_ids: Sequence[UUID], *, until: int
) -> dict[UUID, dict[str, Any]]:
    """By example: its events up to the seq `until` as `history`, and their texts by digest as `texts`."""
    if not example_ids:
        return {}
    found: dict[UUID, dict[str, Any]] = {id_: {"history": [], "texts": {}} for id_ in example_ids}
    for id_, version, type_, actor, recorded_at, data in await fetch_all(
        engine, _EVENTS, (workspace_id, list(example_ids), until)
    ):
        event = {"version": version, "type": type_, "actor": actor, "at": recorded_at, "data": msgspec.Raw(data)}
        found[id_]["history"].append(event)
    for id_, texts in (await load_texts(engine, workspace_id, example_ids)).items():
        events = b"".join(bytes(event["data"]) for event in found[id_]["history"])
        named = {digest: body for digest, body in texts.bodies.items() if digest.encode() in events}
        found[id_]["texts"] = {digest: _read_text(body) for digest, body in named.items()}
    return found


def _read_text(body: bytes) -> Any:
    """The JSON as it is; an instruction is plain text."""
    return msgspec.Raw(body) if body[:1] in (b"{", b"[") else body.decode()
