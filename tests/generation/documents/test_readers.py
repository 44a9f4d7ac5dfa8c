"""Files into documents: the structure of each format, and the finding each bad file gets."""

import struct
import zlib

import pytest

from service.generation.documents.document import Block, Document, Finding
from service.generation.documents.limits import MAX_BLOCKS, MAX_BYTES, MAX_CHARACTERS, MAX_PAGES, MAX_RATIO, MAX_XML
from service.generation.documents.readers.reader import read_document
from tests.generation.documents.document_files import drawn, line, locked, pdf, unzipped, word, zipped

SCAN = b"q 612 0 0 792 0 0 cm /Im1 Do Q"
PAGE = drawn(
    [
        line("Engines", size=20),
        line("An engine turns heat into motion. It was im-", down=30),
        line("proved for two hundred years."),
        line("Then came electricity.", down=28),
        line("Steam", size=15, down=34),
        line("Steam came first.", down=22),
        line("- boilers", down=20),
        line("- valves"),
    ]
)
HTML = b"""<!doctype html><html><head><title>Food</title><style>p { color: red }</style></head><body>
<h1>Bread <i>and</i> butter</h1>Loose words<p>One<br>two<script>alert("no")</script> three</p>
<ul><li>flour<ol><li>wheat<li>rye</ol></li><li>salt</ul>
<table><tr><th>what<th>grams<tr><td>flour<td>500</table>
<h3>Oven</h3><pre>heat
  220</pre><blockquote><p>Warm is good.</p></blockquote></body></html>"""
MARKDOWN = b"""---
title: "Bread"
---
# All about *bread*

Flour and [water][1]
make dough.

- flour
- water

## Baking `hot`

| step | minutes |
|------|---------|
| bake | 40      |

> Patience.

```
heat 220
```

<div onclick="x()">Eat <b>warm</b>.<script>y()</script></div>

[1]: https://example.org
"""


def document(data: bytes, name: str, declared: str | None = None) -> Document:
    read = read_document(data, name=name, declared=declared)
    assert isinstance(read, Document), read
    for block in read.blocks:
        assert read.text[block.start : block.end] == block.text
    return read


def finding(data: bytes, name: str, declared: str | None = None) -> Finding:
    read = read_document(data, name=name, declared=declared)
    assert isinstance(read, Finding), read
    return read


def shape(read: Document) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(block.kind, block.text, block.path) for block in read.blocks]


def codes(read: Document) -> list[tuple[str, int | None]]:
    return [(finding.code, finding.page) for finding in read.findings]


def test_plain_text_is_parted_at_blank_lines_and_underlined_lines_are_headings() -> None:
    read = document(
        b"Trees\r\n=====\r\nOaks are old.\r\nVery old.\r\n\r\n\r\n- ash\r\n- elm\r\n\r\nEnd.\r\n", "trees.txt"
    )
    assert shape(read) == [
        ("heading", "Trees", ()),
        ("paragraph", "Oaks are old.\nVery old.", ("Trees",)),
        ("list", "- ash\n- elm", ("Trees",)),
        ("paragraph", "End.", ("Trees",)),
    ]
    assert (read.kind, read.title, read.pages, read.findings) == ("text", "Trees", None, ())


def test_a_document_without_title_or_heading_is_called_after_its_file() -> None:
    assert document(b"words", "notes/May 3.txt").title == "May 3"


def test_markdown_keeps_its_source_and_headings_lose_their_marks() -> None:
    read = document(MARKDOWN, "bread.md")
    bread, baking = ("All about bread",), ("All about bread", "Baking hot")
    assert shape(read) == [
        ("heading", "All about bread", ()),
        ("paragraph", "Flour and [water][1]\nmake dough.", bread),
        ("list", "- flour\n- water", bread),
        ("heading", "Baking hot", bread),
        ("table", "| step | minutes |\n|------|---------|\n| bake | 40      |", baking),
        ("quote", "> Patience.", baking),
        ("code", "```\nheat 220\n```", baking),
        ("paragraph", "Eat warm.", baking),
    ]
    assert read.title == "Bread"


