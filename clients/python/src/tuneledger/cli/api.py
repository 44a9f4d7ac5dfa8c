"""`api`: send a request to any path of the API."""

import json
import sys
from typing import Any

import msgspec
import rich_click as click

from tuneledger.cli.session import Session, signed_in

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@click.command()
@click.argument("method", type=click.Choice(_METHODS, case_sensitive=False))
@click.argument("path")
@click.option("-q", "--query", multiple=True, metavar="NAME=VALUE", help="A query parameter; may be repeated.")
@click.option("-d", "--data", metavar="JSON", help="The body as JSON; - reads it from standard input.")
@click.option(
    "-H",
    "--header",
    "headers",
    multiple=True,
    metavar="NAME:VALUE",
    help="A header, such as If-Match:3; may be repeated.",
)
@signed_in
def api(
    session: Session, *, method: str, path: str, query: tuple[str, ...], data: str | None, headers: tuple[str, ...]
) -> None:
    """Send a request to any path, such as `tuneledger api GET /v1/me`, with sign-in, retries and exit codes."""
    response = session.client.request(
        method,
        path if path.startswith("/") else f"/{path}",
        params=_pairs(query, "="),
        json=_body(data),
        headers=_pairs(headers, ":"),
    )
    if not response.content:
        return
    content = response.content.rstrip(b"\n")
    pretty = "json" in response.headers.get("content-type", "") and session.out.form != "lines"
    click.echo(msgspec.json.format(content) if pretty else content)


def _body(data: str | None) -> dict[str, Any] | None:
    if data is None:
        return None
    try:
        body = json.loads(sys.stdin.read() if data == "-" else data)
    except ValueError as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint="--data") from error
    if not isinstance(body, dict):
        raise click.BadParameter("not a JSON object", param_hint="--data")
    return body


def _pairs(texts: tuple[str, ...], separator: str) -> dict[str, Any]:
    """Parse NAME=VALUE options; a repeated name gets all its values."""
    pairs: dict[str, list[str]] = {}
    for text in texts:
        name, equals, value = text.partition(separator)
        if not equals or not name:
            raise click.BadParameter(f"{text!r} is not NAME{separator}VALUE")
        pairs.setdefault(name, []).append(value.strip() if separator == ":" else value)
    return {name: values[0] if len(values) == 1 else values for name, values in pairs.items()}
