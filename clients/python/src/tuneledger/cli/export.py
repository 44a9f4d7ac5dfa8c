"""`export`: write a dataset's rows to a file or a pipe."""

import sys
from pathlib import Path
from typing import Any

import rich_click as click
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tuneledger.cli.filters import SPLITS, present
from tuneledger.cli.session import Session, signed_in


@click.command()
@click.argument("dataset")
@click.option("--version", metavar="NAME", help="A frozen version, which gives the same bytes each time.")
@click.option("--as-of", metavar="MOMENT", help="A past state: an RFC 3339 time, a seq or a version's name.")
@click.option(
    "--format", metavar="NAME", help="The format of the rows, such as tuneledger or sharegpt. Default: openai-chat."
)
@click.option("--include", metavar="WHAT", help="`fields` beside the rows, or in tuneledger the `history`.")
@click.option("--split", type=click.Choice(SPLITS), help="Only this split.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file. Default: standard output."
)
@signed_in
def export(session: Session, *, dataset: str, output: Path | None, **options: Any) -> None:
    """Export a version, a past state or the current state.

    A file appears under its name only once it is complete.
    """
    download = session.client.datasets.export(session.dataset(dataset), **present(options))
    if output is None or str(output) == "-":
        for piece in download.iter_bytes():
            click.echo(piece, nl=False)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=session.out.stderr, disable=not sys.stderr.isatty()) as bars:
        task = bars.add_task(output.name)
        download.to_file(
            output, on_progress=lambda done, _: bars.update(task, description=f"{output.name} {done / 1e6:,.1f} MB")
        )
    session.out.note(f"Wrote {output}.")