def test_html_is_what_a_reader_sees_without_scripts_and_styles() -> None:
    read = document(HTML, "food.html")
    bread, oven = ("Bread and butter",), ("Bread and butter", "Oven")
    assert shape(read) == [
        ("heading", "Bread and butter", ()),
        ("paragraph", "Loose words", bread),
        ("paragraph", "One\ntwo three", bread),
        ("list", "- flour\n  1. wheat\n  2. rye\n- salt", bread),
        ("table", "what | grams\nflour | 500", bread),
        ("heading", "Oven", bread),
        ("code", "heat\n  220", oven),
        ("quote", "Warm is good.", oven),
    ]
    assert read.title == "Food"


def test_text_in_nested_tables_and_lists_comes_once() -> None:
    tables = b"<html><table><tr><td>a<table><tr><td>b<table><tr><td>c</table></table></table>"
    assert document(tables, "a.html").text == "a\nb\nc"
    lists = b"<html><ul><li>a<div><li>b</div><ul><li>c</ul></ul>"
    assert [document(lists, "a.html").text.count(letter) for letter in "abc"] == [1, 1, 1]


def test_html_that_names_its_encoding_is_read_in_it() -> None:
    page = '<html><meta charset="koi8-r"><p>Привет</p></html>'.encode("koi8-r")
    assert document(page, "a.html").text == "Привет"
    xhtml = '<?xml version="1.0" encoding="iso-8859-15"?><html><p>10 €</p></html>'.encode("iso-8859-15")
    assert (document(xhtml, "a.html").text, document(xhtml, "a.html").findings) == ("10 €", ())


def test_html_nested_beyond_measure_says_that_it_was_cut_off() -> None:
    read = document(b"<html><p>seen</p>" + b"<div>" * 5_000 + b"unseen", "deep.html")
    assert (read.text, codes(read)) == ("seen", [("partial", None)])
    assert finding(b"<html>" + b"<div>" * 5_000 + b"unseen", "deep.html").code == "not_readable"


def test_pdf_lines_become_paragraphs_lists_and_headings_with_their_page() -> None:
    read = document(pdf(PAGE, drawn([line("The second page.")])), "engines.pdf")
    assert [(block.kind, block.level, block.page, block.text, block.path) for block in read.blocks] == [
        ("heading", 1, 1, "Engines", ()),
        (
            "paragraph",
            None,
            1,
            "An engine turns heat into motion. It was improved for two hundred years.",
            ("Engines",),
        ),
        ("paragraph", None, 1, "Then came electricity.", ("Engines",)),
        ("heading", 2, 1, "Steam", ("Engines",)),
        ("paragraph", None, 1, "Steam came first.", ("Engines", "Steam")),
        ("list", None, 1, "- boilers\n- valves", ("Engines", "Steam")),
        ("paragraph", None, 2, "The second page.", ("Engines", "Steam")),
    ]
    assert (read.kind, read.title, read.pages, read.findings) == ("pdf", "Engines", 2, ())


def test_a_pdf_that_is_only_protected_from_changes_is_read() -> None:
    read = document(locked(pdf(PAGE, title="On engines"), user=""), "engines.pdf")
    assert (read.title, read.findings) == ("On engines", ())


def test_docx_keeps_headings_lists_and_tables_in_order() -> None:
    read = document(word(title="Ways to move"), "vehicles.docx")
    vehicles, bicycles = ("Vehicles",), ("Vehicles", "Bicycles")
    assert shape(read) == [
        ("heading", "Vehicles", ()),
        ("paragraph", "A vehicle carries people or goods.", vehicles),
        ("heading", "Bicycles", vehicles),
        ("list", "- Two wheels\n- One chain", bicycles),
        ("table", "part | count\nwheel | 2", bicycles),
        ("paragraph", "They need no fuel.", bicycles),
    ]
    assert (read.kind, read.title) == ("docx", "Ways to move")


def with_body(body: bytes) -> bytes:
    parts = unzipped(word())
    before, _, rest = parts["word/document.xml"].partition(b"<w:body>")
    parts["word/document.xml"] = before + b"<w:body>" + body + rest[rest.index(b"</w:body>") :]
    return zipped(parts)


