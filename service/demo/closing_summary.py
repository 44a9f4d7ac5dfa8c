"""Print what the demo created, with ids, and commands to try."""

from rich.console import Console
from rich.table import Table

from service.demo.demo_client import RecordedAnswer
from service.demo.steps.audit_questions import LoopResult
from service.demo.steps.record_proof import WalkResult


def print_closing(
    console: Console,
    walk_result: WalkResult,
    loop_result: LoopResult,
    answers: list[RecordedAnswer],
    *,
    url: str,
    secret: str,
) -> None:
    """Print the summary. The commands work while `make serve` listens at `url`."""
    console.print()
    console.print(_build_resource_table(walk_result, loop_result))
    console.print()
    console.print(_build_answer_table(walk_result))
    _print_plain(
        console, "\nThe record, as it answered before and after a restart. Start it again with `make serve`, and try:\n"
    )
    _print_plain(console, f"  export URL={url} KEY={secret}")
    for answer in answers:
        _print_plain(console, f"\n  # {answer.asks}: {answer.says}")
        _print_plain(console, f'  curl -s "$URL/v1{answer.path}" -H "Authorization: Bearer $KEY"')
    _print_plain(console, "")


def _build_resource_table(walk_result: WalkResult, loop_result: LoopResult) -> Table:
    table = Table(title="What was made", title_justify="left", box=None, header_style="bold")
    table.add_column()
    table.add_column("name", no_wrap=True)
    table.add_column("id", no_wrap=True)
    table.add_column()
    v1, v2 = walk_result.versions
    table.add_row("task", walk_result.name, walk_result.task_id)
    table.add_row("dataset", walk_result.name, walk_result.dataset_id)
    table.add_row("version", v1["name"], "", f"{v1['examples']} examples")
    table.add_row("version", v2["name"], "", f"{v2['examples']} examples")
    table.add_row("connection", walk_result.name, walk_result.connection_id)
    for tune in [*walk_result.tunes, loop_result.tune]:
        table.add_row("tune", tune["base_model"].rpartition("-20")[0], tune["id"], tune["dataset_version"])
    table.add_row("model", walk_result.name, walk_result.model_id, "v1.0, v1.1, v1.2")
    table.add_row("example", "a repaired one", walk_result.repaired_id)
    table.add_row("example", "an edited one", walk_result.edited_id)
    table.add_row("example", "a generated one", loop_result.generated_id)
    table.add_row("example", "a labelled one", loop_result.labelled_id)
    table.add_row("evaluation", "of three", loop_result.evaluation_id, "base, v1.0, v1.1")
    table.add_row("request", "a complaint", loop_result.followed_id)
    return table


def _build_answer_table(walk_result: WalkResult) -> Table:
    table = Table(title="One summary, asked of each", title_justify="left", box=None, show_header=False)
    for who, text in walk_result.answers_by_target.items():
        table.add_row(who, text)
    return table


def _print_plain(console: Console, text: str) -> None:
    # Neither wrapped nor coloured, so that it can be copied.
    console.print(text, markup=False, highlight=False, soft_wrap=True)
