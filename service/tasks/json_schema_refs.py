"""References in a JSON Schema: whether each target exists, and how large the schema is with all of them resolved.

A small schema can stand for an enormous one ({a: [b, b]}, {b: [c, c]}, …), and checking one value against that would
take hours. So the references are followed, up to a limit, before the schema is accepted.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import msgspec

from service.errors import Fault

Path = tuple[str | int, ...]
Schema = dict[str, Any]
MAX_SUBSCHEMAS = 20_000  # about ten times the largest schema of 64 KiB without references
MAX_STEPS = 200_000  # of the search for schemas that contain themselves
MAX_CHAIN = 200
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_DEFINITIONS = frozenset({"$defs", "definitions"})
_BY_NAME = frozenset({"properties", "patternProperties", "dependentSchemas", "dependencies"}) | _DEFINITIONS
_DATA = frozenset({"const", "enum", "default", "examples"})


class Extent(msgspec.Struct, frozen=True, kw_only=True):
    """The size of a schema: `is_too_large` past the limit; `size` counts its schemas with all references resolved, and
    `growth` is how often it contains itself at each level.
    """

    is_too_large: bool
    size: int
    growth: int


def iterate_subschemas(schema: Schema) -> Iterator[tuple[Path, Schema]]:
    """Every schema within a schema, with its path, the root first."""
    waiting: list[tuple[Path, Schema]] = [((), schema)]
    while waiting:
        path, node = waiting.pop()
        yield path, node
        waiting += [((*path, *steps), child) for steps, child in _iterate_children(node)]


def iterate_patterns(schema: Schema) -> Iterator[tuple[Path, str]]:
    """Every regular expression of a schema, with its path."""
    for path, node in iterate_subschemas(schema):
        if isinstance(node.get("pattern"), str):
            yield (*path, "pattern"), node["pattern"]
        names = node.get("patternProperties")
        if isinstance(names, dict):
            yield from (((*path, "patternProperties", name), name) for name in names)


def find_reference_faults(schema: Schema) -> list[tuple[Path, Fault]]:
    """Find references to other documents or to nothing. Nothing is ever fetched, from the network or from a file."""
    faults = []
    anchors = _find_anchors(schema)
    for path, node in iterate_subschemas(schema):
        if path and isinstance(node.get("$id"), str):
            detail = "Only the root of a schema may have an $id."
            faults.append(((*path, "$id"), Fault(detail=detail, code="unsupported")))
        for keyword, reference in _iterate_references(node):
            if not reference.startswith("#"):
                detail = "A reference has to point into the same schema and begin with #; nothing is fetched."
                faults.append(((*path, keyword), Fault(detail=detail, code="remote_reference")))
            elif not isinstance(_find_target(schema, anchors, reference), dict | bool):
                detail = "This reference points to no schema."
                faults.append(((*path, keyword), Fault(detail=detail, code="dangling_reference")))
    return faults


def measure_extent(schema: Schema) -> Extent:
    """Follow all references, to see how large the schema is and how it grows."""
    walk = _ReferenceWalk(schema)
    growth = size = 0
    try:
        growth = walk.count_returns(schema)
        size = walk.visited
        targets = walk.targets.values() if growth else ()
        for target in list(targets):
            growth = max(growth, walk.count_returns(target))
    except OverflowError:
        return Extent(is_too_large=True, size=MAX_SUBSCHEMAS, growth=MAX_SUBSCHEMAS)
    return Extent(is_too_large=False, size=size, growth=growth)


class _ReferenceWalk:
    """Follows each reference until it leads back to a schema it is inside of. Raises OverflowError past the limit."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.anchors = _find_anchors(schema)
        self.targets: dict[str, Schema] = {}
        self.visited = 0
        self.steps = 0

    def count_returns(self, start: Schema) -> int:
        """Count the references that lead back to a schema they are part of."""
        self.visited = 0
        return self._count_below(start, frozenset({id(start)}), depth=0)

    def _count_below(self, node: Schema, ancestors: frozenset[int], *, depth: int) -> int:
        self.visited += 1
        self.steps += 1
        if self.visited > MAX_SUBSCHEMAS or self.steps > MAX_STEPS or depth > MAX_CHAIN:
            raise OverflowError
        returns = sum(
            self._count_below(child, ancestors, depth=depth + 1)
            for steps, child in _iterate_children(node)
            if steps[0] not in _DEFINITIONS
        )
        for _, reference in _iterate_references(node):
            target = self._resolve(reference)
            if target is None:
                continue
            if id(target) in ancestors:
                returns += 1
            else:
                returns += self._count_below(target, ancestors | {id(target)}, depth=depth + 1)
        return returns

    def _resolve(self, reference: str) -> Schema | None:
        if reference not in self.targets:
            target = _find_target(self.schema, self.anchors, reference)
            if not isinstance(target, dict):
                return None
            self.targets[reference] = target
        return self.targets[reference]


def _iterate_children(node: Schema) -> Iterator[tuple[Path, Schema]]:
    for key, value in node.items():
        if key in _DATA:
            continue
        if isinstance(value, dict) and key in _BY_NAME:
            yield from (((key, name), child) for name, child in value.items() if isinstance(child, dict))
        elif isinstance(value, dict):
            yield (key,), value
        elif isinstance(value, list):
            yield from (((key, index), child) for index, child in enumerate(value) if isinstance(child, dict))


def _iterate_references(node: Schema) -> Iterator[tuple[str, str]]:
    for keyword in _REFERENCES:
        if isinstance(node.get(keyword), str):
            yield keyword, node[keyword]


def _find_anchors(schema: Schema) -> dict[str, Schema]:
    named = (
        (node.get(keyword), node) for _, node in iterate_subschemas(schema) for keyword in ("$anchor", "$dynamicAnchor")
    )
    return {name: node for name, node in named if isinstance(name, str)}


def _find_target(schema: Schema, anchors: dict[str, Schema], reference: str) -> Any:
    """The JSON value that a reference beginning with # points to; None if there is none."""
    fragment = unquote(reference[1:])
    if not fragment.startswith("/"):
        return anchors.get(fragment) if fragment else schema
    node: Any = schema
    for step in fragment[1:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict):
            node = node.get(name)
        elif isinstance(node, list) and name.isdecimal() and name.isascii() and len(name) < 6:  # noqa: PLR2004
            node = node[int(name)] if int(name) < len(node) else None
        else:
            return None
    return node
