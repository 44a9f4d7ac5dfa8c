"""Whatever the bytes, read() answers: with a document whose offsets hold, or with a finding."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.generation.documents.chunks.chunker import split_document
from service.generation.documents.document import Document, Finding
from service.generation.documents.readers.reader import read_document
from tests.generation.documents.document_files import drawn, line, locked, pdf, unzipped, word, zipped
from tests.generation.documents.test_readers import HTML, MARKDOWN, PAGE

PARTS = unzipped(word())
FILES = {
    "a.pdf": pdf(PAGE, b"q /Im1 Do Q", drawn([line("The end.")]), picture=True, title="T"),
    "b.pdf": locked(pdf(PAGE), user=""),
    "a.docx": word(title="T"),
    "a.html": HTML,
    "a.md": MARKDOWN,
    "a.txt": "Größe\n=====\n\n- a\n- b\n\nwords. Words.\n".encode("utf-16"),
}
NAMES = st.sampled_from([*FILES, "a", ".", "a.\0pdf", "\ud800.md"])
DECLARED = st.none() | st.sampled_from(["application/pdf", "text/html; charset=utf-16", "text/plain; charset=\ud800"])
Change = tuple[str, float, bytes]
CHANGES = st.lists(
    st.tuples(st.sampled_from(["cut", "insert", "overwrite", "double"]), st.floats(0, 1), st.binary(max_size=20)),
    min_size=1,
    max_size=8,
)


def changed(data: bytes, changes: list[Change]) -> bytes:
    for how, where, new in changes:
        at = int(where * len(data))
        match how:
            case "cut":
                data = data[:at] + data[at + 4 * len(new) :]
            case "insert":
                data = data[:at] + new + data[at:]
            case "overwrite":
                data = data[:at] + new + data[at + len(new) :]
            case _:
                data = data[:at] + data[max(0, at - 200) : at] + data[at:]
    return data


def answered(data: bytes, name: str, declared: str | None = None) -> None:
    document = read_document(data, name=name, declared=declared)
    if isinstance(document, Finding):
        assert document.detail.endswith(".")
        return
    assert isinstance(document, Document)
    assert document.blocks
    assert (document.text + document.title).encode()  # no lone surrogate
    assert "\0" not in document.text + document.title
    assert [document.text[block.start : block.end] for block in document.blocks] == [
        block.text for block in document.blocks
    ]
    assert all(
        document.text[chunk.start : chunk.end] == chunk.text for chunk in split_document(document, target_words=20)
    )


@settings(max_examples=400, deadline=None)
@given(file=st.sampled_from(sorted(FILES)), changes=CHANGES)
def test_damaged_files_are_answered(file: str, changes: list[Change]) -> None:
    answered(changed(FILES[file], changes), file)


@settings(max_examples=200, deadline=None)
@given(part=st.sampled_from(sorted(name for name in PARTS if name.endswith((".xml", ".rels")))), changes=CHANGES)
def test_a_docx_with_damaged_parts_is_answered(part: str, changes: list[Change]) -> None:
    answered(zipped({**PARTS, part: changed(PARTS[part], changes)}), "a.docx")


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=300) | CHANGES.map(lambda changes: changed(PAGE, changes)))
def test_a_pdf_that_draws_anything_is_answered(content: bytes) -> None:
    answered(pdf(content, PAGE), "a.pdf")


@settings(max_examples=300, deadline=None)
@given(
    data=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")),
    name=NAMES,
    declared=DECLARED,
)
@example(data=b"%PDF-", name="a", declared=None)
@example(data=b"PK\x05\x06" + bytes(18), name="a", declared=None)
@example(data=b"<html>", name="a", declared=None)
@example(data=b"\xff\xfe\x00\xd8", name="a.txt", declared=None)
@example(data=b"\xff\xfe\0\0\0\0\x11\0", name="a.txt", declared=None)
def test_any_bytes_under_any_name_are_answered(data: bytes, name: str, declared: str | None) -> None:
    answered(data, name, declared)
