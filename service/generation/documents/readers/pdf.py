"""Read PDF with pypdf, under limits: pages into lines; pdf_layout.py turns lines into paragraphs and headings."""

import logging
from io import BytesIO
from time import thread_time
from typing import Any

from pypdf import PageObject, PasswordType, PdfReader, apply_configuration
from pypdf.generic import DictionaryObject

from service.generation.documents.limits import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_FORMS_OF_A_PAGE,
    MAX_OBJECTS,
    MAX_OPERATORS,
    MAX_OPERATORS_OF_A_STREAM,
    MAX_PAGES,
    MAX_SECONDS,
    MAX_STREAM,
)
from service.generation.documents.readers.builder import Draft, UnreadableError
from service.generation.documents.readers.pdf_layout import Line, Lines, lay_out

# pypdf logs a line for each oddity, and a hostile file has millions. Real problems become findings.
logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)

DRAW, INLINE = b"Do", b"INLINE IMAGE"  # the second is pypdf's name for BI, ID and EI together
DRAWING = frozenset({DRAW, INLINE})
LIMITS: dict[str, Any] = {
    "maximum_declared_stream_length": MAX_STREAM,
    "array_based_stream_maximum_output_length": MAX_STREAM,
    "lzw_maximum_output_length": MAX_STREAM,
    "run_length_maximum_output_length": MAX_STREAM,
    "zlib_maximum_output_length": MAX_STREAM,
    "brotli_maximum_output_length": MAX_STREAM,
    "zlib_maximum_recovery_input_length": 1_000_000,
    "stream_decoding_work_maximum_length": 4 * MAX_STREAM,
    "stream_parsing_work_maximum_count": MAX_OPERATORS_OF_A_STREAM,
    "xform_maximum_invocations_per_extraction": MAX_FORMS_OF_A_PAGE,
    "page_tree_maximum_entries": 2 * MAX_PAGES,
    "page_tree_maximum_depth": MAX_DEPTH,
    "page_tree_maximum_page_entries": 50 * MAX_PAGES,
    "jbig2dec_binary": None,
    "disable_legacy_handling": True,
}


def read(data: bytes, draft: Draft) -> tuple[str, int]:
    """Add the blocks of all pages; return the title, or "", and the number of pages."""
    with apply_configuration(**LIMITS):
        reader = PdfReader(BytesIO(data), root_object_recovery_limit=MAX_PAGES, xref_stream_maximum_entries=MAX_OBJECTS)
        if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
            raise UnreadableError("encrypted", "The PDF is protected with a password.")
        _check_counts(reader)
        pages = list(reader.pages)
        lay_out(_read_lines(pages, draft), draft)
        return _find_title(reader), len(pages)


def _check_counts(reader: PdfReader) -> None:
    if sum(len(objects) for objects in reader.xref.values()) + len(reader.xref_objStm) > MAX_OBJECTS:
        raise UnreadableError("too_large", f"The PDF has more than {MAX_OBJECTS:,} objects.")
    if (pages := len(reader.pages)) > MAX_PAGES:
        raise UnreadableError("too_large", f"The PDF has {pages:,} pages; up to {MAX_PAGES:,} are read.")
    if not pages:
        raise UnreadableError("empty", "The PDF has no pages.")


def _read_lines(pages: list[PageObject], draft: Draft) -> list[Line]:
    """The lines of all readable pages. A page that fails, or that is a picture, is a finding."""
    text_lines: list[Line] = []
    failed = pictures = characters = 0
    monitor = PageMonitor()
    for number, page in enumerate(pages, 1):
        lines = Lines(number)
        try:
            monitor.start_page()
            page.extract_text(visitor_operand_before=monitor.count, visitor_text=lines.add)
            is_picture = not lines.characters and monitor.has_drawn_picture(page)
        except UnreadableError:
            raise
        except Exception as error:  # noqa: BLE001 - pypdf raises anything on a broken page
            failed += 1
            draft.note("partial", f"The page cannot be read ({type(error).__name__}).", page=number)
            continue
        if is_picture:
            pictures += 1
            draft.note("scanned", "The page is a picture without text; run text recognition (OCR) first.", page=number)
        text_lines += lines.finish()
        characters += lines.characters
        if characters > MAX_CHARACTERS:
            raise UnreadableError("too_large", f"The PDF has more than {MAX_CHARACTERS:,} characters of text.")
    if not characters:
        raise _build_empty_error(failed=failed, pictures=pictures, pages=len(pages))
    return text_lines


def _build_empty_error(*, failed: int, pictures: int, pages: int) -> UnreadableError:
    if pictures:
        return UnreadableError(
            "scanned",
            f"{pictures:,} of {pages:,} pages are pictures, and no page has text; run text recognition (OCR) first.",
        )
    if failed:
        return UnreadableError(
            "not_readable", f"{failed:,} of {pages:,} pages cannot be read, and the others have no text."
        )
    return UnreadableError("empty", "The PDF has no text and no pictures.")


def _has_image(page: DictionaryObject) -> bool:
    """Whether the page, or a form on it, has an image; up to MAX_FORMS_OF_A_PAGE of each are checked."""
    pending = [page]
    for _ in range(MAX_FORMS_OF_A_PAGE):
        if not pending:
            break
        resources = pending.pop().get("/Resources")
        objects = resources.get_object().get("/XObject") if resources is not None else None
        for reference in list(objects.get_object().values())[:MAX_FORMS_OF_A_PAGE] if objects is not None else ():
            drawn = reference.get_object()
            if drawn.get("/Subtype") == "/Image":
                return True
            pending.append(drawn)
    return False


class PageMonitor:
    """Counts operators to bound the cost of all pages, and notes whether the current page draws pictures."""

    def __init__(self) -> None:
        self._operators_left = MAX_OPERATORS
        self._deadline = thread_time() + MAX_SECONDS
        self._drawn: set[bytes] = set()

    def start_page(self) -> None:
        self._drawn = set()
        self.count(b"")

    def count(self, operator: bytes, *_: object) -> None:
        """Called by pypdf for each operator. Inside a form pypdf swallows the error; the next call raises it again."""
        self._operators_left -= 1
        if self._operators_left < 0 or thread_time() > self._deadline:
            limits = f"{MAX_OPERATORS:,} operators or {MAX_SECONDS} seconds"
            raise UnreadableError("too_large", f"The PDF takes more than {limits} to read.")
        if operator in DRAWING:
            self._drawn.add(operator)

    def has_drawn_picture(self, page: PageObject) -> bool:
        """Whether the page or a form on it drew an image. The image is not decoded."""
        return INLINE in self._drawn or (DRAW in self._drawn and _has_image(page))


def _find_title(reader: PdfReader) -> str:
    try:
        title = reader.metadata.title if reader.metadata else None
    except Exception:  # noqa: BLE001 - a broken title counts as none; the pages are still read
        return ""
    return title if isinstance(title, str) else ""
