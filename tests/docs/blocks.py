"""The fenced blocks of a page, and what a shell makes of them."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from service.server.supervisor import ROOT

DOCS = ROOT / "docs"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = ("sh", "python")
PRINTED = "text"
BETWEEN = "\x1e"  # said after each block that is run


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader runs, and what the page says it prints: a `text` block that follows. `…` stands for anything."""

    language: str
    code: str
    prints: str | None = None


def blocks(page: Path) -> list[Block]:
    blocks_found: list[Block] = []
    for language, code in FENCE.findall(page.read_text()):
        if language == PRINTED:
            blocks_found[-1] = msgspec.structs.replace(blocks_found[-1], prints=code)
        else:
            blocks_found.append(Block(language=language, code=code))
    return blocks_found


async def run_blocks(run: Sequence[Block], directory: Path, environment: dict[str, str]) -> list[str]:
    """What each block printed, run one after the other in one shell."""
    status, output, complaints = await run_in_shell(run, directory, environment)
    assert status == 0, f"{complaints}\nafter\n{output[-2_000:]}"
    return output.split(BETWEEN)[:-1]


async def run_in_shell(
    run: Sequence[Block], directory: Path, environment: dict[str, str]
) -> tuple[int | None, str, str]:
    """The shell's exit status, output and complaints. It ends at the first command that fails."""
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", "".join(_script(run))),
        cwd=directory,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, complaints = (text.decode() for text in await process.communicate())
    return process.returncode, output, complaints


def _script(run: Sequence[Block]) -> Iterator[str]:
    for block in run:
        code = block.code if block.language == "sh" else f"python3 - <<'END_OF_BLOCK'\n{block.code}END_OF_BLOCK\n"
        yield f"{code}printf '\\x1e'\n"


def matches(printed: str, wanted: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in wanted.strip().split("…"))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None
