"""Read a plan and rows as JSON lines from standard input; write what was found to standard output."""

import os
import sys
from typing import BinaryIO

import msgspec

from service.datasets.checks.scan.dataset_scanner import DatasetScanner
from service.datasets.checks.scan.dataset_totals import build_result
from service.datasets.checks.scan_input import ScanPlan, ScanResult, ScanRow

PAGE_ROWS = 1_000
PAGE_BYTES = 4_000_000
LOW_PRIORITY = 15  # requests come first


def scan(source: BinaryIO) -> ScanResult:
    """The first line is the plan, each other one a row."""
    scanner = DatasetScanner(msgspec.json.decode(source.readline(), type=ScanPlan))
    decoder = msgspec.json.Decoder(ScanRow)
    while lines := source.readlines(PAGE_BYTES):
        for start in range(0, len(lines), PAGE_ROWS):
            scanner.add([decoder.decode(line) for line in lines[start : start + PAGE_ROWS]])
    return build_result(scanner)


if __name__ == "__main__":
    os.nice(LOW_PRIORITY)
    sys.stdout.buffer.write(msgspec.msgpack.encode(scan(sys.stdin.buffer)))