def test_docx_text_in_content_controls_and_tracked_insertions_is_read_and_deleted_text_is_not() -> None:
    body = (
        b"<w:sdt><w:sdtContent><w:p><w:r><w:t>held</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        b"<w:p><w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del>"
        b"<w:r><w:tab/><w:t>end</w:t></w:r></w:p>"
    )
    assert [block.text for block in document(with_body(body), "a.docx").blocks] == ["held", "new\tend"]


def test_docx_cells_that_claim_to_span_a_billion_columns_cost_nothing() -> None:
    cell = b'<w:tc><w:tcPr><w:gridSpan w:val="1000000000"/></w:tcPr><w:p><w:r><w:t>wide</w:t></w:r></w:p></w:tc>'
    assert document(with_body(b"<w:tbl><w:tr>" + cell + b"</w:tr></w:tbl>"), "a.docx").text == "wide"


def test_entities_of_docx_are_not_expanded_and_reach_no_file() -> None:
    body = b"<w:p><w:r><w:t>seen</w:t></w:r><w:r><w:t>&e;</w:t></w:r></w:p>"
    for entity in (b'SYSTEM "file:///etc/hostname"', b'"expanded"'):
        parts = unzipped(with_body(body))
        _, _, rest = parts["word/document.xml"].partition(b"?>")
        parts["word/document.xml"] = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e ' + entity + b">]>" + rest
        assert document(zipped(parts), "a.docx").text == "seen"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_the_encoding(encoding: str) -> None:
    read = document("Größe €\n".encode(encoding), "a.txt")
    assert (read.text, read.findings) == ("Größe €", ())


@pytest.mark.parametrize(
    ("text", "encoding", "encoding_name"),
    [
        ("Où êtes-vous ? À l\u2019été, “naïf” garçon.", "cp1252", "cp1252"),
        ("café", "latin-1", "cp1252"),
        ("Привет, как дела? Сегодня хорошая погода.", "cp1251", "cp1251"),
        ("これは日本語の文章です。今日はいい天気ですね。", "shift_jis", "cp932"),
        ("plain words without a mark", "utf-16-le", "UTF-16-LE"),
        ("plain words without a mark", "utf-16-be", "UTF-16-BE"),
    ],
)
def test_an_encoding_that_is_guessed_is_said(text: str, encoding: str, encoding_name: str) -> None:
    read = document(text.encode(encoding), "a.txt")
    assert read.text == text
    assert [(finding.code, encoding_name in finding.detail) for finding in read.findings] == [
        ("encoding_guessed", True)
    ]


def test_a_declared_charset_is_taken_where_it_is_no_utf_8() -> None:
    read = document("Zażółć".encode("iso-8859-2"), "a.txt", "text/plain; charset=iso-8859-2")
    assert (read.text, read.findings) == ("Zażółć", ())
    assert document("Größe".encode(), "a.txt", 'text/plain; charset="latin-1"').text == "Größe"
    for wrong in ("zlib", "punycode", "unicode_escape", "nope"):
        assert document("Größe".encode("latin-1"), "a.txt", f"text/plain; charset={wrong}").text == "Größe"


def test_what_cannot_be_stored_is_left_out() -> None:
    assert document(b"a\0b \x07c\xc2\xad" + b"d" * 300, "a.txt").text == "ab c" + "d" * 300


@pytest.mark.parametrize(
    ("data", "name", "declared", "kind"),
    [
        (pdf(PAGE), "engines.docx", None, "pdf"),
        (pdf(PAGE), "engines.pdf", "text/plain", "pdf"),
        (word(), "vehicles.pdf", None, "docx"),
        (word(), "vehicles", "text/html; charset=utf-8", "docx"),
        (HTML, "food.txt", None, "html"),
        (HTML, "food.pdf", None, "html"),
        (b"just words", "words.pdf", None, "text"),
        (b"just words", "words", "application/pdf", "text"),
    ],
)
def test_a_file_that_lies_about_its_type_is_read_as_what_it_is(
    data: bytes, name: str, declared: str | None, kind: str
) -> None:
    read = document(data, name, declared)
    assert (read.kind, codes(read)) == (kind, [("type_mismatch", None)])


