"""`watch`: follow running tunes and their loss curves."""

import datetime as dt
import time
from collections.abc import Sequence
from typing import Literal

import rich_click as click
from msgspec import UNSET, UnsetType
from rich.live import Live
from rich.table import Table
from sparklines import sparklines

from tuneledger import Tuneledger
from tuneledger._sync._waiters import is_reached
from tuneledger.cli.exits import Exit
from tuneledger.cli.output import encoded, plain_table, shown
from tuneledger.cli.session import Session, signed_in
from tuneledger.cli.tunes import LISTED, state
from tuneledger.errors import APIConnectionError, InternalServerError, RateLimitError
from tuneledger.types import MetricPoint, Tune

ENDED = ("succeeded", "failed", "cancelled")
Until = Literal["ended", "registered"]
UNTIL = click.option(
    "--until",
    type=click.Choice(("ended", "registered")),
    default="ended",
    show_default=True,
    help="Watch until they have ended, or until they are registered as versions.",
)
_WIDTH = 16  # of a curve, in characters


class Curve:
    """The metrics of one tune. Full pages are read once; only the last page is read again."""

    def __init__(self, client: Tuneledger, tune_id: str) -> None:
        self._client = client
        self._tune_id = tune_id
        self._full_pages: list[MetricPoint] = []
        self._last_page: list[MetricPoint] = []
        self._cursor: str | UnsetType = UNSET

    @property
    def points(self) -> list[MetricPoint]:
        return self._full_pages + self._last_page

    def read(self) -> None:
        """Read new points."""
        while True:
            page = self._client.tunes.metrics.list(self._tune_id, limit=1_000, cursor=self._cursor).first()
            if page.next_cursor is None:
                self._last_page = page.data
                return
            self._full_pages += page.data
            self._cursor = page.next_cursor


class WatchedTune:
    """A tune and its curve, watched until it has ended or is registered."""

    def __init__(self, client: Tuneledger, tune_id: str, until: Until) -> None:
        self._client = client
        self._until = until
        self.curve = Curve(client, tune_id)
        self.tune = client.tunes.get(tune_id)
        self.curve.read()
        self.reachable = True

    @property
    def ended(self) -> bool:
        return is_reached(self.tune, self._until)

    def poll(self) -> bool:
        """Read the tune again unless it has ended; returns whether it changed. An unreachable server is no error."""
        if self.ended:
            return False
        before = self.tune
        try:
            self.tune = self._client.tunes.get(before.id)
            self.curve.read()
        except (APIConnectionError, InternalServerError, RateLimitError):
            self.reachable = False
        else:
            self.reachable = True
        return self.tune != before


@click.command()
@click.argument("tunes", nargs=-1, metavar="[TUNE]…")
@click.option("--sweep", metavar="ID", help="Watch the tunes of this sweep.")
@click.option(
    "--interval", type=click.FloatRange(min=0.1), default=2.0, show_default=True, help="Seconds between polls."
)
@UNTIL
@signed_in
def watch(session: Session, *, tunes: tuple[str, ...], sweep: str | None, interval: float, until: Until) -> None:
    """Watch tunes until all have ended; without TUNE, all running tunes.

    Exit code 1 if one of them failed or was cancelled. Ctrl-C stops watching, not the tunes. In a pipe, a line is
    written each time a tune changes.
    """
    tune_ids = list(tunes) or _find_tunes(session.client, sweep)
    if not tune_ids:
        session.out.note("No tune is running.")
        return
    follow(session, tune_ids, interval=interval, until=until)


def _find_tunes(client: Tuneledger, sweep: str | None) -> list[str]:
    """Find the tunes of the sweep; without a sweep, all running tunes."""
    if sweep:
        return [one.id for one in client.sweeps.get(sweep).tunes]
    return [one.id for one in client.tunes.list(limit=1_000) if one.state not in ENDED]


def follow(session: Session, tune_ids: Sequence[str], *, interval: float = 2.0, until: Until = "ended") -> None:
    """Show the tunes until all have ended, or are registered. Exits with 1 unless all have succeeded."""
    watched = [WatchedTune(session.client, tune_id, until) for tune_id in tune_ids]
    match session.out.form:
        case "table":
            _live(session, watched, interval)
        case "lines":
            _lines(watched, interval)
        case "json":
            _until_ended(watched, interval)
            session.out.list([each.tune for each in watched], LISTED)
    if any(each.tune.state != "succeeded" for each in watched):
        raise SystemExit(Exit.FAILED)


def _live(session: Session, watched: Sequence[WatchedTune], interval: float) -> None:
    with Live(_table(watched), console=session.out.console, auto_refresh=False) as live:
        while not all(each.ended for each in watched):
            time.sleep(interval)
            for each in watched:
                each.poll()
            live.update(_table(watched), refresh=True)


def _lines(watched: Sequence[WatchedTune], interval: float) -> None:
    for each in watched:
        click.echo(encoded(each.tune))
    while not all(each.ended for each in watched):
        time.sleep(interval)
        for each in watched:
            if each.poll():
                click.echo(encoded(each.tune))


def _until_ended(watched: Sequence[WatchedTune], interval: float) -> None:
    while not all(each.ended for each in watched):
        time.sleep(interval)
        for each in watched:
            each.poll()


def _table(watched: Sequence[WatchedTune]) -> Table:
    table = plain_table()
    for name in ("tune", "state", "base model", "model", "step", "loss", "valid", "curve", "for"):
        table.add_column(name, no_wrap=name in {"tune", "state", "curve"}, overflow="ellipsis")
    for each in watched:
        tune, points = each.tune, each.curve.points
        losses = [point.train_loss for point in points]
        table.add_row(
            tune.id,
            state(tune),
            shown(tune.base_model),
            shown(f"{tune.model} {tune.model_version}" if tune.model_version else tune.model),
            shown(points[-1].step if points else None),
            shown(_latest(losses)),
            shown(_latest([point.valid_loss for point in points])),
            sparkline(losses),
            _duration(tune),
        )
        if tune.error:
            table.add_row("", "", shown(tune.error.message), end_section=True)
    if not all(each.reachable for each in watched):
        table.caption = "The server does not answer; trying again."
    return table


def _latest(values: Sequence[float | None]) -> float | None:
    return next((value for value in reversed(values) if value is not None), None)


def sparkline(values: Sequence[float | None], *, width: int = _WIDTH) -> str:
    """Draw a curve of at most `width` characters, each the mean of its part; a gap where there is no number."""
    if not values:
        return ""
    parts = [values[len(values) * at // width : len(values) * (at + 1) // width] for at in range(width)]
    pieces = parts if len(values) > width else [[value] for value in values]
    means = [_mean([value for value in piece if value is not None]) for piece in pieces]
    return str(sparklines(means)[0])


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _duration(tune: Tune) -> str:
    until = tune.finished_at or dt.datetime.now(dt.UTC)
    return str(until - tune.created_at).partition(".")[0]
