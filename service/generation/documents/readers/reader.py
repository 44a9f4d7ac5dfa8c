"""Read a file into a document. An unreadable file is a finding, never an exception."""

from pathlib import PurePosixPath

from service.generation.documents.document import Document, Finding, Kind
from service.generation.documents.limits import MAX_BYTES
from service.generation.documents.readers import html, markdown, plain_text
from service.generation.documents.readers.builder import Draft, UnreadableError
from service.generation.documents.readers.media_type import NAMES, detect_kind, find_declared_kind
from service.generation.documents.readers.text_decoder import decode_text

TEXT_READERS = {"text": plain_text.read, "markdown": markdown.read, "html": html.read}


def read_document(data: bytes, *, name: str, declared: str | None = None) -> Document | Finding:
    """The document in a file, or why it cannot be read. `declared` is the media type it came with, if any."""
    try:
        return _read(data, name=name, declared=declared)
    except UnreadableError as error:
        return error.finding
    except Exception as error:  # noqa: BLE001 - parsers raise anything on damaged bytes
        return Finding(code="not_readable", detail=f"The file is damaged or cut off ({type(error).__name__}).")


def _read(data: bytes, *, name: str, declared: str | None) -> Document:
    if len(data) > MAX_BYTES:
        raise UnreadableError("too_large", f"The file has {len(data):,} bytes; the limit is {MAX_BYTES:,}.")
    if not data.strip(b"\0\t\n\f\r \xef\xbb\xbf"):
        raise UnreadableError("empty", "The file is empty.")
    draft = Draft()
    kind = _choose_kind(data, draft, declared=find_declared_kind(name, declared))
    title, pages = _read_blocks(data, draft, kind=kind, declared=declared)
    if not draft.blocks:
        problem = next((finding.detail for finding in draft.findings if finding.code == "partial"), None)
        raise UnreadableError("not_readable", problem) if problem else UnreadableError("empty", "The file has no text.")
    return draft.build_document(kind, title=title, default_title=PurePosixPath(name).stem, pages=pages)


def _choose_kind(data: bytes, draft: Draft, *, declared: Kind | None) -> Kind:
    """The format to read the file as. A text is read as declared, since Markdown cannot be detected."""
    detected = detect_kind(data)
    if detected == "text" and declared in TEXT_READERS:
        return declared
    if declared is not None and declared != detected:
        detail = f"The file was declared as {NAMES[declared]}, but was read as {NAMES[detected]}."
        draft.note("type_mismatch", detail)
    return detected


def _read_blocks(data: bytes, draft: Draft, *, kind: Kind, declared: str | None) -> tuple[str, int | None]:
    """Add the blocks; return the title, or "", and the number of pages."""
    if kind == "pdf":
        from service.generation.documents.readers import pdf  # noqa: PLC0415 - slow to import, and few processes need it

        return pdf.read(data, draft)
    if kind == "docx":
        from service.generation.documents.readers import docx  # noqa: PLC0415 - slow to import, and few processes need it

        return docx.read(data, draft), None
    return TEXT_READERS[kind](decode_text(data, draft, declared=declared), draft), None
