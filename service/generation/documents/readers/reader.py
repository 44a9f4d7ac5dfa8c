"""Reads a file into a document, whatever its bytes: what cannot be read is a finding, never an exception."""

from pathlib import PurePosixPath

from service.generation.documents.document import Document, Finding, Kind
from service.generation.documents.limits import MAX_BYTES
from service.generation.documents.readers import html, markdown
from service.generation.documents.readers import plain_text as plain
from service.generation.documents.readers.builder import Draft, UnreadableError
from service.generation.documents.readers.media_type import NAMES, detect_kind, find_declared_kind
from service.generation.documents.readers.text_decoder import decode_text

TEXTS = {"text": plain.read, "markdown": markdown.read, "html": html.read}


def read_document(data: bytes, *, name: str, declared: str | None = None) -> Document | Finding:
    """The document in a file, or why it cannot be read. `declared` is the media type it came with, if any."""
    try:
        return _read(data, name=name, declared=declared)
    except UnreadableError as refusal:
        return refusal.finding
    except Exception as error:  # noqa: BLE001 - four parsers on a stranger's bytes: whatever they raise, the file is at fault
        return Finding(code="not_readable", detail=f"The file is damaged or cut off ({type(error).__name__}).")


def _read(data: bytes, *, name: str, declared: str | None) -> Document:
    if len(data) > MAX_BYTES:
        raise UnreadableError("too_large", f"The file has {len(data):,} bytes; up to {MAX_BYTES:,} are read.")
    if not data.strip(b"\0\t\n\f\r \xef\xbb\xbf"):
        raise UnreadableError("empty", "The file is empty.")
    draft = Draft()
    kind = _choose_kind(data, draft, said=find_declared_kind(name, declared))
    title, pages = _read_blocks(data, draft, kind=kind, declared=declared)
    if not draft.blocks:
        cut = next((finding.detail for finding in draft.findings if finding.code == "partial"), None)
        raise UnreadableError("not_readable", cut) if cut else UnreadableError("empty", "The file has no text.")
    return draft.document(kind, title=title, otherwise=PurePosixPath(name).stem, pages=pages)


def _choose_kind(data: bytes, draft: Draft, *, said: Kind | None) -> Kind:
    """What to read the file as. Of text, only its sender knows whether it is Markdown."""
    found = detect_kind(data)
    if found == "text" and said in TEXTS:
        return said
    if said is not None and said != found:
        draft.note(
            "type_mismatch", f"The file was said to be {NAMES[said]}, and is {NAMES[found]}; it was read as that."
        )
    return found


def _read_blocks(data: bytes, draft: Draft, *, kind: Kind, declared: str | None) -> tuple[str, int | None]:
    """Adds the blocks; returns the title, or none, and the number of pages."""
    if kind == "pdf":
        from service.generation.documents.readers import pdf  # noqa: PLC0415 - slow to import, and few processes need it

        return pdf.read(data, draft)
    if kind == "docx":
        from service.generation.documents.readers import docx  # noqa: PLC0415 - slow to import, and few processes need it

        return docx.read(data, draft), None
    return TEXTS[kind](decode_text(data, draft, declared=declared), draft), None
