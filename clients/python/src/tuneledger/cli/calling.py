"""`api`: any path of the API, for what has no command of its own."""

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
@click.option("-q", "--query", multiple=True, metavar="NAME=VALUE", help="A parameter of the path; may be repeated.")
@click.option("-d", "--data", metavar="JSON", help="The body; - reads it from standard input.")
@click.option("-H", "--header", "headers", multiple=True, metavar="NAME:VALUE", help="Such as If-Match:3.")
@signed_in
def api(
    session: Session, *, method: str, path: str, query: tuple[str, ...], data: str | None, headers: tuple[str, ...]
) -> None:
    """Ask any path: `tuneledger api GET /v1/me`. It signs, retries and tells refusals as every command does."""
    answer = session.client.request(
        method,
        path if path.startswith("/") else f"/{path}",
        params=_pairs(query, "="),
        json=_body(data),
        headers=_pairs(headers, ":"),
    )
    if not answer.content:
        return
    content = answer.content.rstrip(b"\n")
    plain = "json" in answer.headers.get("content-type", "") and session.out.form != "lines"
    click.echo(msgspec.json.format(content) if plain else content)


def _body(given: str | None) -> dict[str, Any] | None:
    if given is None:
        return None
    try:
        body = json.loads(sys.stdin.read() if given == "-" else given)
    except ValueError as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint="--data") from error
    if not isinstance(body, dict):
        raise click.BadParameter("not a JSON object", param_hint="--data")
    return body


def _pairs(given: tuple[str, ...], between: str) -> dict[str, Any]:
    """By name; a name that is repeated has all of its values."""
    made: dict[str, list[str]] = {}
    for text in given:
        name, found, value = text.partition(between)
        if not found or not name:
            raise click.BadParameter(f"{text!r} is not NAME{between}VALUE")
        made.setdefault(name, []).append(value.strip() if between == ":" else value)
    return {name: values[0] if len(values) == 1 else values for name, values in made.items()}
