"""Reading in a process of its own says what reading here says, and a reader that is stopped is a finding."""

import asyncio
import json
import sys
import zlib

import pytest

from service.generation.documents import subprocess_reader as apart
from service.generation.documents.document import Document, Finding
from service.generation.documents.readers.reader import read_document

TEXTS = {
    "notes.txt": "One line.\n\nAnother one, é.".encode(),
    "page.md": b"# Title\n\nA paragraph of it.\n",
    "page.html": b"<html><title>T</title><body><h1>H</h1><p>Text.</p></body></html>",
    "empty.txt": b"",
    "broken.pdf": b"%PDF-1.7\nnothing that follows",
    "-x": b"An odd name.",
}


@pytest.mark.parametrize("name", TEXTS)
async def test_a_file_reads_the_same_in_a_process_of_its_own(name: str) -> None:
    there = await apart.read_in_subprocess(TEXTS[name], name=name, declared=None, cpu_seconds=10)
    assert there == read_document(TEXTS[name], name=name)
    assert isinstance(there, Finding if name.startswith(("empty", "broken")) else Document)


async def test_a_reader_that_takes_too_long_is_stopped_and_that_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "WALL_SECONDS", -7.999)
    read = await apart.read_in_subprocess(b"text", name="slow.txt", declared=None, cpu_seconds=1)
    assert isinstance(read, Finding)
    assert read.code == "not_readable"


async def test_a_reader_that_dies_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "MODULE", "service.generation.documents.nowhere")
    read = await apart.read_in_subprocess(b"text", name="dead.txt", declared=None, cpu_seconds=10)
    assert isinstance(read, Finding)


def slow_pdf(pages: int = 12, operators: int = 390_000) -> bytes:
    """A PDF of some 44 kB whose pages draw so many lines to nowhere; to read it takes most of a minute."""
    stream = zlib.compress(b"0 0 m " * operators, 9)
    kids = b" ".join(b"%d 0 R" % (4 + page) for page in range(pages))
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids),
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        *[b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<</ProcSet[/PDF]>>/Contents 3 0 R>>"] * pages,
    ]
    file, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        offsets.append(b"%010d 00000 n \n" % len(file))
        file += b"%d 0 obj%s endobj\n" % (number, body)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(bodies) + 1, b"".join(offsets))
    trailer = b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (len(bodies) + 1, len(file))
    return file + table + trailer


async def test_a_slow_file_costs_no_more_than_the_processor_time_it_may_take() -> None:
    file = slow_pdf()
    assert len(file) < 60_000
    read = await apart.read_in_subprocess(file, name="slow.pdf", declared=None, cpu_seconds=1)
    assert isinstance(read, Finding)
    assert (read.code, "1 seconds of processor time" in read.detail) == ("too_large", True)


PROBE = """
import json, os, resource, socket, sys
from service.generation.documents.readers.confinement import confine

def attempt(do):
    try:
        return repr(do())
    except OSError as error:
        return type(error).__name__

parent = os.getppid()
namespace = os.readlink("/proc/self/ns/net")
confine(cpu_seconds=10)
print(json.dumps({
    "environment": sorted(os.environ),
    "user": os.geteuid(),
    "has_namespace": os.readlink("/proc/self/ns/net") != namespace,
    "connect": attempt(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5)),
    "secrets": attempt(lambda: open(f"/proc/{parent}/environ").read()),
    "fork": attempt(os.fork),
    "memory": resource.getrlimit(resource.RLIMIT_AS)[0],
    "file_size": resource.getrlimit(resource.RLIMIT_FSIZE)[0],
}))
"""


async def test_the_reader_has_no_secret_no_network_and_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNELEDGER_SECRET_KEY", "a secret")
    listener = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with listener:
        port = str(listener.sockets[0].getsockname()[1])
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", PROBE, port), stdout=asyncio.subprocess.PIPE, env=apart.build_environment()
        )
        output, _ = await process.communicate()
    report = json.loads(output)
    assert set(report["environment"]) <= {"LANG", "LC_CTYPE", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
    assert (report["memory"], report["file_size"]) == (512 * 2**20, 0)
    if report["user"] != 0:  # the kernel does not count root's processes
        assert report["fork"] == "BlockingIOError"
    if report["has_namespace"]:
        assert (report["connect"], report["secrets"]) == ("OSError", "PermissionError")
