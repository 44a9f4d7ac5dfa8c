"""See how answers are written, and whether one was cut off. Pure."""

import re
import zlib

import msgspec

TEXT, JSON, FENCED = "text", "json", "fenced"
FENCE = re.compile(r"\s*```[^\n]*\n.*\n```\s*", re.DOTALL)
MIN_LONG = 80  # characters from which an answer is expected to end in a sentence
CLOSED = frozenset(".!?\u2026\u3002\uff01\uff1f\u061f\u0964:;)]}>\"'\u201d\u2019\u00bb*`|~_")
END = 20  # characters
# Words that no sentence ends with, in the commonest languages of datasets.
UNENDED = re.compile(
    r"(?:[,(\[{\u2013\u2014]|\s-|\b(?:the|an|and|or|of|with|because|le|la|les|et|und|der|die|das|mit|el|los|y|de))\s*$",
    re.IGNORECASE,
)


class AnswerShape(msgspec.Struct, frozen=True, gc=False):
    """`keys` is a sum over a JSON object's names; `cut` says that it was surely cut off, `open` that it may be."""

    form: str
    keys: int
    edges: bool
    cut: bool
    open: bool


def read_shape(answer: str, *, calls_tools: bool) -> AnswerShape:
    stripped = answer.strip()
    form, keys = _read_form(stripped)
    is_prose = form == TEXT and len(stripped) >= MIN_LONG
    cut = stripped.count("```") % 2 == 1 or (form == TEXT and _is_begun_json(stripped))
    is_cut = bool(stripped) and not calls_tools and (cut or (is_prose and UNENDED.search(stripped[-END:]) is not None))
    is_open = is_prose and not calls_tools and stripped[-1] not in CLOSED
    return AnswerShape(form, keys, answer != stripped, is_cut, is_open)


def _read_form(text: str) -> tuple[str, int]:
    if text.startswith("```") and FENCE.fullmatch(text):
        return FENCED, 0
    if text[:1] not in ("{", "["):
        return TEXT, 0
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return TEXT, 0
    return JSON, zlib.crc32("\n".join(sorted(value)).encode()) if isinstance(value, dict) else 0


def _is_begun_json(text: str) -> bool:
    """Whether it begins as a JSON object or list of objects, and does not end as one."""
    return re.match(r"\{\s*\"|\[\s*[\[{\"]", text) is not None and text[-1:] not in ("}", "]")
