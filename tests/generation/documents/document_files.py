"""Small files of every format, made on the spot."""

import zipfile
from collections.abc import Sequence
from io import BytesIO

import docx
from pypdf import PdfWriter

TOP, LEFT = 760, 72


def line(text: str, *, size: int = 11, down: int = 14) -> tuple[str, int, int]:
    """A line of a page: its text, the size of its type and the step down to it, in points."""
    return text, size, down


def drawn(lines: Sequence[tuple[str, int, int]]) -> bytes:
    """What draws these lines on a page."""
    y, shown = TOP, []
    for text, size, down in lines:
        y -= down
        escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        shown.append(f"BT /F1 {size} Tf 1 0 0 1 {LEFT} {y} Tm ({escaped}) Tj ET")
    return "\n".join(shown).encode("cp1252")


def pdf(*pages: bytes, title: str = "", picture: bool = False) -> bytes:
    """A PDF of pages drawn by these contents, in Helvetica; with a picture /Im1 that they may draw."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    objects.append(
        _stream(
            b"\xff" * 4,
            b"/Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8 ",
        )
    )
    objects.append(f"<< /Title ({title}) >>".encode())
    kids = []
    drawings = b" /XObject << /Im1 4 0 R >>" if picture else b""
    for content in pages:
        objects.append(_stream(content))
        contents = len(objects)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >>%s >> >>" % (contents, drawings)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    return _file(objects)


def _stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< %s/Length %d >>\nstream\n%s\nendstream" % (entries, len(data), data)


def _file(objects: list[bytes]) -> bytes:
    out = BytesIO()
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))
    return out.getvalue()


def locked(data: bytes, *, user: str, owner: str = "owner") -> bytes:
    """The PDF encrypted with AES-256. Without a user's password everybody may read it."""
    writer = PdfWriter(clone_from=BytesIO(data))
    writer.encrypt(user, owner, algorithm="AES-256")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def word(*, title: str = "") -> bytes:
    """A DOCX with two levels of headings, a list and a table."""
    document = docx.Document()
    document.core_properties.title = title
    document.add_heading("Vehicles", level=1)
    document.add_paragraph("A vehicle carries people or goods.")
    document.add_heading("Bicycles", level=2)
    document.add_paragraph("Two wheels", style="List Bullet")
    document.add_paragraph("One chain", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [cell for row in table.rows for cell in row.cells], ["part", "count", "wheel", "2"], strict=True
    ):
        cell.text = text
    document.add_paragraph("They need no fuel.")
    return saved(document)


def saved(document: object) -> bytes:
    out = BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
