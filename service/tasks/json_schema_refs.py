"""Where a JSON Schema refers to itself: whether that place exists, and how large the schema is written out in full.

A small schema can stand for an enormous one ({a: [b, b]}, {b: [c, c]}, …), and checking one value against that would
take hours. So what refers is written out in mind, up to a bound, before the schema is accepted.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import msgspec

from service.errors import Fault

Path = tuple[str | int, ...]
Schema = dict[str, Any]
MOST_PLACES = 20_000  # about ten times the largest schema of 64 KiB that refers to nothing
DEEPEST_CHAIN = 200
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_DEFINITIONS = frozenset({"$defs", "definitions"})
_BY_NAME = frozenset({"properties", "patternProperties", "dependentSchemas", "dependencies"}) | _DEFINITIONS
_DATA = frozenset({"const", "enum", "default", "examples"})


class Extent(msgspec.Struct, frozen=True, kw_only=True):
    """How far a schema goes: `endless` past the bound; `growth` is how often it returns to itself at each level."""

    endless: bool
    growth: int


def places(schema: Schema) -> Iterator[tuple[Path, Schema]]:
    """Each place that holds a schema, the root first."""
    waiting: list[tuple[Path, Schema]] = [((), schema)]
    while waiting:
        path, node = waiting.pop()
        yield path, node
        waiting += [((*path, *steps), child) for steps, child in _children(node)]


def reference_faults(schema: Schema) -> list[tuple[Path, Fault]]:
    """References that leave the schema or lead nowhere. Nothing is ever fetched, from the network or from a file."""
    found = []
    anchors = _anchors(schema)
    for path, node in places(schema):
        if path and isinstance(node.get("$id"), str):
            detail = "Only the root of a schema may have an $id."
            found.append(((*path, "$id"), Fault(detail=detail, code="unsupported")))
        for keyword, reference in _references(node):
            if not reference.startswith("#"):
                detail = "A reference stays inside its schema and begins with #: nothing is fetched."
                found.append(((*path, keyword), Fault(detail=detail, code="remote_reference")))
            elif not isinstance(_target(schema, anchors, reference), dict | bool):
                detail = "There is no schema at this place."
                found.append(((*path, keyword), Fault(detail=detail, code="dangling_reference")))
    return found


def extent(schema: Schema) -> Extent:
    writing = _WritingOut(schema)
    growth = 0
    try:
        growth = writing.returns(schema)
        targets = writing.met.values() if growth else ()
        for target in list(targets):
            growth = max(growth, writing.returns(target))
    except OverflowError:
        return Extent(endless=True, growth=MOST_PLACES)
    return Extent(endless=False, growth=growth)


class _WritingOut:
    """Follows each reference until it leads back to where it already is. Raises OverflowError past the bound."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.anchors = _anchors(schema)
        self.met: dict[str, Schema] = {}
        self.seen = 0

    def returns(self, start: Schema) -> int:
        """How many references lead back to a schema that they are part of."""
        self.seen = 0
        return self._below(start, frozenset({id(start)}), depth=0)

    def _below(self, node: Schema, within: frozenset[int], *, depth: int) -> int:
        self.seen += 1
        if self.seen > MOST_PLACES or depth > DEEPEST_CHAIN:
            raise OverflowError
        back = sum(
            self._below(child, within, depth=depth + 1)
            for steps, child in _children(node)
            if steps[0] not in _DEFINITIONS
        )
        for _, reference in _references(node):
            target = self._target(reference)
            if target is None:
                continue
            if id(target) in within:
                back += 1
            else:
                back += self._below(target, within | {id(target)}, depth=depth + 1)
        return back

    def _target(self, reference: str) -> Schema | None:
        if reference not in self.met:
            target = _target(self.schema, self.anchors, reference)
            if not isinstance(target, dict):
                return None
            self.met[reference] = target
        return self.met[reference]


def _children(node: Schema) -> Iterator[tuple[Path, Schema]]:
    for key, value in node.items():
        if key in _DATA:
            continue
        if isinstance(value, dict) and key in _BY_NAME:
            yield from (((key, name), child) for name, child in value.items() if isinstance(child, dict))
        elif isinstance(value, dict):
            yield (key,), value
        elif isinstance(value, list):
            yield from (((key, place), child) for place, child in enumerate(value) if isinstance(child, dict))


def _references(node: Schema) -> Iterator[tuple[str, str]]:
    for keyword in _REFERENCES:
        if isinstance(node.get(keyword), str):
            yield keyword, node[keyword]


def _anchors(schema: Schema) -> dict[str, Schema]:
    named = ((node.get(keyword), node) for _, node in places(schema) for keyword in ("$anchor", "$dynamicAnchor"))
    return {name: node for name, node in named if isinstance(name, str)}


def _target(schema: Schema, anchors: dict[str, Schema], reference: str) -> Any:
    """What a reference beginning with # names; None when that is nothing."""
    fragment = unquote(reference[1:])
    if not fragment.startswith("/"):
        return anchors.get(fragment) if fragment else schema
    found: Any = schema
    for step in fragment[1:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(name)
        elif isinstance(found, list) and name.isdecimal() and name.isascii() and len(name) < 6:  # noqa: PLR2004
            found = found[int(name)] if int(name) < len(found) else None
        else:
            return None
    return found
