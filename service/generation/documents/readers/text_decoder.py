"""Decode text files: by byte order mark, as UTF-8, by the declared charset, and last by a guess."""

import codecs
import re

from charset_normalizer import from_bytes

from service.generation.documents.readers.builder import Draft, UnreadableError

REFUSED_ENCODINGS = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
)  # slow, or not charsets
BYTE_ORDER_MARKS = (  # UTF-32's begins like UTF-16's, so it is checked first
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WIDE = ("utf-16-le", "utf-16-be")
CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
META = re.compile(rb"<(?:meta|\?xml)\b[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
META_WITHIN = 4_096  # bytes
SAMPLE = 64 * 1024  # bytes to guess from
MIN_SAMPLE = 16  # bytes; fewer match almost any encoding
FALLBACK_ENCODING = "cp1252"  # usual for Western files; a superset of Latin-1's letters
CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27})
MAX_CONTROLS = 0.01  # largest share of control bytes in a text


def decode_text(data: bytes, draft: Draft, *, declared: str | None) -> str:
    """The text; a guessed encoding is a finding. Raises UnreadableError for binary data."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decode_marked(data, encoding, draft)
    if not has_many_controls(data) and (text := _decode_strictly(data, "utf-8")) is not None:
        return text
    if wide := _detect_wide(data):
        draft.note("encoding_guessed", f"The encoding was guessed: {wide.upper()}.")
        return data.decode(wide, "replace")
    if looks_binary(data):
        raise UnreadableError("unsupported", "The file is binary data of an unknown format.")
    for encoding in filter(None, (find_charset(declared), _find_meta_charset(data))):
        if (text := _decode_strictly(data, encoding)) is not None:
            return text
    guess = _guess_encoding(data)
    draft.note("encoding_guessed", f"The text is not UTF-8; the encoding was guessed: {guess}.")
    return data.decode(guess, "replace")


def _decode_marked(data: bytes, encoding: str, draft: Draft) -> str:
    text = _decode_strictly(data, encoding)
    if text is None:
        draft.note(
            "encoding_guessed",
            f"Parts of the text are not {encoding.upper()}, as its byte order mark says; they became \ufffd.",
        )
        return data.decode(encoding, "replace")
    return text


def _decode_strictly(data: bytes, encoding: str) -> str | None:
    try:
        return None if codecs.lookup(encoding).name in REFUSED_ENCODINGS else data.decode(encoding)
    except (LookupError, UnicodeError):
        return None


def find_charset(declared: str | None) -> str | None:
    """The charset that a media type names."""
    match = CHARSET.search(declared or "")
    return match[1] if match else None


def _find_meta_charset(data: bytes) -> str | None:
    match = META.search(data[:META_WITHIN])
    return match[1].decode("ascii", "ignore") if match else None


def _detect_wide(data: bytes) -> str | None:
    """UTF-16 without a byte order mark, recognized by its zeros: every other byte of Western text."""
    sample = data[:SAMPLE]
    for encoding, zeros, others in zip(WIDE, (sample[1::2], sample[::2]), (sample[::2], sample[1::2]), strict=True):
        if len(sample) > 1 and zeros.count(0) > 0.6 * len(zeros) and others.count(0) < 0.05 * len(others):
            return encoding
    return None


def looks_binary(data: bytes) -> bool:
    return b"\0" in data[:SAMPLE] or has_many_controls(data)


def has_many_controls(data: bytes) -> bool:
    sample = data[:SAMPLE]
    return len(sample) - len(sample.translate(None, CONTROLS)) > MAX_CONTROLS * len(sample)


def _guess_encoding(data: bytes) -> str:
    sample = data[:SAMPLE]
    if len(sample) < MIN_SAMPLE:
        return FALLBACK_ENCODING
    matches = from_bytes(sample, cp_exclusion=["utf_16", "utf_32", "utf_16_le", "utf_16_be", "utf_7"])
    best = matches.best()
    if best is None:
        return FALLBACK_ENCODING
    equal = [match for match in matches if (match.chaos, match.coherence) == (best.chaos, best.coherence)]
    return (
        FALLBACK_ENCODING if any(FALLBACK_ENCODING in match.could_be_from_charset for match in equal) else best.encoding
    )
