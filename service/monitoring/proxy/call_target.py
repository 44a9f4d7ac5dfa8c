"""What a call's `model` names: a version, the connection that serves it, its prices and its task's schema."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.connections.domain import Settings
from service.database.rows import find_one
from service.errors import Fault, NotFound
from service.inference.domain import Served
from service.inference.outcomes import Price, find_price
from service.models.domain import VERSION_PATTERN

# One query, since every call waits for it. $2 or $3 names the model, $4 or $5 the version.
FIND_TARGET = """
select m.id as model_id, m.name as model, v.name as version, v.provider_model, v.base_model, v.deletion,
  t.output_schema,
  v.connection_id, c.kind, c.settings::text, c.version as connection_version
from models m
left join model_versions v on v.workspace_id = m.workspace_id and v.model_id = m.id
  and v.name = coalesce($4::text, m.aliases ->> $5::text)
left join connections c on c.workspace_id = m.workspace_id and c.id = v.connection_id
left join tasks t on t.workspace_id = m.workspace_id and t.id = m.task_id
where m.workspace_id = $1 and (m.name = $2::text or m.id = $3::uuid)
order by m.archived_at desc nulls first -- an archived model answers until another has its name
limit 1
"""


class CallTarget(msgspec.Struct, frozen=True, kw_only=True):
    """`alias` is what the call named, null when it named the version itself."""

    model_id: UUID
    version: str
    alias: str | None
    served: Served
    connection_version: int
    price: Price | None
    output_schema: bytes | None


async def find_target(engine: AsyncEngine, workspace_id: UUID, model: str) -> CallTarget:
    """Find what `name:version` or `name:alias` stands for. Raises NotFound, which names the field as OpenAI does."""
    name, _, place = model.rpartition(":")
    is_version = bool(VERSION_PATTERN.fullmatch(place))
    version, alias = (place, None) if is_version else (None, place)
    row = await _find(engine, workspace_id, name, version=version, alias=alias) if name else None
    if row is None:
        found = await _find(engine, workspace_id, model)
        problem = f"Which version of {model[:100]!r}?" if found else f"There is no model {model[:100]!r}."
        raise _unknown_model(f"{problem} Give a name or id, a colon, and an alias or version, such as name:production.")
    if row.version is None:
        raise _unknown_model(f"{row.model} has no {'version' if is_version else 'alias'} {place[:100]}.")
    if row.connection_version is None:
        raise _unknown_model(f"The connection of {row.model} {row.version} was deleted.")
    if row.deletion in ("requested", "deleted"):
        raise _unknown_model(f"The model of {row.model} {row.version} was deleted at its provider.")
    return _build_target(row, alias)


async def _find(
    engine: AsyncEngine, workspace_id: UUID, name: str, *, version: str | None = None, alias: str | None = None
) -> Any:
    try:
        known: tuple[str | None, UUID | None] = None, UUID(name)
    except ValueError:
        known = name, None
    return await find_one(engine, FIND_TARGET, (workspace_id, *known, version, alias))


def _build_target(row: Any, alias: str | None) -> CallTarget:
    served = Served(connection_id=row.connection_id, provider_model=row.provider_model, base_model=row.base_model)
    settings = msgspec.json.decode(row.settings, type=Settings)
    return CallTarget(
        model_id=row.model_id,
        version=row.version,
        alias=alias,
        served=served,
        connection_version=row.connection_version,
        price=find_price(row.kind, settings.prices, served),
        output_schema=row.output_schema.encode() if row.output_schema is not None else None,
    )


def _unknown_model(detail: str) -> NotFound:
    return NotFound(detail, errors=[Fault(pointer="/model", detail=detail, code="model_not_found")])
