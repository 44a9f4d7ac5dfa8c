"""`models`: models, their versions and aliases."""

import rich_click as click

from tuneledger.cli.output import Columns
from tuneledger.cli.session import LIMIT, ListsFirst, Session, signed_in
from tuneledger.types import AliasMove, ExampleUsed, Model, ModelVersion


def _changes(one: ModelVersion) -> str | None:
    return f"+{one.changes.added:,} ~{one.changes.edited:,} -{one.changes.removed:,}" if one.changes else None


MODEL: Columns[Model] = {
    "name": lambda one: one.name,
    "id": lambda one: one.id,
    "latest": lambda one: one.latest_version,
    "aliases": lambda one: [f"{alias} → {version}" for alias, version in one.aliases.items()],
    "description": lambda one: one.description,
    "changed": lambda one: one.updated_at,
}
_LISTED: Columns[ModelVersion] = {
    "version": lambda one: one.version,
    "aliases": lambda one: one.aliases,
    "base model": lambda one: one.base_model,
    "data": lambda one: one.dataset_version,
    "changes": _changes,
    "created": lambda one: one.created_at,
    "by": lambda one: one.created_by,
    "notes": lambda one: one.notes,
}
_VERSION: Columns[ModelVersion] = {
    "version": lambda one: one.version,
    "aliases": lambda one: one.aliases,
    "base model": lambda one: one.base_model,
    "provider's model": lambda one: one.provider_model,
    "tune": lambda one: one.tune_id,
    "dataset": lambda one: one.dataset_id and f"{one.dataset_id} {one.dataset_version}",
    "digest": lambda one: one.dataset_digest,
    "previous": lambda one: one.previous,
    "changes": _changes,
    "notes": lambda one: one.notes,
    "created": lambda one: one.created_at,
    "by": lambda one: one.created_by,
}
_LINEAGE: Columns[ExampleUsed] = {
    "example": lambda one: one.example_id,
    "revision": lambda one: one.revision,
    "split": lambda one: one.split,
    "use": lambda one: one.use or "not seen",
    "external id": lambda one: one.external_id,
    "changed": lambda one: one.changed_at,
    "by": lambda one: one.changed_by,
}
_MOVES: Columns[AliasMove] = {
    "at": lambda move: move.moved_at,
    "who": lambda move: move.moved_by,
    "from": lambda move: move.previous,
    "to": lambda move: move.version,
    "how": lambda move: "rolled back" if move.rollback else "against the gate" if move.overridden else "moved",
    "reason": lambda move: move.reason,
}


@click.group(cls=ListsFirst)
def models() -> None:
    """List models, their versions, and the data of a version. Name a model by its name or id."""


@models.command("list")
@LIMIT
@signed_in
def list_(session: Session, *, limit: int | None) -> None:
    """List all models with their aliases."""
    session.out.list(session.client.models.list(limit=session.out.page(limit)), MODEL, limit=limit)


@models.command()
@click.argument("model")
@LIMIT
@signed_in
def versions(session: Session, *, model: str, limit: int | None) -> None:
    """List a model's versions, newest first."""
    rows = session.client.models.versions.list(session.model(model), limit=session.out.page(limit))
    session.out.list(rows, _LISTED, limit=limit)


@models.command()
@click.argument("model")
@click.argument("version", metavar="VERSION|ALIAS")
@signed_in
def show(session: Session, *, model: str, version: str) -> None:
    """Show a version, by its name or an alias."""
    session.out.show(session.client.models.versions.get(session.model(model), version), _VERSION)


@models.command()
@click.argument("model")
@click.argument("version", metavar="VERSION|ALIAS")
@LIMIT
@signed_in
def lineage(session: Session, *, model: str, version: str, limit: int | None) -> None:
    """List the examples that a version was trained on."""
    rows = session.client.models.versions.lineage(session.model(model), version, limit=session.out.page(limit))
    session.out.list(rows, _LINEAGE, limit=limit)


@models.command()
@click.argument("model")
@click.argument("alias")
@LIMIT
@signed_in
def moves(session: Session, *, model: str, alias: str, limit: int | None) -> None:
    """Show the moves of an alias with time and reason, newest first."""
    rows = session.client.models.aliases.moves(session.model(model), alias, limit=session.out.page(limit))
    session.out.list(rows, _MOVES, limit=limit)
