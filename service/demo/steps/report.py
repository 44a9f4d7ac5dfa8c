"""The month's report: how much, how good, how fast, what failed, and whether people ask for what was taught."""

from typing import Any

from rich.console import Console

from service.demo import terminal_tables as showing
from service.demo.demo_client import Client
from service.demo.stage import DemoFailed
from service.demo.steps.production import VERSION, Served
from service.demo.steps.record_proof import Walked

SHOWN = 8
INPUT_CHARACTERS = 62


def path_of(walked: Walked, month: str) -> str:
    return f"/models/{walked.model_id}/report?month={month}"


async def report(us: Client, walked: Walked, served: Served, console: Console) -> None:
    """Show it. Raises DemoFailed when it counts anything but what was logged."""
    found = await us.get(path_of(walked, served.month))
    figures = found["figures"]
    counted = figures["requests"], figures["ratings"]["rated"]
    if counted != (served.calls, served.rated):
        raise DemoFailed(f"The report counts {counted}, where {served.calls} were logged and {served.rated} rated.")
    showing.show(console, f"{served.month} in production", ["", ""], _figures(found))
    clusters = found["failing"]["clusters"]
    rows = [[one["requests"], _ways(one), one["input"].splitlines()[-1][:INPUT_CHARACTERS] + "…"] for one in clusters]
    showing.show(console, "What failed, most first", ["calls", "how", "input"], rows[:SHOWN])


def _figures(found: Any) -> list[list[object]]:
    figures = found["figures"]
    took, rated = figures["latency_ms"], figures["ratings"]
    drift = next(version["drift"] for version in found["versions"] if version["version"] == VERSION)
    return [
        ["volume", f"{figures['requests']} requests, {figures['errors']} errors"],
        ["ratings", f"{rated['rated']}, {rated['average']:.2f} stars on average, {rated['low']} of 2 and less"],
        ["latency", f"p50 {took['p50']:.0f} ms, p95 {took['p95']:.0f} ms"],
        ["cost", ", ".join(f"{each['total']} {each['currency']}" for each in figures["costs"])],
        ["drift", f"{drift['value']} from the training inputs, {drift['baseline']} among these"],
    ]


def _ways(cluster: Any) -> str:
    return ", ".join(f"{ways.replace('_', ' ')} {count}" for ways, count in cluster["ways"].items())
