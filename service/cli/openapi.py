"""`openapi`."""

import json
from pathlib import Path

import click

from service.app import create_app
from service.cli.command import Command
from service.database import engine as database
from service.http.openapi.openapi_document import build_document
from service.settings import Settings


@click.command(cls=Command)
@click.option("--output", type=click.Path(path_type=Path), default=Path("openapi/openapi.json"), show_default=True)
def openapi(*, output: Path) -> None:
    """Write the OpenAPI document."""
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(openapi_text())
    click.echo(f"Wrote {output}.")


def openapi_text() -> str:
    """Build the document as it is committed: sorted, so that order does not matter."""
    engine = database.create_engine("postgresql://nowhere/none")  # the document is the same on every database
    return (
        json.dumps(build_document(create_app(Settings(), engine)), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    )
