"""Turn text of any encoding into UTF-8: as it was said, by its byte order mark, or by what the bytes look like."""

import codecs
import re
from collections.abc import AsyncIterator

import msgspec
from charset_normalizer import from_bytes

from service.datasets.imports.containers.unreadable import Unreadable
from service.errors import Fault

BOMS = {  # the longer ones first: the mark of UTF-32 starts with that of UTF-16
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
WINDOWS_1252 = "windows-1252"
# Bytes of Windows-1252 that other code pages of Latin scripts read the same way, or that only occur in Western texts.
# Without the letters that are others in Hungarian, Romanian, Polish and Turkish.
WESTERN = set("€„…“”•—™\xa0«»¡¿£§©®°·ÄÀÂÁÇÈÉÊËÍÎÏÑÓÔÖÚÜßàáâäåçèéêëíîïñòóôöøùúüœæÆŒØÅ\u2018\u2019\u201a\u2013")
LIKELY = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "iso8859_2", "koi8_r"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949"),
]
WORD_AROUND = re.compile(r"[^\s\"',:;{}\[\]]{0,20}[^\x00-\x7f][^\s\"',:;{}\[\]]{0,20}")
UNUSUAL = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"})
MIN_SHARE_OF_NULS = 0.05
ESCAPED = "".join(map(chr, range(0xDC80, 0xDD00)))  # what bytes become that are no characters
MAX_CHARACTER_BYTES = 4


class TextEncoding(msgspec.Struct, frozen=True, kw_only=True):
    """How the bytes of a text are read. `mark` is the byte order mark that it starts with."""

    name: str
    mark: bytes = b""
    is_guess: bool = False


def recognize_encoding(start: bytes, said: str | None) -> TextEncoding:
    """The encoding of a text by its first bytes. Raises Unreadable when it was not said and is not certain."""
    mark = next((mark for mark in BOMS if start.startswith(mark)), b"")
    if said is not None:
        return TextEncoding(name=_look_up(said), mark=mark if _is_marked(mark, said) else b"")
    if mark:
        return TextEncoding(name=BOMS[mark], mark=mark)
    if (wide := _find_utf_16(start)) is not None:
        return TextEncoding(name=wide)
    if not _is_another_encoding(start):
        return TextEncoding(name="utf-8")
    guess = _guess(start)
    return TextEncoding(name=guess, is_guess=guess != "utf-8")


def decode_start(start: bytes, encoding: TextEncoding) -> str:
    """The first characters of a text; the last one may be missing."""
    text = _transcode(_build_decoder(encoding.name), start.removeprefix(encoding.mark), encoding.name)
    return text.decode(errors="surrogateescape")


async def decode_text(
    blocks: AsyncIterator[bytes], encoding: TextEncoding, *, has_bare_returns: bool = False
) -> AsyncIterator[bytes]:
    """The same text as UTF-8 without its mark. What cannot be decoded stays as it is: its row gets the fault.

    `has_bare_returns`: lines end in a carriage return alone, as on old Macs.
    """
    mark = encoding.mark
    decoder = None if encoding.name == "utf-8" else _build_decoder(encoding.name)
    async for raw in blocks:
        block, mark = raw.removeprefix(mark), b""
        if encoding.is_guess and _is_utf_8(block):
            detail = f"The file starts in {encoding.name} and goes on in UTF-8; write it in one encoding."
            raise Unreadable(Fault(detail=detail, code="not_utf8"))
        text = block if decoder is None else _transcode(decoder, block, encoding.name)
        if text:
            yield text.replace(b"\r", b"\n") if has_bare_returns else text
    if decoder is not None and (rest := _transcode(decoder, b"", encoding.name, final=True)):
        yield rest


