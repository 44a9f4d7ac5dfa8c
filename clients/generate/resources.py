"""The resources and the client, as they are awaited; what is not awaited is derived from them."""

from collections import defaultdict

from clients.generate.document import Document
from clients.generate.methods import Method, methods, write_method
from clients.generate.naming import Names, camel
from clients.generate.words import HEADER, docstring

Place = tuple[str, ...]
Placed = dict[Place, list[Method]]
PACKAGE = "tuneledger._async"

_IMPORTS = f"""
from __future__ import annotations

import datetime as dt
import os
from collections.abc import AsyncIterable, Mapping, Sequence
from typing import Any, BinaryIO, Literal, cast

from msgspec import UNSET, UnsetType

from {PACKAGE}._api import AsyncApi, AsyncResource
from {PACKAGE}._downloads import AsyncDownload
from {PACKAGE}._pages import AsyncPager
from {PACKAGE}._streams import AsyncEventStream
from {PACKAGE}._waiters import AsyncWaitsForOperations, AsyncWaitsForTunes
from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf, Shape
from tuneledger._sources import OnProgress, name_of, source
"""
_OURS = {"HttpCall", "OneOf", "OnProgress", "Shape"}
# Resources with methods of their own beside those of the document.
BASES: dict[Place, str] = {("operations",): "AsyncWaitsForOperations", ("tunes",): "AsyncWaitsForTunes"}


def modules(document: Document) -> dict[str, str]:
    """The text of each module of the package by its path in it."""
    found = placed(document)
    tops = sorted({place[0] for place in found if place})
    texts = {f"resources/{top}": _module(document, top, found) for top in tops}
    texts["resources/__init__"] = f'{HEADER}\n"""The resources of the client."""\n'
    texts["client"] = _client(document, tops, found[()])
    return texts


def placed(document: Document) -> Placed:
    """The methods of each resource. Raises ValueError where two would have one name."""
    names = Names(document.operations)
    found: Placed = defaultdict(list)
    for operation in document.operations:
        place = names.place(operation)
        for end in range(1, len(place)):
            found[place[:end]]  # a resource that only leads to others
        found[place] += methods(document, names.method(operation), operation)
    _refuse_twins(found)
    return found


def _refuse_twins(found: Placed) -> None:
    for place, own in found.items():
        told = [method.name for method in own] + [other[-1] for other in _children(found, place)]
        twins = sorted({name for name in told if told.count(name) > 1})
        if twins:
            raise ValueError(f"{'.'.join(place)} has two of {twins}: an operation needs another id")


def _children(found: Placed, place: Place) -> list[Place]:
    return sorted(other for other in found if other and other[:-1] == place)


def _module(document: Document, top: str, found: Placed) -> str:
    places = sorted((place for place in found if place and place[0] == top), key=lambda place: (-len(place), place))
    classes = [_class(document, place, found) for place in places]
    return "\n".join([HEADER, f'"""`client.{top}`."""', _IMPORTS, _types(document), *classes])


def _class(document: Document, place: Place, found: Placed) -> str:
    lines = [f"\n\nclass {_name(place)}({BASES.get(place, 'AsyncResource')}):"]
    lines.append(docstring(f"`client.{'.'.join(place)}`."))
    children = _children(found, place)
    if children:
        lines += ["\n    def __init__(self, api: AsyncApi) -> None:", "        super().__init__(api)"]
        lines += [f"        self.{child[-1]} = {_name(child)}(api)" for child in children]
    # `list` last: in the lines after it a checker would take the word for the method.
    ordered = sorted(found[place], key=lambda method: (method.name == "list", method.name))
    return "\n".join([*lines, *(write_method(document, method) for method in ordered)])


def _client(document: Document, tops: list[str], own: list[Method]) -> str:
    imports = [f"from {PACKAGE}.resources.{top} import {_name((top,))}" for top in tops]
    lines = [HEADER, '"""The client."""', _IMPORTS, f"from {PACKAGE}._base import AsyncBase", *imports]
    lines += [_types(document), "\n\nclass AsyncTuneledger(AsyncBase):"]
    lines.append(docstring("The API of Tuneledger: its resources are attributes."))
    lines += ["\n    def _open(self, api: AsyncApi) -> None:", "        super()._open(api)"]
    lines += [f"        self.{top} = {_name((top,))}(api)" for top in tops]
    ordered = sorted(own, key=lambda method: method.name)
    return "\n".join([*lines, *(write_method(document, method) for method in ordered)])


def _types(document: Document) -> str:
    """All structs; those that are not used are taken out again."""
    names = document.reachable(name for operation in document.operations for name in operation.structs)
    if taken := names & _OURS:
        raise ValueError(f"{taken} would be two things at once: a schema needs another name")
    return f"from tuneledger.types import {', '.join(sorted(names))}"


def _name(place: Place) -> str:
    return "Async" + camel(place)
