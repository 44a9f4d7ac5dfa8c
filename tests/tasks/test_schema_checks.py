"""Checks that could take long: bounded in size and time, and never in the event loop."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import pytest

from service.tasks.domain import TaskState, edit
from service.tasks.json_schema import check_schema, encode_schema, weigh_schema
from service.tasks.schema_checks import check_output, check_outputs

SLOW: dict[str, Any] = {"type": "string", "pattern": "(a|b|c|d){3000}x"}  # linear, and yet half a second a kilobyte
TEXT = '"' + "abcd" * 16_000 + '"'


async def measure_longest_wait(running: "asyncio.Task[Any]") -> float:
    """The longest time that the event loop did nothing else, in seconds."""
    longest = 0.0
    while not running.done():
        before = time.monotonic()
        await asyncio.sleep(0.01)
        longest = max(longest, time.monotonic() - before)
    return longest


async def test_a_slow_check_ends_at_its_deadline_and_holds_up_nobody() -> None:
    schema = encode_schema(SLOW)
    weigh_schema(schema)
    started = time.monotonic()
    checking = asyncio.create_task(check_outputs(uuid4(), schema, [TEXT] * 3, seconds=1.0))
    assert await measure_longest_wait(checking) < 0.5
    assert [fault.code for faults in await checking for fault in faults] == ["not_checked"] * 3
    assert time.monotonic() - started < 9  # a slow check takes ten


async def test_one_workspace_takes_one_process_and_another_does_not_wait() -> None:
    schema, mallory = encode_schema(SLOW), uuid4()
    slow = [asyncio.create_task(check_output(mallory, schema, TEXT)) for _ in range(4)]
    await asyncio.sleep(0.1)
    started = time.monotonic()
    many = ['{"a": 1}'] * 10_000
    assert await check_outputs(uuid4(), encode_schema({"type": "object"}), many) == [[]] * len(many)
    assert time.monotonic() - started < 9  # a slow check takes ten
    for each in slow:
        each.cancel()


async def test_a_process_finds_the_same_faults() -> None:
    schema = encode_schema({"properties": {"n": {"type": "integer", "minimum": 3}}, "required": ["n"]})
    texts = ['{"n": 3}', '{"n": 1}', "{}", "no"]
    here = await check_outputs(uuid4(), schema, texts)
    there = await check_outputs(uuid4(), schema, texts * 1_000)
    assert here * 1_000 == there
    assert [[fault.code for fault in faults] for faults in here] == [[], ["minimum"], ["required"], ["not_json"]]


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"pattern": r"^(a*)*\1b0$"}, "/pattern"),
        ({"properties": {"a/b": {"pattern": "(?=a)b"}}}, "/properties/a~1b/pattern"),
        ({"patternProperties": {"(?<!a)b": {}}}, "/patternProperties/(?<!a)b"),
        ({"pattern": r"\p{L}{2000}"}, "/pattern"),
    ],
)
def test_a_pattern_that_is_not_linear_is_refused_where_it_stands(schema: dict[str, Any], pointer: str) -> None:
    assert [(fault.pointer, fault.code) for fault in check_schema(schema)] == [(pointer, "pattern")]


def too_large(kind: str) -> dict[str, Any]:
    """Built in its test: every process that collects tests would have to build it."""
    match kind:
        case "many patterns":
            return {"type": "string", "anyOf": [{"pattern": f"^{n}a*b$"} for n in range(600)]}
        case "large patterns":
            return {"anyOf": [{"pattern": rf"[^\x00]{{1000}}{n}"} for n in range(100)]}
        case "many values":
            return {"enum": [[] for _ in range(21_000)]}
        case _:
            return {"enum": [[] for _ in range(6_000_000)]}


@pytest.mark.parametrize("kind", ["many patterns", "large patterns", "many values", "19 MB"])
def test_a_schema_that_is_too_large_is_refused_soon(kind: str) -> None:
    schema = too_large(kind)
    started = time.monotonic()
    assert check_schema(schema)
    assert time.monotonic() - started < 5


async def test_a_task_of_before_keeps_its_patterns() -> None:
    """Look-around was allowed once: such a task is still checked, and its other fields change."""
    schema = {"type": "string", "pattern": "^(?!no)"}
    task = TaskState(name="old", instruction="x", output_schema=schema)
    assert [type(event).__name__ for event in edit(task, {"name": "new"}, reason=None)] == ["TaskEdited"]
    good, bad = await check_outputs(uuid4(), encode_schema(schema), ['"yes"', '"no"'])
    assert (good, [fault.code for fault in bad]) == ([], ["pattern"])
