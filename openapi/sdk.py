"""The reference of the clients as Markdown: the README of each, and the methods of its resources, area by area."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from clients.generate import reference as python
from clients.generate.document import Operation, read
from clients.generate_typescript import reference as typescript
from clients.generate_typescript.methods import SPACE
from clients.generate_typescript.types import query_name
from clients.reference import Entry
from openapi.pages import title

CLIENTS = Path(__file__).parents[1] / "clients"
LISTS, FILES, LIVE = "index.md#lists-without-pages", "index.md#files", "index.md#live"
PYTHON = """\
The signatures are those of `Tuneledger`. `AsyncTuneledger` has the same methods: what returns a struct or nothing is
awaited, and so are the methods of a download; lists and streams are read with `async for`. Structs are in
`tuneledger.types`. What is `UNSET` by default may be left out, and `OneOf` is a `Literal` of the words known today."""
TYPESCRIPT = """\
Shapes are in `types`, and a `…Query` has what stands after the `?` of its path. The options of a call are
`RequestOptions` at least, and a `Call` is a promise that can also give the HTTP answer."""
NAME = re.compile(rf"(?:{re.escape(SPACE)})?\w+")
ESCAPED = {"[": "\\[", "]": "\\]", "<": "&lt;", ">": "&gt;"}
Resource = tuple[str, ...]


class Sdk(msgspec.Struct, frozen=True, kw_only=True):
    """A client: `before` is told ahead of its methods, and `places` are where the types in signatures are told."""

    folder: str
    language: str
    fence: str
    before: str
    places: dict[str, str]
    entries: list[Entry]

    @property
    def areas(self) -> dict[Resource, str]:
        """The page of each resource: the area that most of its operations are of. The client's own are on the first."""
        tags: dict[Resource, Counter[str]] = defaultdict(Counter)
        for entry in self.entries:
            tags[entry.resource][entry.operation.tag] += 1
        return {each: found.most_common(1)[0][0] if each else "index" for each, found in tags.items()}


def sdks(document: dict[str, Any]) -> list[Sdk]:
    found = read(document)
    shapes = {name: f"../../api/shapes.md#{name}" for name in found.schemas}
    queries = {query_name(operation): _operation(operation) for operation in found.operations}
    options = set(re.findall(r"interface (\w+)", typescript.options())) - {"RequestOptions"}
    prefixed = {f"{SPACE}{name}": place for name, place in (shapes | queries).items()}
    return [
        Sdk(
            folder="python",
            language="Python",
            fence="python",
            before=f"## Resources and methods\n\n{PYTHON}\n",
            places=shapes
            | {"Pager": LISTS, "Download": FILES, "EventStream": LIVE}
            | {"Shape": "index.md#changes-that-lose-nothing", "OnProgress": "index.md#waiting"},
            entries=python.entries(found),
        ),
        Sdk(
            folder="typescript",
            language="TypeScript",
            fence="ts",
            before=f"## Options\n\n```ts\n{typescript.options()}```\n\n## Resources and methods\n\n{TYPESCRIPT}\n",
            places=prefixed
            | {"Pages": LISTS, "Download": FILES, "Upload": FILES, "EventStream": LIVE}
            | dict.fromkeys(options, "index.md#options"),
            entries=typescript.entries(document),
        ),
    ]


def calls(found: list[Sdk]) -> dict[str, str]:
    """For the API's pages: how each operation is called in each language, by its id."""
    told: dict[str, str] = defaultdict(str)
    for sdk in found:
        ways: dict[str, list[str]] = defaultdict(list)
        for entry in sdk.entries:
            target = f"../sdk/{sdk.folder}/{sdk.areas[entry.resource]}.md#{entry.path}"
            ways[entry.operation.name].append(f"[`{entry.call}`]({target})")
        for name, links in ways.items():
            told[name] += f"- {sdk.language}: {' · '.join(links)}\n"
    return told


def pages(found: list[Sdk]) -> dict[str, str]:
    """The pages by their path in the reference."""
    return {f"{sdk.folder}/{name}": text for sdk in found for name, text in _pages(sdk, found).items()}


def _pages(sdk: Sdk, found: list[Sdk]) -> dict[str, str]:
    told: dict[str, list[str]] = defaultdict(list)
    for resource, area in sdk.areas.items():
        told[area] += _resource(sdk, resource)
    made = {f"{area}.md": "\n".join([*_beginning(sdk, area, found), *lines]) for area, lines in told.items()}
    readme = (CLIENTS / sdk.folder / "README.md").read_text()
    return made | {"index.md": "\n".join([readme, sdk.before, *_index(sdk), "", *told["index"]])}


def _beginning(sdk: Sdk, area: str, found: list[Sdk]) -> Iterator[str]:
    others = [f"[in {other.language}](../{other.folder}/{area}.md)" for other in found if other is not sdk]
    yield f"# {title(area)} in {sdk.language}\n"
    same = ", ".join([f"[in the API](../../api/{area}.md)", *others])
    yield f"How to begin, and what all methods share: [the {sdk.language} client](index.md). The same {same}.\n"


def _index(sdk: Sdk) -> Iterator[str]:
    yield "| resource | methods |\n|---|---|"
    for resource, area in sdk.areas.items():
        entries = [entry for entry in sdk.entries if entry.resource == resource]
        links = [f"[{entry.name}]({area}.md#{entry.path})" for entry in entries]
        path = ".".join(["client", *resource])
        yield f"| {f'[{path}]({area}.md#{path})' if resource else path} | {' · '.join(links)} |"


def _resource(sdk: Sdk, resource: Resource) -> Iterator[str]:
    if resource:
        path = ".".join(["client", *resource])
        yield f"## {path} {{ #{path} }}\n"
    for entry in sdk.entries:
        if entry.resource == resource:
            yield from _entry(sdk, entry)


def _entry(sdk: Sdk, entry: Entry) -> Iterator[str]:
    yield f'### {entry.path} {{ #{entry.path} data-toc-label="{entry.name}" }}\n'
    yield f"```{sdk.fence}\n{entry.signature}\n```\n"
    yield f"{entry.summary}\n"
    yield "<br>".join(_links(sdk, entry)) + "\n"


def _links(sdk: Sdk, entry: Entry) -> Iterator[str]:
    names = dict.fromkeys(NAME.findall(re.sub(r'"[^"]*"', "", entry.given)))
    if taken := [_linked(sdk, name) for name in names if name in sdk.places]:
        yield f"**Takes** {', '.join(taken)}"
    yield f"**Returns** {_linked(sdk, entry.answer)}"
    yield f"**Calls** [`{entry.operation.method} {entry.operation.path}`]({_operation(entry.operation)})"


def _linked(sdk: Sdk, kind: str) -> str:
    """The type with a link for each name in it that is told of somewhere."""

    def word(found: re.Match[str]) -> str:
        told = found[0].removeprefix(SPACE)
        return f"[{told}]({sdk.places[found[0]]})" if found[0] in sdk.places else ESCAPED.get(told, told)

    return re.sub(rf"{NAME.pattern}|[\[\]<>]", word, kind)


def _operation(operation: Operation) -> str:
    return f"../../api/{operation.tag}.md#{operation.name}"
