"""Read what a run of a prompt answered for examples. Runs stand above datasets, so their tables are named as texts."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_value
from service.errors import Fault, Unprocessable

_ANSWERS = """
select p.example_id, p.example_version, c.body
from predictions p
join calls a on a.workspace_id = $1 and a.id = p.call_id
join ledger.contents c on c.workspace_id = $1 and c.subject = a.subject and c.digest = decode(a.content, 'hex')
where p.workspace_id = $1 and p.run_id = $2 and p.example_id = any($3::uuid[]) and p.failure is null
"""
_STATE = """
select o.state from prompt_runs r join operations o on o.workspace_id = $1 and o.id = r.run_id
where r.workspace_id = $1 and r.run_id = $2 and r.dataset_id = $3
"""


class RunAnswer(msgspec.Struct, frozen=True):
    """An answer that is a text, and the version of the example that was asked about."""

    example_version: int
    text: str


class AnswerText(msgspec.Struct, frozen=True):
    """As much as is read of a stored answer; one that only calls tools has an empty text."""

    text: str


async def check_run(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, run_id: UUID) -> None:
    """Raises Unprocessable unless the run is of this dataset and has ended."""
    state = await fetch_value(engine, _STATE, (workspace_id, run_id, dataset_id))
    if state is None or state in ("queued", "running"):
        detail = "No such run of a prompt on this dataset." if state is None else "The run has not ended yet."
        raise Unprocessable(detail, errors=[Fault(pointer="/action/run_id", detail=detail, code="no_such_run")])


async def load_answers(
    engine: AsyncEngine, workspace_id: UUID, run_id: UUID, example_ids: Sequence[UUID]
) -> dict[UUID, RunAnswer]:
    """Load the answers for these examples; what failed, was erased or only calls tools is missing."""
    rows = await fetch_all(engine, _ANSWERS, (workspace_id, run_id, list(example_ids)))
    texts = {row.example_id: msgspec.json.decode(bytes(row.body), type=AnswerText).text for row in rows}
    return {row.example_id: RunAnswer(row.example_version, text) for row in rows if (text := texts[row.example_id])}
