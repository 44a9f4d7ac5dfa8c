"""Where an operation is found in the client, and what its method is called there.

A word of the path is a resource when there is more than one thing to do with it; else it belongs to the word before.
The method is the operation's id without the words that its resource says already.
"""

import keyword
from collections.abc import Iterable

from clients.generate.document import Operation

_READING = {"get", "list", "read"}
_HELPERS = {"body", "headers", "path", "query"}  # functions that every method calls
_PREPOSITIONS = {"for", "from", "of", "to"}


class Names:
    """The resources of all operations together, since one alone cannot tell what is one."""

    def __init__(self, operations: list[Operation]) -> None:
        self._operations = operations
        prefixes = {tuple(each.statics[:end]) for each in operations for end in range(1, len(each.statics) + 1)}
        self._resources = {prefix for prefix in prefixes if self._is_resource(prefix)}

    def place(self, operation: Operation) -> tuple[str, ...]:
        """The attributes that lead to it, such as ("datasets", "examples"); none for the client itself."""
        return tuple(_python(word) for word in self._chain(operation))

    def method(self, operation: Operation) -> str:
        chain = self._chain(operation)
        last = operation.statics[-1]
        verb, *rest = operation.name.split("_")
        if chain and verb in _words([chain[-1]]):
            return "create"  # an import is made by importing
        said = _words(chain) | (_words([operation.tag]) - _words([last]))
        rest = [word for word in rest if word not in said]
        while rest and rest[-1] in _PREPOSITIONS:
            rest.pop()
        if verb in _READING and rest and (not chain or last != chain[-1]):
            return "_".join(rest)
        name = "_".join([verb, *rest])
        return operation.name if keyword.iskeyword(name) else name

    def _chain(self, operation: Operation) -> list[str]:
        words = operation.statics
        chain = [word for end, word in enumerate(words, start=1) if tuple(words[:end]) in self._resources]
        return chain or [tag for tag in [operation.tag] if (tag,) in self._resources]

    def _is_resource(self, prefix: tuple[str, ...]) -> bool:
        if prefix[0] == "me":
            return False  # who asks is the client itself
        under = [each for each in self._operations if tuple(each.statics[: len(prefix)]) == prefix]
        exactly = [each for each in under if len(each.statics) == len(prefix)]
        if len(exactly) > 1 or (len(prefix) == 1 and len(under) > len(exactly)):
            return True
        if any(each.path.endswith("}") for each in exactly):
            return True
        return _plural(prefix[-1]) and any(each.name.startswith(("list_", "create_")) for each in exactly)


def singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if _plural(word) else word


def argument(name: str) -> str:
    """The name as Python can write it."""
    made = name.replace("-", "_")
    return f"{made}_" if keyword.iskeyword(made) or made in _HELPERS else made


def camel(words: Iterable[str]) -> str:
    return "".join(part.capitalize() for word in words for part in word.split("_"))


def _plural(word: str) -> bool:
    return word.endswith("s") and not word.endswith("ss")


def _python(word: str) -> str:
    return word.replace("-", "_")


def _words(names: Iterable[str]) -> set[str]:
    words = {part for name in names for part in name.split("-")}
    return words | {singular(word) for word in words} | {word.removesuffix("es") for word in words}
