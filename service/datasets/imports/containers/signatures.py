"""Name what a file is that has no rows, by its first bytes."""

import re

from service.datasets.imports.containers.unreadable import Unreadable
from service.errors import Fault

SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "a PDF document"),
    (0, b"BZh", "a bzip2 archive; pack it with gzip or zstd"),
    (0, b"\xfd7zXZ\0", "an xz archive; pack it with gzip or zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; pack it as ZIP"),
    (0, b"Rar!\x1a\x07", "a RAR archive; pack it as ZIP"),
    (257, b"ustar", "a tar archive; pack it as ZIP, or send its files"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file; save it as XLSX or CSV"),
    (0, b"ARROW1", "an Arrow file; write it as Parquet"),
    (0, b"\xff\xff\xff\xff", "an Arrow stream; write it as Parquet"),
    (0, b"ORC", "an ORC file; write it as Parquet"),
    (0, b"Obj\x01", "an Avro file; write it as Parquet"),
    (0, b"SQLite format 3\0", "an SQLite database; export the rows as CSV or JSONL"),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"GGUF", "a model in GGUF"),
    (8, b'{"', "a safetensors file: weights of a model"),
    (0, b"\x89PNG", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"GIF8", "a GIF image"),
    (0, b"RIFF", "an audio, video or image file"),
    (0, b"ID3", "an MP3 recording"),
    (0, b"\x7fELF", "a program"),
    (0, b"{\\rtf", "an RTF document"),
    (0, b"version https://git-lfs", "a Git LFS pointer, not the file itself; fetch it with git lfs pull"),
)
TEXTS = (
    (re.compile(r"<!doctype html|<html|<head|<body", re.IGNORECASE), "an HTML page, perhaps of a login or an error"),
    (re.compile(r"<\?xml|<[a-z][\w.-]*[\s>]", re.IGNORECASE), "XML"),
    (re.compile(r"---\s|%YAML|- \w+:"), "YAML"),
    (re.compile(r"-----BEGIN "), "a key or a certificate"),
)
PICKLE = re.compile(rb"\x80[\x02-\x05]")
SENTENCE = "This is {what}. Rows come as JSONL, JSON, CSV, XLSX or Parquet, also in gzip, zstd or ZIP."


def refuse_known_files(start: bytes) -> None:
    """Raise Unreadable if the first bytes are those of another kind of file."""
    for offset, signature, name in SIGNATURES:
        if start.startswith(signature, offset) and (offset != 8 or start[7:8] == b"\0"):  # noqa: PLR2004
            raise build_kind_error(name)
    if PICKLE.match(start):
        raise build_kind_error("a Python pickle, which is never opened here")


def refuse_known_texts(start: str) -> None:
    """Raise Unreadable if a text is in another language than JSON or a table."""
    for pattern, name in TEXTS:
        if pattern.match(start.lstrip()):
            raise build_kind_error(name)


def build_kind_error(name: str) -> Unreadable:
    return Unreadable(Fault(detail=SENTENCE.format(what=name), code="wrong_kind"))
