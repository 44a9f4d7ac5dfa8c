"""`make demo` as people run it: on an empty data directory, then `make serve` on the same data, then curl."""

import asyncio
import hashlib
import json
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest

from service.demo import people, raters
from service.demo.data import labels
from service.demo.data.collection import BETTER_HEADLINE, FIRST_HEADLINE
from service.demo.stage import READY, DemoFailed, Stage, get_log_file, open_stage
from service.demo.steps import generation
from service.settings import Settings
from tests.demo.conftest import DOOR, free_port
from tests.live_server import heed_interrupts
from tests.wheels import build_client, build_server, create_environment

PATIENCE = 300.0
RATED = ["ExampleRated", "ExampleRated"]
# The newest first: through the gate, back, forth, back, forth, and the first.
MOVES = [("v1.1", False), ("v1.0", True), ("v1.1", False), ("v1.0", True), ("v1.1", False), ("v1.0", False)]
LEARNT = ["v1.2", "v1.1", "v1.0"]


class Demo(msgspec.Struct, frozen=True, kw_only=True):
    """A demo that came to its end, and what its last lines offer to ask again, by what it says is answered."""

    settings: Settings
    sandbox_port: int
    code: int
    said: str
    complaints: str

    @property
    def key(self) -> str:
        match = re.search(r"KEY=\$\(cat (\S+)\)", self.said)
        assert match, self.said + self.complaints
        return Path(match[1]).read_text().strip()

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What the demo says is answered, and the line to ask it with."""
        return re.findall(r"^  # .+?: (.+)\n  (curl .+)$", self.said, re.MULTILINE)


def family_on(directory: Path) -> list[str]:
    """The command lines of all processes that run on this data directory."""
    family = []
    for process in psutil.process_iter():
        try:
            if str(directory) in shlex.join(process.cmdline()) + process.environ().get("TUNELEDGER_DATA_DIRECTORY", ""):
                family.append(shlex.join(process.cmdline()))
        except psutil.Error:
            continue
    return family


async def nothing_runs_on(directory: Path) -> None:
    """The guard of the embedded Postgres ends a moment after whom it guards."""
    async with asyncio.timeout(PATIENCE):
        while family_on(directory):  # noqa: ASYNC110 - a process tells nobody that it has ended
            await asyncio.sleep(0.2)


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`tuneledger` as people install it: from the wheels of server and client, into an empty environment."""
    scratch = tmp_path_factory.mktemp("wheels")
    client = next(path for path in build_client(scratch) if path.suffix == ".whl")
    python = create_environment(scratch / "environment", [client, f"{build_server(scratch)}[all]"])
    return python.with_name("tuneledger")


