"""What an erasure is about, as it was asked for: an example, a filter on a dataset, or a person's key."""

from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_column
from service.datasets.examples.projection import examples
from service.datasets.examples.queries import select_revisions
from service.datasets.filters.selection import Filter, Selection
from service.erasure.domain import ErasureRequested, ErasureState
from service.erasure.targets.derived_texts import find_derived
from service.erasure.targets.erasure_targets import ErasureTargets
from service.erasure.targets.persons import Person, find_marked, list_ids

_IN_DATASET = "select id from examples where workspace_id = $1 and id = any($2::uuid[]) and dataset_id = $3"


class Criteria(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Stored as a text of the erasure until it is complete: a filter may quote a text, and a key names a person."""

    filter: Filter | None = None
    person: Person | None = None


async def find_everything(
    engine: AsyncEngine,
    workspace_id: UUID,
    order: ErasureRequested,
    criteria: Criteria,
    known: ErasureTargets | None = None,
) -> ErasureTargets:
    """Find all that goes: what was asked for, and what was made of it. `known` is what an earlier pass found."""
    targets = known or ErasureTargets()
    if order.example_id is not None:
        targets.examples.add(order.example_id)
    if criteria.filter is not None and order.dataset_id is not None:
        selection = Selection(dataset_id=order.dataset_id, seq=order.moment, filter=criteria.filter)
        query = select_revisions(workspace_id, selection).with_only_columns(examples.c.id, maintain_column_froms=True)
        targets.examples |= set(await fetch_column(engine, query))
    if criteria.person is not None and order.dataset_id is not None:
        marked = ErasureTargets()
        await find_marked(engine, workspace_id, criteria.person, marked)
        targets.examples |= await list_ids(engine, _IN_DATASET, workspace_id, marked.examples, order.dataset_id)
    elif criteria.person is not None:
        await find_marked(engine, workspace_id, criteria.person, targets)
    await find_derived(engine, workspace_id, targets)
    return targets


def restore_targets(erasure: ErasureState) -> ErasureTargets:
    """What earlier passes found: their texts are gone, but something may have been made of them meanwhile."""
    return ErasureTargets(
        examples=set(erasure.ids_of("examples")),
        candidates=set(erasure.ids_of("candidates")),
        documents=set(erasure.ids_of("documents")),
        requests=set(erasure.ids_of("requests")),
    )
