"""The tables of logged requests: outside the ledger, partitioned by month.

Figures and texts are in separate tables, so that a report reads a million figures without the texts, and erasing a
request deletes one row. A month's partitions are created with its first call. There is no default partition: a row in
it would block creating the partition of its month.
"""

import re
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.database.rows import execute

SCHEMA = "telemetry"
MONTH_LOCK = 0x6D6F6E74  # "mont": as in telemetry.create_month
TIME = sa.DateTime(timezone=True)
# Separate metadata: a rebuild of the read tables does not touch these.
telemetry = sa.MetaData(schema=SCHEMA)

requests = sa.Table(
    "requests",
    telemetry,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("at", TIME, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("client_id", sa.Text),
    sa.Column("model_id", sa.Uuid, nullable=False),
    sa.Column("model_version", sa.Text, nullable=False),
    sa.Column("alias", sa.Text),
    sa.Column("latency_ms", sa.Integer),
    sa.Column("input_tokens", sa.Integer),
    sa.Column("output_tokens", sa.Integer),
    sa.Column("cost", sa.BigInteger),  # in the units of money.py
    sa.Column("currency", sa.Text),
    sa.Column("error_code", sa.Text),
    sa.Column("valid", sa.Boolean),
    sa.Column("user_hash", sa.Text),
    sa.Column("logged_by", sa.Text, nullable=False),
    sa.Column("received_at", TIME, nullable=False),
    sa.Column("erased_at", TIME),
    sa.Column("finish_reason", sa.Text),
    sa.Column("cached_tokens", sa.Integer),
    sa.Column("reasoning_tokens", sa.Integer),
    sa.Column("provider_code", sa.Text),
    sa.Column("provider_request_id", sa.Text),
    sa.PrimaryKeyConstraint("workspace_id", "at", "id", name="pk_requests"),
    sa.Index("ix_requests_model", "workspace_id", "model_id", "at"),
    sa.Index(
        "ix_requests_failed",
        "workspace_id",
        "model_id",
        "at",
        postgresql_where=sa.text("error_code IS NOT NULL OR valid IS false"),
    ),
    postgresql_partition_by="RANGE (at)",
)
# Every text is stored as JSON, so that it can hold any character and be sent unchanged.
texts = sa.Table(
    "texts",
    telemetry,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("at", TIME, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("input", sa.Text, nullable=False),
    sa.Column("output", sa.Text),
    sa.Column("tool_calls", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("metadata", sa.Text),
    sa.Column("tools", sa.Text),
    sa.PrimaryKeyConstraint("workspace_id", "at", "id", name="pk_texts"),
    postgresql_partition_by="RANGE (at)",
)
# Not partitioned: a client id is unique whatever its time, and a partitioned table cannot check that. A row
# outlives the erasure of its request, so that a repeated call does not bring it back.
client_ids = sa.Table(
    "client_ids",
    telemetry,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("digest", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("at", TIME, nullable=False),
    sa.PrimaryKeyConstraint("workspace_id", "digest", name="pk_client_ids"),
    sa.Index("ix_client_ids_at", "at", postgresql_using="brin"),
)
PARTITIONED = (requests, texts)
CREATE_MONTH = sa.text("select telemetry.create_month(:month)")
DROP_MONTH = sa.text("select telemetry.drop_month(:month)")
_MONTH = re.compile(r"(\d{4})_(\d{2})$")


def month_of(at: datetime) -> datetime:
    """The first moment of the month, in UTC."""
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_after(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def month_before(month: datetime) -> datetime:
    return month.replace(year=month.year - (month.month == 1), month=(month.month - 2) % 12 + 1)


def partition_name(table: sa.Table, month: datetime) -> str:
    return f"{SCHEMA}.{table.name}_{month:%Y_%m}"


async def create_month(engine: AsyncEngine, month: datetime) -> None:
    """Create the month's partitions unless they exist. The owner's function does it: we may not create tables."""
    await execute(engine, CREATE_MONTH, {"month": month})


async def drop_month(connection: AsyncConnection, month: datetime) -> None:
    await connection.execute(DROP_MONTH, {"month": month})


async def lock_months(connection: AsyncConnection) -> None:
    await connection.execute(sa.text("select pg_advisory_xact_lock(:lock)"), {"lock": MONTH_LOCK})


async def list_months(engine: AsyncEngine) -> list[datetime]:
    """The months that have partitions, the oldest first."""
    query = sa.text(
        "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid"
        " where i.inhparent = to_regclass(:parent) order by 1"
    )
    async with engine.connect() as connection:
        names: Any = (await connection.execute(query, {"parent": requests.fullname})).scalars()
        matches = [match for name in names if (match := _MONTH.search(name))]
    return [datetime(int(match[1]), int(match[2]), 1, tzinfo=UTC) for match in matches]
