"""`promote` and `rollback`: let an alias stand at a version, and bring it back."""

from typing import Any

import rich_click as click

from tuneledger.cli.filters import present
from tuneledger.cli.models import MODEL
from tuneledger.cli.session import Session, signed_in

_ALIAS = click.option("--alias", default="production", show_default=True, metavar="NAME", help="The alias that moves.")
_REASON = click.option("--reason", metavar="TEXT", help="Why; kept in the history.")


@click.command()
@click.argument("model")
@click.argument("version")
@_ALIAS
@_REASON
@click.option("--override", is_flag=True, default=None, help="Against the model's gate; takes a scope and a reason.")
@signed_in
def promote(session: Session, *, model: str, version: str, alias: str, **given: Any) -> None:
    """Let an alias of a model stand at a version. Where a gate protects it, only at one that passes."""
    moved = session.client.models.aliases.move(session.model(model), alias, version=version, **present(given))
    session.out.show(moved, MODEL)


@click.command()
@click.argument("model")
@_ALIAS
@_REASON
@click.option("--to", metavar="VERSION", help="Default: where it stood before.")
@signed_in
def rollback(session: Session, *, model: str, alias: str, **given: Any) -> None:
    """Bring an alias back to where it stood before. Again goes further back."""
    session.client.models.roll_back(session.model(model), alias=alias, **present(given))
    session.out.show(session.client.models.get(session.model(model)), MODEL)
