"""Read tables of generations, their documents and candidates: one row each, in the current state."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.generation.candidates.domain import CandidateAccepted, CandidateMade, CandidateRejected
from service.generation.documents.domain import DocumentAdded
from service.generation.domain import GenerationCreated
from service.ledger.projections import EventBatch

TIME = sa.DateTime(timezone=True)
JSON = JSONB(none_as_null=True)
CANDIDATE_COLUMNS: dict[str, Any] = {
    "generation_id": sa.Uuid,
    "origin": sa.Text,
    "subject": sa.Uuid,
    "code": sa.Text,
    "detail": sa.Text,
    "run_id": sa.Uuid,
    "calls": JSON,
    "served": JSON,
    "prompt_id": sa.Uuid,
    "prompt_version": sa.Integer,
    "topic_id": sa.Uuid,
    "topic_path": JSON,
    "category": sa.Text,
    "temperature": sa.Double,
    "score": sa.Double,
    "twin": sa.Uuid,
    "similarity": sa.Double,
    "document": JSON,
    "grounding": sa.Double,
    "predicted_for": sa.Uuid,
    "invalid": JSON,
    "task_version": sa.Integer,
}
DOCUMENT_COLUMNS: dict[str, Any] = {
    "generation_id": sa.Uuid,
    "name": sa.Text,
    "declared": sa.Text,
    "kind": sa.Text,
    "size": sa.BigInteger,
    "pages": sa.Integer,
    "characters": sa.BigInteger,
    "findings": JSON,
}

generations = sa.Table(
    "generations",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("dataset_id", sa.Uuid, nullable=False),
    sa.Index("ix_generations_dataset", "workspace_id", "dataset_id", "id"),
)
candidates = sa.Table(
    "candidates",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    *[
        sa.Column(name, kind, nullable=name not in ("generation_id", "origin", "subject"))
        for name, kind in CANDIDATE_COLUMNS.items()
    ],
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("content", BYTEA),
    sa.Column("metadata", BYTEA),
    sa.Column("edited", sa.Boolean, nullable=False),
    sa.Column("example_id", sa.Uuid),
    sa.Column("reason", sa.Text),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("decided_at", TIME),
    sa.Column("decided_by", sa.Text),
    sa.Index("ix_candidates_generation", "workspace_id", "generation_id", "seq"),
    sa.Index("ix_candidates_state", "workspace_id", "generation_id", "state", "seq"),
    sa.Index("ix_candidates_run", "workspace_id", "run_id", postgresql_where=sa.text("run_id is not null")),
)
documents = sa.Table(
    "documents",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    *[sa.Column(name, kind, nullable=name not in ("generation_id", "size")) for name, kind in DOCUMENT_COLUMNS.items()],
    sa.Column("text", BYTEA),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Index("ix_documents_generation", "workspace_id", "generation_id", "id"),
)


def project_generations(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(GenerationCreated):
        new = log.rows(GenerationCreated, dataset_id=sa.Uuid)
        names = ["workspace_id", "id", "dataset_id"]
        yield sa.insert(generations).from_select(
            names, sa.select(new.c.workspace_id, new.c.stream_id, new.c.dataset_id)
        )


def project_candidates(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(CandidateMade):
        yield _insert_candidates(log)
    if log.has(CandidateAccepted, CandidateRejected):
        yield _update_decided(log)


def _insert_candidates(log: EventBatch) -> UpdateBase:
    new = log.rows(CandidateMade, **CANDIDATE_COLUMNS, state=sa.Text, content=sa.Text, metadata=sa.Text)
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        **{name: new.c[name] for name in CANDIDATE_COLUMNS},
        "state": sa.func.coalesce(new.c.state, "proposed"),
        "content": _to_bytes(new.c.content),
        "metadata": _to_bytes(new.c.metadata),
        "edited": sa.false(),
        "seq": new.c.seq,
        "version": new.c.version,
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
    }
    return sa.insert(candidates).from_select(list(values), sa.select(*values.values()))


def _update_decided(log: EventBatch) -> UpdateBase:
    decision = log.rows(CandidateAccepted, CandidateRejected, example_id=sa.Uuid, content=sa.Text, reason=sa.Text)
    accepted = decision.c.type == CandidateAccepted.__name__
    return (
        sa.update(candidates)
        .where(candidates.c.workspace_id == decision.c.workspace_id, candidates.c.id == decision.c.stream_id)
        .values(
            state=sa.case((accepted, "accepted"), else_="rejected"),
            content=sa.func.coalesce(_to_bytes(decision.c.content), candidates.c.content),
            edited=decision.c.content.is_not(None),
            example_id=decision.c.example_id,
            reason=decision.c.reason,
            version=decision.c.version,
            decided_at=decision.c.recorded_at,
            decided_by=decision.c.actor,
        )
    )


def project_documents(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(DocumentAdded):
        new = log.rows(DocumentAdded, **DOCUMENT_COLUMNS, text=sa.Text)
        values = {
            "workspace_id": new.c.workspace_id,
            "id": new.c.stream_id,
            **{name: new.c[name] for name in DOCUMENT_COLUMNS},
            "text": _to_bytes(new.c.text),
            "created_at": new.c.recorded_at,
            "created_by": new.c.actor,
        }
        yield sa.insert(documents).from_select(list(values), sa.select(*values.values()))


def _to_bytes(digest: sa.ColumnElement[str]) -> sa.ColumnElement[bytes]:
    """A digest's hex digits as bytes, the key of `contents`; null stays null."""
    return sa.func.decode(digest, sa.literal_column("'hex'"), type_=BYTEA)
