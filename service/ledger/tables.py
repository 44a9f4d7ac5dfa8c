"""Tables of the schema `ledger`: the source of truth. All tables of the default schema are derived from them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA

from service.database.engine import metadata

# Indexes of what many events share have blocks of 256 in place of the seq: entries of one block are equal, and Postgres
# stores equal entries as a list, in a tenth of the room.
BLOCK_BITS = 8
BLOCK = sa.text(f"(seq >> {BLOCK_BITS})")

heads = sa.Table(
    "heads",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    schema="ledger",
)
events = sa.Table(
    "events",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("stream_id", sa.Uuid, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("leaf", BYTEA, nullable=False),
    sa.Column("key_id", sa.Uuid),
    sa.UniqueConstraint("workspace_id", "stream_id", "version", name="uq_events_stream_version"),
    sa.Index("ix_events_type", "workspace_id", "type", BLOCK),
    sa.Index("ix_events_actor", "workspace_id", "actor", BLOCK),
    sa.Index("ix_events_request", "workspace_id", "request_id", BLOCK),
    schema="ledger",
)
contents = sa.Table(
    "contents",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("subject", sa.Uuid, primary_key=True),
    sa.Column("digest", BYTEA, primary_key=True),
    sa.Column("salt", BYTEA, nullable=False),
    sa.Column("body", BYTEA, nullable=False),
    schema="ledger",
)
secrets = sa.Table(
    "secrets",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("value", BYTEA, nullable=False),
    sa.Index("ix_secrets_value", "value", postgresql_using="hash"),
    schema="ledger",
)
# When each API key was last used, to the minute. It is beside the log, which has changes alone.
key_uses = sa.Table(
    "key_uses",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("key_id", sa.Uuid, primary_key=True),
    sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
    schema="ledger",
)
answers = sa.Table(
    "answers",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("key_id", sa.Uuid, server_default=sa.text("'00000000-0000-0000-0000-000000000000'"), primary_key=True),
    sa.Column("route", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("fingerprint", BYTEA, nullable=False),
    sa.Column("token", sa.Uuid, nullable=False),
    sa.Column("claimed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
    sa.Column("status", sa.SmallInteger),
    sa.Column("headers", sa.JSON),
    sa.Column("body", BYTEA),
    sa.Index("ix_answers_claimed_at", "claimed_at"),
    schema="ledger",
)
readers = sa.Table(
    "readers",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("stopped_because", sa.Text),
    sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
    schema="ledger",
)
leases = sa.Table(
    "leases",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("owner", sa.Uuid),
    sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("attempts", sa.Integer, server_default="0", nullable=False),
    sa.Column("last_error", sa.Text),
    schema="ledger",
)
staged = sa.Table(
    "staged",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("batch", sa.Uuid, primary_key=True),
    sa.Column("n", sa.BigInteger, primary_key=True),
    sa.Column("stream_id", sa.Uuid, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("key", sa.Text),
    sa.Column("salt", BYTEA, nullable=False),
    sa.Column("digests", ARRAY(BYTEA), nullable=False),
    sa.Column("bodies", ARRAY(BYTEA), nullable=False),
    schema="ledger",
    prefixes=["UNLOGGED"],
)
# Events that are about to be appended, chunk by chunk, with whose texts they bring along: those of `digests`.
planned = sa.Table(
    "planned",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("batch", sa.Uuid, primary_key=True),
    sa.Column("n", sa.BigInteger, primary_key=True),
    sa.Column("stream_id", sa.Uuid, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("texts_of", sa.Uuid, nullable=False),
    sa.Column("digests", ARRAY(BYTEA), nullable=False),
    schema="ledger",
    prefixes=["UNLOGGED"],
)
# The audit tree: `subtrees` has the root of each complete subtree of 256, 256², … leaves (`level` 1, 2, …), `tiles` the
# leaves as sealed, by 256, and `checkpoints` each signed checkpoint with the hashes at the tree's right edge, from
# which the tree grows on.
subtrees = sa.Table(
    "subtrees",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("level", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("hash", BYTEA, nullable=False),
    schema="ledger",
)
tiles = sa.Table(
    "tiles",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("hashes", BYTEA, nullable=False),
    schema="ledger",
)
# The public keys that sign checkpoints now, the current one first. The private ones are with the workers alone.
signers = sa.Table(
    "signers",
    metadata,
    sa.Column("origin", sa.Text, primary_key=True),
    sa.Column("position", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("public", BYTEA, nullable=False),
    schema="ledger",
)
checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("size", sa.BigInteger, primary_key=True),
    sa.Column("edge", BYTEA, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("sealed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
    schema="ledger",
)