async def demo_on(command: Path, directory: Path, sandbox_port: int) -> asyncio.subprocess.Process:
    """The demo, run by the installed command in a folder that has nothing but its data."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("TUNELEDGER_")}
    for name in ("DATABASE_URL", "PYTHONPATH"):
        environment.pop(name, None)
    return await asyncio.create_subprocess_exec(
        *(command, "demo", "--sandbox-port", str(sandbox_port)),
        cwd=directory,
        env={**environment, "TUNELEDGER_DATA_DIRECTORY": str(directory)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=heed_interrupts,
    )


@pytest.fixture(scope="module")
def again(demo: Demo) -> Iterator[Stage]:
    """Everything, started again on what the demo left."""
    with open_stage(demo.settings, sandbox_port=demo.sandbox_port, bootstrap_key=DOOR) as up:
        yield up


async def run_line(line: str, up: Stage, key: str) -> bytes:
    """The answer to one of the lines, as a shell would run it."""
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", line), env={"PATH": os.environ["PATH"], "URL": up.url, "KEY": key}, stdout=subprocess.PIPE
    )
    answer, _ = await process.communicate()
    return answer


def headline(answer: bytes) -> str:
    return str(json.loads(answer)["content"]["messages"][-1]["content"])


@pytest.fixture(scope="module")
async def demo(command: Path, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    directory, port = tmp_path_factory.mktemp("demo"), free_port()
    process = await demo_on(command, directory, port)
    async with asyncio.timeout(PATIENCE):
        output, complaints = (text.decode() for text in await process.communicate())
    return Demo(
        settings=Settings(data_directory=directory),
        sandbox_port=port,
        code=process.returncode or 0,
        said=output,
        complaints=complaints,
    )


async def test_the_demo_ends_well_and_leaves_nothing_running(demo: Demo) -> None:
    assert demo.code == 0, demo.said + demo.complaints
    assert "the same, byte for byte" in demo.said
    await nothing_runs_on(demo.settings.data_directory)
    assert not (demo.settings.data_directory / "postgres" / "postmaster.pid").exists()


async def test_interrupted_it_leaves_nothing_running(command: Path, demo: Demo) -> None:
    log = get_log_file(demo.settings)
    before = log.read_text()
    process = await demo_on(command, demo.settings.data_directory, demo.sandbox_port)
    while process.returncode is None and (log.read_text() == before or not READY.search(log.read_text())):  # noqa: ASYNC110
        await asyncio.sleep(0.1)  # a file tells nobody that it has grown
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(PATIENCE):
        output, complaints = await process.communicate()
    assert (process.returncode, complaints.decode().split()[-1:]) == (130, ["Interrupted."]), output.decode()
    await nothing_runs_on(demo.settings.data_directory)


async def test_its_answers_hold_when_asked_with_curl_after_a_restart(demo: Demo, again: Stage) -> None:
    answers = [await run_line(line, again, demo.key) for _, line in demo.lines]
    history, uses, then, now, diff, version, exported, lineage, moves, current = answers[:10]
    says = [printed for printed, _ in demo.lines]

    steps = [(row["type"], row["actor"], row["reason"]) for row in json.loads(history)["data"]]
    assert [type_ for type_, _, _ in steps] == ["ExampleAdded", *RATED, "ExampleRepaired", *RATED]
    assert steps[3][1:] == ("ada (news-headlines)", "Rated 2 and worse.")
    assert [
        model_versions["version"] for row in json.loads(uses)["data"] for model_versions in row["model_versions"]
    ] == LEARNT
    assert [headline(then), headline(now)] == [says[2], says[3]] == [FIRST_HEADLINE, BETTER_HEADLINE]
    assert json.loads(diff)["changes"] == {"added": 47, "edited": 1, "removed": 1, "fields": {"content": 1}}
    assert json.loads(version)["digest"] == says[5]
    assert hashlib.sha256(exported).hexdigest() == says[6]
    assert exported.count(b"\n") == json.loads(version)["examples"] == 259
    assert [row["use"] for row in json.loads(lineage)["data"]] == ["training"]
    assert [(row["version"], row["rollback"]) for row in json.loads(moves)["data"]] == MOVES
    assert json.loads(current)["changes"] == {"added": 47, "edited": 1, "removed": 1}


async def test_what_became_of_a_complaint_can_be_asked_after_a_restart(demo: Demo, again: Stage) -> None:
    answers = [json.loads(await run_line(line, again, demo.key)) for _, line in demo.lines[10:]]
    generated, history, comparison, ruling, month, trail, receipt = answers

    assert (generated["source"]["type"], generated["tags"]) == ("synthetic", ["generated"])
    assert [row["type"] for row in history["data"]] == ["ExampleAdded", *RATED, "ExampleLabelled"]
    assert [row["target"]["name"] for row in comparison["data"]] == ["base model", "v1.0", "v1.1"]
    assert all(row["change"]["better"] for row in comparison["data"][1:])
    [move] = ruling["data"]
    assert (move["version"], move["overridden"], move["ruling"]["passed"]) == ("v1.1", False, True)
    assert (receipt["state"], receipt["remains"]) == ("complete", [])
    assert [(version["name"], version["examples"]) for version in receipt["held_by"]["dataset_versions"]] == [("v1", 1)]
    assert receipt["note"].splitlines()[-1].startswith("\u2014 ")
    figures = month["figures"]
    assert (figures["requests"], figures["errors"]) == (500, 5)
    assert figures["ratings"]["low"] == 40
    assert sorted(one["requests"] for one in month["failing"]["clusters"] if "low_rating" in one["ways"]) == [8] * 5
    assert trail["request"]["feedback"]["stars"] == 1
    [example] = trail["examples"]
    [model_versions] = [
        model_versions for held in example["dataset_versions"] for model_versions in held["model_versions"]
    ]
    assert (model_versions["version"], [each["passed"] for each in model_versions["evaluations"]]) == (
        "v1.2",
        [None, True],
    )


async def test_each_demo_has_names_of_its_own_and_gives_back_the_key_it_came_in_with(again: Stage) -> None:
    operators = Settings(bootstrap_key=DOOR)
    keys = [await people.create_demo_key(again.url, chosen, DOOR) for chosen in (operators, operators, Settings())]
    assert len({"news-headlines", *(key.names for key in keys)}) == 4
    with pytest.raises(DemoFailed, match="was answered with 401"):
        await people.create_demo_key(again.url, Settings(), DOOR)


@pytest.mark.parametrize("strict", [False, True])
def test_only_what_needs_work_or_is_middling_gets_less_than_four_stars(strict: bool) -> None:
    def stars(number: int, *tags: str, repaired: bool = False) -> int:
        content = {"messages": [{"role": "assistant", "content": "A headline of five words"}]}
        example = {"external_id": f"headline-{number:03}", "tags": tags, "repaired": repaired, "content": content}
        return int(raters.build_rating(example, strict=strict)["overall"]["value"])

    assert [number for number in range(1, 121) if stars(number) < 4] == [40, 80, 120]
    assert stars(25, "needs-work") < 3
    assert stars(25, "needs-work", repaired=True) >= 4


def test_three_annotators_slip_now_and_then_and_each_on_headlines_of_their_own() -> None:
    ids = [f"headline-{number:03}" for number in range(1, 201)]
    wrong = {
        name: {id_ for id_ in ids if labels.choose_category(id_, "sports", by=name, slips=slips) != "sports"}
        for name, slips in labels.SLIP_PERCENT.items()
    }
    assert [0 < len(slipped) < 40 for slipped in wrong.values()] == [True] * 3
    assert wrong["cleo"] != wrong["dan"] != wrong["eve"]


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("Ferry takes its last trip on Sunday", "good"),
        ("Ferry takes its last trip on Sunday, critics", "edited"),
        ("Ferry sinks, critics", "good"),
        ("Ferry, the last trip, Sunday", "rejected"),
    ],
)
def test_a_candidate_is_cut_where_a_word_dangles_and_rejected_where_it_strings_pieces(text: str, becomes: str) -> None:
    content = {"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": text}]}
    sorted_candidates = generation.sort_candidates([{"id": "one", "content": content}])
    assert {"good": sorted_candidates.good, "edited": sorted_candidates.edits, "rejected": sorted_candidates.rejected}[
        becomes
    ]
    assert [edit["content"]["messages"][-1]["content"] for edit in sorted_candidates.edits] in (
        [],
        [text.rpartition(",")[0]],
    )
