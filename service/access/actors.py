"""Names that only the server itself acts under. No member may bear one, nor one that looks like it. Pure."""

import unicodedata
from collections.abc import Mapping

SERVER = "tuneledger"
COMMAND_LINE = "command line"
FIRST_START = "first start"
# As the history calls them.
SYSTEM_ACTORS: Mapping[str, str] = {
    SERVER: "Tuneledger itself",
    COMMAND_LINE: "the command line",
    FIRST_START: "the first start",
}


def fold_name(name: str) -> str:
    """The form in which names are compared: without differences of case, width, blanks or invisible characters."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    visible = "".join(character for character in folded if unicodedata.category(character) != "Cf")
    return " ".join(visible.split())


def is_reserved(name: str) -> bool:
    """Whether the name is one of the server's own, or looks like one."""
    return _squeeze(name) in _RESERVED


def _squeeze(name: str) -> str:
    return "".join(character for character in fold_name(name) if character.isalnum())


_RESERVED = frozenset(_squeeze(text) for pair in SYSTEM_ACTORS.items() for text in pair)
