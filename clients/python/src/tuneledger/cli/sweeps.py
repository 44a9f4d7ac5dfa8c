"""`tune`: start a tune, or a sweep over several base models."""

from typing import Any

import rich_click as click

from tuneledger.cli.filters import present
from tuneledger.cli.session import Session, signed_in
from tuneledger.cli.tunes import LISTED
from tuneledger.cli.watch import UNTIL, Until, follow
from tuneledger.types import Target


def _parameters(_: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> dict[str, float | str]:
    """Parse `n_epochs=3`; a value that is no number, such as auto, stays text."""
    parameters: dict[str, float | str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{text!r} is not NAME=VALUE", param=option)
        parameters[name] = _number(value)
    return parameters


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
    help="The base model, and its connection by name or id; repeat it for a sweep.",
)
@click.option("--model", metavar="NAME", help="The model whose next version the result becomes.")
@click.option(
    "--bump", type=click.Choice(("minor", "major")), help="After v1.0, minor gives v1.1 and major v2.0. Default: minor."
)
@click.option("--method", type=click.Choice(("supervised", "dpo", "kto")), help="Default: supervised.")
@click.option(
    *("-p", "--parameter", "hyperparameters"),
    multiple=True,
    metavar="NAME=VALUE",
    callback=_parameters,
    help="A hyperparameter of the provider, such as n_epochs=3; may be repeated.",
)
@click.option("--seed", type=int, metavar="N", help="A random seed, if the provider accepts one.")
@click.option("--notes", metavar="TEXT", help="Notes for the resulting version.")
@click.option("--watch", is_flag=True, help="Then watch until all have ended.")
@UNTIL
@signed_in
def tune(
    session: Session,
    *,
    dataset: str,
    version: str,
    targets: tuple[tuple[str, str], ...],
    hyperparameters: dict[str, float | str],
    watch: bool,
    until: Until,
    **options: Any,
) -> None:
    """Tune one or more base models on a frozen version. Each tune is sent to its provider exactly once."""
    tune_targets = [
        Target(connection_id=session.connection(connection), base_model=base, hyperparameters=hyperparameters)
        for connection, base in targets
    ]
    sweep = session.client.tunes.create(
        dataset_id=session.dataset(dataset), dataset_version=version, targets=tune_targets, **present(options)
    )
    if watch:
        follow(session, [one.id for one in sweep.tunes], until=until)
    else:
        session.out.list(sweep.tunes, LISTED)
