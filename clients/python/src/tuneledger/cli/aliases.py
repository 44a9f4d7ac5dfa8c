"""`promote` and `rollback`: move an alias to a version, and back."""

from typing import Any

import rich_click as click

from tuneledger.cli.filters import present
from tuneledger.cli.models import MODEL
from tuneledger.cli.session import Session, signed_in

_ALIAS = click.option("--alias", default="production", show_default=True, metavar="NAME", help="The alias to move.")
_REASON = click.option("--reason", metavar="TEXT", help="The reason, shown in the history.")


@click.command()
@click.argument("model")
@click.argument("version")
@_ALIAS
@_REASON
@click.option(
    "--override", is_flag=True, default=None, help="Move it although the gate refuses; needs a scope and a reason."
)
@signed_in
def promote(session: Session, *, model: str, version: str, alias: str, **options: Any) -> None:
    """Move an alias of a model to a version. If a gate protects the alias, the version has to pass."""
    model_moved = session.client.models.aliases.move(session.model(model), alias, version=version, **present(options))
    session.out.show(model_moved, MODEL)


@click.command()
@click.argument("model")
@_ALIAS
@_REASON
@click.option("--to", metavar="VERSION", help="Default: the alias's previous version.")
@signed_in
def rollback(session: Session, *, model: str, alias: str, **options: Any) -> None:
    """Move an alias back to its previous version. Repeat it to go further back."""
    session.client.models.roll_back(session.model(model), alias=alias, **present(options))
    session.out.show(session.client.models.get(session.model(model)), MODEL)
