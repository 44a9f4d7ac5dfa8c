"""Print the monthly report: volume, ratings, latency, failures and drift."""

from typing import Any

from rich.console import Console

from service.demo import terminal_tables
from service.demo.demo_client import Client
from service.demo.stage import DemoFailed
from service.demo.steps.production import VERSION, ProductionMonth
from service.demo.steps.record_proof import WalkResult

MAX_CLUSTERS = 8
INPUT_CHARACTERS = 62


def build_report_path(walk_result: WalkResult, month: str) -> str:
    return f"/models/{walk_result.model_id}/report?month={month}"


async def report(us: Client, walk_result: WalkResult, month_result: ProductionMonth, console: Console) -> None:
    """Print the report. Raises DemoFailed when its counts differ from what was logged."""
    report_body = await us.get(build_report_path(walk_result, month_result.month))
    figures = report_body["figures"]
    counted = figures["requests"], figures["ratings"]["rated"]
    if counted != (month_result.calls, month_result.rated):
        raise DemoFailed(
            f"The report counts {counted}, where {month_result.calls} were logged and {month_result.rated} rated."
        )
    terminal_tables.print_table(console, f"{month_result.month} in production", ["", ""], _list_figures(report_body))
    clusters = report_body["failing"]["clusters"]
    rows = [
        [cluster["requests"], _format_ways(cluster), cluster["input"].splitlines()[-1][:INPUT_CHARACTERS] + "…"]
        for cluster in clusters
    ]
    terminal_tables.print_table(console, "What failed, most first", ["calls", "how", "input"], rows[:MAX_CLUSTERS])


def _list_figures(report_body: Any) -> list[list[object]]:
    figures = report_body["figures"]
    latency, ratings = figures["latency_ms"], figures["ratings"]
    drift = next(version["drift"] for version in report_body["versions"] if version["version"] == VERSION)
    return [
        ["volume", f"{figures['requests']} requests, {figures['errors']} errors"],
        ["ratings", f"{ratings['rated']}, {ratings['average']:.2f} stars on average, {ratings['low']} of 2 and less"],
        ["latency", f"p50 {latency['p50']:.0f} ms, p95 {latency['p95']:.0f} ms"],
        ["cost", ", ".join(f"{each['total']} {each['currency']}" for each in figures["costs"])],
        ["drift", f"{drift['value']} from the training inputs, {drift['baseline']} among these"],
    ]


def _format_ways(cluster: Any) -> str:
    return ", ".join(f"{ways.replace('_', ' ')} {count}" for ways, count in cluster["ways"].items())