def build_encoding_fault(data: bytes, encoding: str, *, at: str = "", line: int | None = None) -> Fault:
    """Say which byte of a row is no character, and what it would be in Windows-1252."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        byte = data[error.start]
        if error.end == len(data) and "end of data" in error.reason:
            return Fault(pointer=at, detail="The file ends in the middle of a character.", code="truncated", line=line)
        detail = f"Byte {error.start} of this row (0x{byte:02X}) is not {_to_label(encoding)}"
        near = _find_word(data[max(error.start - 20, 0) : error.start + 21])
        if near and encoding == "utf-8":
            detail += f"; as Windows-1252 it reads {near!r}. If that is right, send encoding={WINDOWS_1252}"
    else:
        detail = f"This row is not {_to_label(encoding)}"
    return Fault(pointer=at, detail=f"{detail}.", code="not_utf8", line=line)


def is_text_encoding(name: str) -> bool:
    """Whether Python reads texts in an encoding of this name."""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return bool(found._is_text_encoding) and found.name not in UNUSUAL  # noqa: SLF001


def _look_up(said: str) -> str:
    if not is_text_encoding(said):
        detail = f"Unknown encoding {said[:64]!r}; common ones are utf-8, utf-16, windows-1252, shift_jis and gb18030."
        raise Unreadable(Fault(detail=detail, code="unknown_encoding"))
    name = codecs.lookup(said).name
    return "utf-8" if name == "utf-8-sig" else name


def _is_marked(mark: bytes, said: str) -> bool:
    """Whether the mark belongs to the encoding that was said."""
    return bool(mark) and BOMS[mark].replace("-", "").startswith(re.sub("[-_ ]|sig$", "", said.lower()))


def _find_utf_16(start: bytes) -> str | None:
    """UTF-16 without a mark: its ASCII characters have a NUL each, all on the same side."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    share = max(even, odd) / max(len(start), 1)
    if min(even, odd) or share < (
        MIN_SHARE_OF_NULS if _find_first_fault(start) < len(start) else 5 * MIN_SHARE_OF_NULS
    ):
        return None
    name = "utf-16-be" if even else "utf-16-le"
    try:
        codecs.getincrementaldecoder(name)().decode(start)
    except UnicodeDecodeError:
        return None
    return name


def _is_another_encoding(start: bytes) -> bool:
    """Whether there are bytes that are not UTF-8, and no characters that are."""
    text = start.decode(errors="surrogateescape")
    whole = text[:-MAX_CHARACTER_BYTES] + text[-MAX_CHARACTER_BYTES:].rstrip(ESCAPED)  # the last one may go on
    return not whole.isascii() and not re.search(f"[^\x00-\x7f{ESCAPED[0]}-{ESCAPED[-1]}]", whole)


def _has_few_faults(start: bytes) -> bool:
    """Whether only some lines are not UTF-8: then it is those that are at fault."""
    lines = start.split(b"\n")
    return sum(not line.isascii() for line in lines) * 10 < len(lines)


def _guess(start: bytes) -> str:
    """Windows-1252 where nothing else is likely. Raises Unreadable with what the text looks like."""
    matches = from_bytes(start, cp_isolation=LIKELY)
    best = matches.best()
    names = [match.encoding for match in matches]
    alike = best.could_be_from_charset if best else []
    characters = set(start.decode(WINDOWS_1252, errors="replace")) - {chr(code) for code in range(128)}
    is_western = characters <= WESTERN or ("cp1252" in alike and not characters & set("\ufffdþðÞÐ"))
    if is_western and ("cp1252" in names or "cp1252" in alike):
        return WINDOWS_1252
    if _has_few_faults(start):
        return "utf-8"
    likely = best.encoding if best else WINDOWS_1252
    line = start[: _find_first_fault(start)].count(b"\n") + 1
    reading = start.decode(likely, errors="replace")
    word = WORD_AROUND.search(reading)
    shown = f" ({word[0]!r})" if word else ""
    detail = (
        f"The file is not UTF-8, first on line {line}. It looks like {likely}{shown}: "
        f"if that is right, send encoding={likely}, else the encoding it has."
    )
    raise Unreadable(Fault(detail=detail, code="not_utf8", line=line))


def _is_utf_8(block: bytes) -> bool:
    return not block.isascii() and _find_first_fault(block) >= len(block) - MAX_CHARACTER_BYTES


def _find_first_fault(data: bytes) -> int:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start
    return len(data)


def _find_word(data: bytes) -> str | None:
    try:
        match = WORD_AROUND.search(data.decode(WINDOWS_1252))
    except UnicodeDecodeError:
        return None
    return match[0] if match else None


def _build_decoder(name: str) -> codecs.IncrementalDecoder:
    # Bytes of a code page that mean nothing stay bytes; the wide encodings cannot keep them.
    is_wide = name.startswith(("utf-16", "utf-32"))
    return codecs.getincrementaldecoder(name)("strict" if is_wide else "surrogateescape")


def _transcode(decoder: codecs.IncrementalDecoder, block: bytes, name: str, *, final: bool = False) -> bytes:
    try:
        return decoder.decode(block, final).encode(errors="surrogateescape")
    except UnicodeError as error:
        detail = f"The file is not {_to_label(name)}: {error}."
        raise Unreadable(Fault(detail=detail[:500], code="not_utf8")) from error


def _to_label(name: str) -> str:
    return name.upper() if name.startswith("utf") else name
