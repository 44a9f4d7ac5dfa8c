"""Detect the format of a file from its bytes, and find the format that was declared for it."""

import re
from io import BytesIO
from pathlib import PurePosixPath
from types import MappingProxyType
from zipfile import BadZipFile, ZipFile

from service.generation.documents.document import Kind
from service.generation.documents.readers.builder import UnreadableError
from service.generation.documents.readers.text_decoder import looks_binary

NAMES = {"text": "plain text", "markdown": "Markdown", "html": "HTML", "pdf": "PDF", "docx": "DOCX"}
DECLARED: MappingProxyType[str, Kind] = MappingProxyType(
    {
        "text/plain": "text",
        "text/markdown": "markdown",
        "text/x-markdown": "markdown",
        "text/html": "html",
        "application/xhtml+xml": "html",
        "application/pdf": "pdf",
        "application/x-pdf": "pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    }
)
SUFFIXES: MappingProxyType[str, Kind] = MappingProxyType(
    {
        ".txt": "text",
        ".text": "text",
        ".md": "markdown",
        ".markdown": "markdown",
        ".html": "html",
        ".htm": "html",
        ".xhtml": "html",
        ".pdf": "pdf",
        ".docx": "docx",
    }
)
SIGNATURES = (
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"RIFF", "a WebP picture, or sound or video (RIFF)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\0", "a program"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"ID3", "sound (MP3)"),
    (b"OggS", "sound or video (Ogg)"),
)
TEXT_SIGNATURES = ((b"{\\rtf", "a rich text file (RTF)"), (b"%!PS", "a PostScript file"))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_FOLDERS = (("word/", "docx"), ("xl/", "an Excel workbook"), ("ppt/", "a PowerPoint presentation"))
MIMETYPES = (("epub", "an EPUB book"), ("opendocument", "an OpenDocument file"))
PDF_WITHIN = 1_024  # PDF readers look for %PDF- in the first bytes only
BEGINNING = rb"(?:\xef\xbb\xbf)?\s{0,1000}"
HTML = re.compile(
    BEGINNING
    + rb"(?:<\?xml[^>]{0,200}>\s{0,100})?(?:<!--(?:(?!-->)[\s\S]){0,2000}-->\s{0,100})?"
    + rb"<(?:!doctype\s+html|html|head|body)[\s>]",
    re.IGNORECASE,
)
XML = re.compile(BEGINNING + rb"<\?xml\s")
PDF = re.compile(BEGINNING + rb"%PDF-")


def find_declared_kind(name: str, declared: str | None) -> Kind | None:
    """The format declared by the media type, else by the file's suffix."""
    media_type = (declared or "").partition(";")[0].strip().lower()
    return DECLARED.get(media_type) or SUFFIXES.get(PurePosixPath(name.replace("\0", "")).suffix.lower())


def detect_kind(data: bytes) -> Kind:
    """The format of the file; "text" if no signature matches. Raises UnreadableError for formats that are not read."""
    # A text may begin with a signature's letters, such as "RIFF".
    for signature, what in (*TEXT_SIGNATURES, *(SIGNATURES if looks_binary(data) else ())):
        if data.startswith(signature):
            raise _build_unsupported_error(what)
    if data[4:8] == b"ftyp" and looks_binary(data):
        raise _build_unsupported_error("video or a picture (MP4, HEIC)")
    if data.startswith(OLE):
        raise _build_ole_error(data)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _detect_zip_kind(data)
    if PDF.match(data) or (b"%PDF-" in data[:PDF_WITHIN] and b"startxref" in data):
        return "pdf"
    if HTML.match(data):
        return "html"
    if XML.match(data):
        raise _build_unsupported_error("XML")
    return "text"


def _build_unsupported_error(what: str) -> UnreadableError:
    return UnreadableError("unsupported", f"The file seems to be {what}. Send text, Markdown, HTML, PDF or DOCX.")


def _build_ole_error(data: bytes) -> UnreadableError:
    """Office stores a password-protected file in its old OLE format."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return UnreadableError("encrypted", "The Office file is protected with a password.")
    return _build_unsupported_error("an Office file of before 2007 (.doc, .xls, .ppt)")


def _detect_zip_kind(data: bytes) -> Kind:
    try:
        with ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
            media_type = archive.open("mimetype").read(200).decode("ascii", "replace") if "mimetype" in names else ""
    except BadZipFile as error:
        what = "a DOCX" if b"word/" in data else "an archive"
        raise UnreadableError("not_readable", f"The file seems to be {what} that is damaged or cut off.") from error
    for mimetype, what in MIMETYPES:
        if mimetype in media_type:
            raise _build_unsupported_error(what)
    for folder, what in ZIP_FOLDERS:
        if any(name.startswith(folder) for name in names):
            if what == "docx":
                return "docx"
            raise _build_unsupported_error(what)
    raise _build_unsupported_error("a ZIP archive")
