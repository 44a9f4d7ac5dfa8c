"""`history` and `events`: what happened, in words and as it was recorded."""

from collections.abc import Callable
from typing import Any, TypeVar

import rich_click as click

from tuneledger.cli.filters import present
from tuneledger.cli.output import Columns, encoded, excerpt, moment, shown
from tuneledger.cli.session import LIMIT, Session, signed_in
from tuneledger.types import FeedEvent, HistoryLine

Command = TypeVar("Command", bound=Callable[..., Any])
_LINES: Columns[HistoryLine] = {
    "seq": lambda line: line.seq,
    "at": lambda line: moment(line.at),
    "what happened": lambda line: line.sentence,
}
_EVENTS: Columns[FeedEvent] = {
    "seq": lambda event: event.seq,
    "at": lambda event: event.recorded_at,
    "who": lambda event: event.actor,
    "what": lambda event: event.type,
    "of": lambda event: f"{event.stream}:{event.stream_id}",
    "data": lambda event: excerpt(event.data),
}
_FILTERS = (
    click.option("--type", "types", multiple=True, metavar="TYPE", help="Only these, such as ExampleRepaired."),
    click.option("--actor", metavar="NAME", help="Only what one API key caused."),
    click.option("--stream", metavar="KIND", help="Only one kind of resource, such as example."),
    click.option("--request", "request_id", metavar="ID", help="Only what one request caused."),
    click.option("--operation", metavar="ID", help="Only what an operation caused."),
    click.option("--from", "from_", metavar="TIME", help="From this RFC 3339 time on."),
    click.option("--to", metavar="TIME", help="Before this RFC 3339 time."),
)
_RESOURCE = click.argument("resource", required=False, metavar="[RESOURCE]")


def _narrowed(command: Command) -> Command:
    for option in reversed(_FILTERS):
        command = option(command)
    return command


@click.command()
@_RESOURCE
@_narrowed
@LIMIT
@signed_in
def history(session: Session, *, resource: str | None, limit: int | None, **given: Any) -> None:
    """Tell what happened, in words: of one resource, or of all that the filters let through.

    RESOURCE is dataset:news, model:titles, example:ID or a path such as /v1/examples/ID.
    """
    wanted = present({**given, "resource": resource and _resource(session, resource)})
    session.out.list(session.client.history(limit=session.out.page(limit), **wanted), _LINES, limit=limit)


@click.command()
@_RESOURCE
@_narrowed
@click.option("--after", type=click.IntRange(min=0), metavar="SEQ", help="Only events after this one.")
@click.option("-f", "--follow", is_flag=True, help="Go on with what happens from now on, or after --after.")
@LIMIT
@signed_in
def events(session: Session, *, resource: str | None, follow: bool, limit: int | None, **given: Any) -> None:
    """Read the log, or follow it as it grows.

    What is followed is taken up again when the connection breaks, without loss or repeat. To go on another time,
    give the seq that was seen last as --after.
    """
    wanted = present({**given, "resource": resource and _resource(session, resource)})
    if follow:
        _follow(session, limit, wanted)
    else:
        session.out.list(session.client.events.list(limit=session.out.page(limit), **wanted), _EVENTS, limit=limit)


def _follow(session: Session, limit: int | None, wanted: dict[str, Any]) -> None:
    if refused := [name for name in ("from_", "to") if name in wanted]:
        raise click.UsageError(f"--follow goes on from a seq, not from a time: --{refused[0].strip('_')}")
    for seen, event in enumerate(session.client.events.stream(**wanted), start=1):
        if session.out.form == "table":
            session.out.console.print(shown(_line(event)), soft_wrap=True)
        else:
            click.echo(encoded(event))
        if seen == limit:
            return


def _line(event: FeedEvent) -> str:
    at = f"{event.recorded_at.astimezone():%H:%M:%S}"
    return (
        f"{event.seq:>8,}  {at}  {event.actor}  {event.type}  {event.stream}:{event.stream_id}  {excerpt(event.data)}"
    )


def _resource(session: Session, given: str) -> str:
    """`dataset:news` under its id; what has no name of its own stands for itself."""
    kind, _, name = given.partition(":")
    by_name: dict[str, Callable[[str], str]] = {
        "connection": session.connection,
        "dataset": session.dataset,
        "model": session.model,
        "task": session.task,
    }
    return f"{kind}:{by_name[kind](name)}" if name and kind in by_name else given