@pytest.mark.parametrize(
    ("data", "name", "declared", "kind"),
    [
        (b"# A", "a.txt", "text/markdown", "markdown"),
        (b"# A", "a.md", "application/octet-stream", "markdown"),
        (b"<p>A", "a.htm", None, "html"),
        (b"A", "a", None, "text"),
        (b"On %PDF- and %%EOF", "a.md", None, "markdown"),
        (b"RIFF is a format", "a.txt", None, "text"),
        (b"PK is no mark", "a.txt", None, "text"),
        (b"\n\n" + HTML, "a", "", "html"),
        (b"junk first\n" + pdf(PAGE), "a.pdf", None, "pdf"),
    ],
)
def test_a_type_is_found_from_bytes_declaration_and_name(
    data: bytes, name: str, declared: str | None, kind: str
) -> None:
    read = document(data, name, declared)
    assert (read.kind, read.findings) == (kind, ())


@pytest.mark.parametrize(
    ("data", "seems"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "JPEG"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "gzip"),
        (b"\0\0\0\x18ftypmp42\0", "MP4"),
        (b"{\\rtf1 words}", "RTF"),
        (b"%!PS-Adobe-3.0", "PostScript"),
        (b"<?xml version='1.0'?><feed/>", "XML"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "before 2007"),
        (zipped({"xl/workbook.xml": b"<x/>"}), "Excel"),
        (zipped({"ppt/presentation.xml": b"<x/>"}), "PowerPoint"),
        (zipped({"mimetype": b"application/epub+zip"}), "EPUB"),
        (zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}), "OpenDocument"),
        (zipped({"a.txt": b"a"}), "ZIP"),
        (bytes(range(256)) * 4, "unknown format"),
    ],
)
def test_what_is_not_supported_is_named(data: bytes, seems: str) -> None:
    read = finding(data, "file")
    assert (read.code, seems in read.detail) == ("unsupported", True)


def test_a_word_file_with_macros_is_not_supported() -> None:
    parts = unzipped(word())
    kinds = parts["[Content_Types].xml"]
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    parts["[Content_Types].xml"] = kinds.replace(main, b"application/vnd.ms-word.document.macroEnabled.main+xml")
    assert finding(zipped(parts), "a.docm").code == "unsupported"


@pytest.mark.parametrize(
    "data",
    [
        locked(pdf(PAGE), user="secret"),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le"),
        bytes([*word()[:6], word()[6] | 1, *word()[7:]]).replace(
            b"PK\x01\x02\x14\x03\x14\0\0", b"PK\x01\x02\x14\x03\x14\0\x01"
        ),
    ],
)
def test_a_file_that_needs_a_password_is_said_to_be_encrypted(data: bytes) -> None:
    assert finding(data, "secret").code == "encrypted"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.txt"),
        (b"\xef\xbb\xbf \r\n\t", "a.md"),
        (b"<html><script>x()</script></html>", "a.html"),
        (b"[1]: https://example.org", "a.md"),
        (pdf(b""), "a.pdf"),
        (pdf(), "a.pdf"),
        (with_body(b"<w:p/>"), "a.docx"),
    ],
)
def test_a_file_without_text_is_empty(data: bytes, name: str) -> None:
    assert finding(data, name).code == "empty"


def test_pages_that_are_pictures_are_named_and_a_pdf_of_nothing_else_is_scanned() -> None:
    read = document(pdf(PAGE, SCAN, PAGE, b"", picture=True), "a.pdf")
    assert codes(read) == [("scanned", 2)]
    assert {block.page for block in read.blocks} == {1, 3}
    assert finding(pdf(SCAN, SCAN, picture=True), "a.pdf") == Finding(
        code="scanned", detail="2 of 2 pages are pictures, and no page has text; run text recognition (OCR) first."
    )
    inline = b"q 9 0 0 9 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \xff\nEI Q"
    assert finding(pdf(inline), "a.pdf").code == "scanned"


