"""`history` and `events`: what happened, in sentences and as recorded events."""

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
    "data": lambda event: excerpt(encoded(event.data).decode()),
}
_FILTERS = (
    click.option(
        "--type",
        "types",
        multiple=True,
        metavar="TYPE",
        help="Only this event type, such as ExampleRepaired; may be repeated.",
    ),
    click.option("--actor", metavar="NAME", help="Only events of this actor: a member's name."),
    click.option("--stream", metavar="KIND", help="Only this kind of resource, such as example."),
    click.option("--request", "request_id", metavar="ID", help="Only events of this request."),
    click.option("--operation", metavar="ID", help="Only events of this operation."),
    click.option("--from", "from_", metavar="TIME", help="Only from this RFC 3339 time on."),
    click.option("--to", metavar="TIME", help="Only before this RFC 3339 time."),
)
_RESOURCE = click.argument("resource", required=False, metavar="[RESOURCE]")


def _filtered(command: Command) -> Command:
    for option in reversed(_FILTERS):
        command = option(command)
    return command


@click.command()
@_RESOURCE
@_filtered
@LIMIT
@signed_in
def history(session: Session, *, resource: str | None, limit: int | None, **options: Any) -> None:
    """Show what happened in sentences: to one resource, or to all that match the filters.

    RESOURCE is dataset:news, model:titles, example:ID or a path such as /v1/examples/ID.
    """
    filters = present({**options, "resource": resource and _resource(session, resource)})
    session.out.list(session.client.history(limit=session.out.page(limit), **filters), _LINES, limit=limit)


@click.command()
@_RESOURCE
@_filtered
@click.option("--after", type=click.IntRange(min=0), metavar="SEQ", help="Only events after this one.")
@click.option("-f", "--follow", is_flag=True, help="Follow new events, from now on or after --after.")
@LIMIT
@signed_in
def events(session: Session, *, resource: str | None, follow: bool, limit: int | None, **options: Any) -> None:
    """List the log's events, or follow new ones.

    --follow reconnects when the connection breaks, and loses or repeats no event. To continue later, pass the last seq
    as --after.
    """
    filters = present({**options, "resource": resource and _resource(session, resource)})
    if follow:
        _follow(session, limit, filters)
    else:
        session.out.list(session.client.events.list(limit=session.out.page(limit), **filters), _EVENTS, limit=limit)


def _follow(session: Session, limit: int | None, filters: dict[str, Any]) -> None:
    if unusable := [name for name in ("from_", "to") if name in filters]:
        raise click.UsageError(f"--follow starts at a seq, not at a time: --{unusable[0].strip('_')}")
    for count, event in enumerate(session.client.events.stream(**filters), start=1):
        if session.out.form == "table":
            session.out.console.print(shown(_line(event)), soft_wrap=True)
        else:
            click.echo(encoded(event))
        if count == limit:
            return


def _line(event: FeedEvent) -> str:
    at, data = f"{event.recorded_at.astimezone():%H:%M:%S}", excerpt(encoded(event.data).decode())
    return f"{event.seq:>8,}  {at}  {event.actor}  {event.type}  {event.stream}:{event.stream_id}  {data}"


def _resource(session: Session, text: str) -> str:
    """Resolve `dataset:news` to `dataset:ID`; other texts stay as they are."""
    kind, _, name = text.partition(":")
    by_name: dict[str, Callable[[str], str]] = {
        "connection": session.connection,
        "dataset": session.dataset,
        "model": session.model,
        "task": session.task,
    }
    return f"{kind}:{by_name[kind](name)}" if name and kind in by_name else text
