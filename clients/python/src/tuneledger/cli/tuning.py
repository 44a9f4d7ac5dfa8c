"""`tune`: one request, one base model or many."""

from typing import Any

import rich_click as click

from tuneledger.cli.filters import present
from tuneledger.cli.session import Session, signed_in
from tuneledger.cli.tunes import LISTED
from tuneledger.cli.watching import follow
from tuneledger.types import Target


def _parameters(_: click.Context, option: click.Parameter, given: tuple[str, ...]) -> dict[str, float | str]:
    """`n_epochs=3` as a name and a number; what is no number stays a word, such as auto."""
    made: dict[str, float | str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{text!r} is not NAME=VALUE", param=option)
        made[name] = _number(value)
    return made


def _number(text: str) -> float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


@click.command()
@click.argument("dataset")
@click.argument("version")
@click.option(
    *("-t", "--target", "targets"),
    nargs=2,
    multiple=True,
    required=True,
    metavar="CONNECTION BASE_MODEL",
    help="What to tune, and through which connection, by its name or id; repeat it for a sweep.",
)
@click.option("--model", metavar="NAME", help="The line of versions that the result becomes the next one of.")
@click.option("--bump", type=click.Choice(("minor", "major")), help="v1.1 or v2.0 after v1.0. Default: minor.")
@click.option("--method", type=click.Choice(("supervised", "dpo")), help="Default: supervised.")
@click.option(
    *("-p", "--parameter", "hyperparameters"),
    multiple=True,
    metavar="NAME=VALUE",
    callback=_parameters,
    help="A hyperparameter in the provider's name, such as n_epochs=3; repeat it for others.",
)
@click.option("--seed", type=int, metavar="N", help="For a provider that takes one.")
@click.option("--notes", metavar="TEXT", help="For the version that comes of it.")
@click.option("--watch", is_flag=True, help="Go on and watch until all have ended.")
@signed_in
def tune(
    session: Session,
    *,
    dataset: str,
    version: str,
    targets: tuple[tuple[str, str], ...],
    hyperparameters: dict[str, float | str],
    watch: bool,
    **given: Any,
) -> None:
    """Tune a base model on a frozen version, or many in one sweep. Workers send each to its provider exactly once."""
    wanted = [
        Target(connection_id=session.connection(connection), base_model=base, hyperparameters=hyperparameters)
        for connection, base in targets
    ]
    sweep = session.client.tunes.create(
        dataset_id=session.dataset(dataset), dataset_version=version, targets=wanted, **present(given)
    )
    if watch:
        follow(session, [one.id for one in sweep.tunes])
    else:
        session.out.list(sweep.tunes, LISTED)