def test_a_page_that_fails_costs_only_itself() -> None:
    read = document(pdf(PAGE, b"(" * 5_000, PAGE), "a.pdf")
    assert codes(read) == [("partial", 2)]
    assert {block.page for block in read.blocks} == {1, 3}
    assert finding(pdf(b"(" * 5_000), "a.pdf").code == "not_readable"


def test_after_many_findings_the_rest_are_counted() -> None:
    read = document(pdf(PAGE, *[SCAN] * 150, picture=True), "a.pdf")
    assert len(read.findings) == 101
    assert read.findings[-1] == Finding(code="partial", detail="50 more findings are not listed.")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (word()[:-300], "a.docx"),
        (zipped({**unzipped(word()), "word/document.xml": b"<w:document"}), "a.docx"),
        (zipped({"word/document.xml": b"<x/>"}), "a.docx"),
        (b"PK\x03\x04", "a.docx"),
        (b"%PDF-1.7\n", "a.pdf"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 100, "a.pdf"),
        (pdf(PAGE).replace(b"/Pages 2 0 R", b"/Pages 9 0 R"), "a.pdf"),
    ],
)
def test_a_file_that_is_damaged_is_not_readable(data: bytes, name: str) -> None:
    assert finding(data, name).code == "not_readable"


def test_a_pdf_whose_table_of_objects_is_wrong_is_read_all_the_same() -> None:
    assert (
        document(pdf(PAGE).replace(b"00000 n", b"00001 n").replace(b"startxref\n", b"startxref\n7"), "a.pdf").pages == 1
    )


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"a" * (MAX_BYTES + 1), "a.txt"),
        (b"a" * (MAX_CHARACTERS + 1), "a.txt"),
        (b"a" * (MAX_CHARACTERS + 1), "a.md"),
        (b"a\n\n" * (MAX_BLOCKS + 1), "a.txt"),
        (b"- a\n" * (MAX_BLOCKS + 1), "a.md"),
        (pdf(*[b""] * (MAX_PAGES + 1)), "a.pdf"),
        (pdf(b"BT /F1 9 Tf (" + b"a" * (MAX_CHARACTERS + 1) + b") Tj ET"), "a.pdf"),
        (zipped({**{str(number): b"" for number in range(1_001)}, **unzipped(word())}), "a.docx"),
    ],
)
def test_what_is_too_large_is_refused(data: bytes, name: str) -> None:
    assert finding(data, name).code == "too_large"


def test_a_docx_that_unpacks_beyond_measure_is_a_zip_bomb() -> None:
    assert finding(with_body(b"<w:p/>" * 2_000_000), "a.docx").code == "zip_bomb"
    spread = {f"word/{number}.bin": bytes(900_000) for number in range(200)}
    assert finding(zipped({**unzipped(word()), **spread}), "a.docx").code == "zip_bomb"


def test_a_docx_that_lies_about_its_size_is_not_unpacked_further_than_it_says() -> None:
    honest = with_body(b"<w:p/>" * 2_000_000)
    size = struct.pack("<I", len(unzipped(honest)["word/document.xml"]))
    assert size in honest
    assert finding(honest.replace(size, struct.pack("<I", 4_000)), "a.docx").code == "not_readable"


def test_streams_that_unpack_beyond_measure_fail_their_page() -> None:
    packed = zlib.compress(b" " * (MAX_XML * 2), 9)
    whole = pdf(PAGE, packed).replace(
        b"<< /Length %d >>" % len(packed), b"<< /Filter /FlateDecode /Length %d >>" % len(packed)
    )
    assert len(packed) * MAX_RATIO < MAX_XML * 2
    assert codes(document(whole, "a.pdf")) == [("partial", 2)]


def test_paths_name_the_headings_over_a_block() -> None:
    read = document(b"# A\n\n### B\n\nb\n\n## C\n\nc\n\n# D\n\nd\n", "a.md")
    assert [(block.text, block.path) for block in read.blocks if block.kind == "paragraph"] == [
        ("b", ("A", "B")),
        ("c", ("A", "C")),
        ("d", ("D",)),
    ]
    assert read.blocks[1] == Block(kind="heading", text="B", start=3, end=4, level=3, path=("A",))
