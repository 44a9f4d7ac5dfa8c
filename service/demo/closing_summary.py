"""The closing: what was made, with ids, and lines to try."""

from rich.console import Console
from rich.table import Table

from service.demo.demo_client import Answer
from service.demo.steps.audit_questions import Looped
from service.demo.steps.record_proof import Walked


def close(console: Console, walked: Walked, looped: Looped, answers: list[Answer], *, url: str, secret: str) -> None:
    """`url` is where `make serve` listens; the lines work while it runs."""
    console.print()
    console.print(_made(walked, looped))
    console.print()
    console.print(_said(walked))
    _line(
        console, "\nThe record, as it answered before and after a restart. Start it again with `make serve`, and try:\n"
    )
    _line(console, f"  export URL={url} KEY={secret}")
    for one in answers:
        _line(console, f"\n  # {one.asks}: {one.says}")
        _line(console, f'  curl -s "$URL/v1{one.path}" -H "Authorization: Bearer $KEY"')
    _line(console, "")


def _made(walked: Walked, looped: Looped) -> Table:
    table = Table(title="What was made", title_justify="left", box=None, header_style="bold")
    table.add_column()
    table.add_column("name", no_wrap=True)
    table.add_column("id", no_wrap=True)
    table.add_column()
    v1, v2 = walked.versions
    table.add_row("task", walked.name, walked.task_id)
    table.add_row("dataset", walked.name, walked.dataset_id)
    table.add_row("version", v1["name"], "", f"{v1['examples']} examples")
    table.add_row("version", v2["name"], "", f"{v2['examples']} examples")
    table.add_row("connection", walked.name, walked.connection_id)
    for tune in [*walked.tunes, looped.tune]:
        table.add_row("tune", tune["base_model"].rpartition("-20")[0], tune["id"], tune["dataset_version"])
    table.add_row("model", walked.name, walked.model_id, "v1.0, v1.1, v1.2")
    table.add_row("example", "a repaired one", walked.repaired_id)
    table.add_row("example", "an edited one", walked.edited_id)
    table.add_row("example", "a generated one", looped.generated_id)
    table.add_row("example", "a labelled one", looped.labelled_id)
    table.add_row("evaluation", "of three", looped.evaluation_id, "base, v1.0, v1.1")
    table.add_row("request", "a complaint", looped.followed_id)
    return table


def _said(walked: Walked) -> Table:
    table = Table(title="One summary, asked of each", title_justify="left", box=None, show_header=False)
    for who, said in walked.said.items():
        table.add_row(who, said)
    return table


def _line(console: Console, text: str) -> None:
    # As it is: neither wrapped nor coloured, so that it can be copied.
    console.print(text, markup=False, highlight=False, soft_wrap=True)
