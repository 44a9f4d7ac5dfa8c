"""Reading in a process of its own says what reading here says, and a reader that is stopped is a finding."""

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
    there = await apart.read_in_subprocess(TEXTS[name], name=name, declared=None)
    assert there == read_document(TEXTS[name], name=name)
    assert isinstance(there, Finding if name.startswith(("empty", "broken")) else Document)


async def test_a_reader_that_takes_too_long_is_stopped_and_that_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "TIMEOUT_SECONDS", 0.001)
    found = await apart.read_in_subprocess(b"text", name="slow.txt", declared=None)
    assert isinstance(found, Finding)
    assert found.code == "not_readable"


async def test_a_reader_that_dies_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_SOURCE", "/nowhere")
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    found = await apart.read_in_subprocess(b"text", name="dead.txt", declared=None)
    assert isinstance(found, Finding)
