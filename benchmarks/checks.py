"""Scan rows with planted faults (`make bench-checks`): how many are found, how many false alarms, time and memory."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from benchmarks.planted_faults import CATEGORIES, COMPANIONS, Planted
from service.datasets.checks.domain import RECORD_BYTES
from service.datasets.checks.scan_input import ScanFinding, ScanPlan, ScanResult, ScanTarget
from service.tasks.ontology import build_questions

ROWS = int(os.environ.get("BENCH_ROWS", "100000"))
TARGET = ScanTarget(
    name="openai/gpt-4.1-mini",
    method="supervised",
    format="openai_chat",
    max_tokens=600,
    tools=True,
    weights=True,
    min_examples=10,
    max_examples=None,
    max_file_bytes=None,
)
PLAN = ScanPlan(targets=(TARGET,), questions=build_questions((), categories=CATEGORIES))


class FaultFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows had a fault, the share of them that was found, and the share of other rows that was reported."""

    planted: int
    found: float
    false_alarms: float


class CheckBench(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds are those of the processor; memory is the most that the process held."""

    rows: int
    cpu_seconds: float
    wall_seconds: float
    peak_megabytes: float
    megabytes_at_tenth: float
    faults: dict[str, FaultFigures]


def write_input(planted: Planted, path: Path) -> None:
    with path.open("wb") as file:
        file.write(msgspec.json.encode(PLAN) + b"\n")
        for row in planted.make():
            file.write(json.dumps(row).encode() + b"\n")


def run_scan(path: Path) -> tuple[ScanResult, float, float]:
    """The result, the seconds of the processor, and the peak of memory in megabytes."""
    command = [sys.executable, "-m", "service.datasets.checks.scan"]
    with path.open("rb") as source, subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, "the scan failed"
    result = msgspec.msgpack.decode(output, type=ScanResult)
    return result, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def read_ids(finding: ScanFinding) -> set[UUID]:
    records = finding.records
    return {UUID(bytes=records[start : start + 16]) for start in range(0, len(records), RECORD_BYTES)}


def compare(planted: Planted, result: ScanResult) -> dict[str, FaultFigures]:
    found = {finding.code: read_ids(finding) for finding in result.findings}
    return {fault: _compare_fault(planted.planted, fault, found, planted.rows) for fault in sorted(planted.planted)}


def _compare_fault(
    planted: Mapping[str, set[UUID]], fault: str, found: Mapping[str, set[UUID]], rows: int
) -> FaultFigures:
    wanted, reported = planted[fault], found.get(fault, set())
    excused = wanted.union(*(planted[other] for other in COMPANIONS.get(fault, ())))
    return FaultFigures(
        planted=len(wanted),
        found=round(len(wanted & reported) / len(wanted), 4),
        false_alarms=round(len(reported - excused) / (rows - len(excused)), 5),
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        small, large = Planted(ROWS // 10), Planted(ROWS)
        write_input(small, path)
        _, _, memory = run_scan(path)
        write_input(large, path)
        began = time.monotonic()
        result, seconds, peak = run_scan(path)
        wall = time.monotonic() - began
    figures = CheckBench(
        rows=result.figures.rows,
        cpu_seconds=round(seconds, 1),
        wall_seconds=round(wall, 1),
        peak_megabytes=round(peak),
        megabytes_at_tenth=round(memory),
        faults=compare(large, result),
    )
    encoded: Any = msgspec.json.format(msgspec.json.encode(figures), indent=2)
    sys.stdout.write(encoded.decode() + "\n")


if __name__ == "__main__":
    main()
