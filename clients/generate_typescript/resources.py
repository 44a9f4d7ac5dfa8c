"""Classes of methods, one module for each first word of the client."""

from collections.abc import Iterator

import msgspec

from clients.generate_typescript.methods import SPACE, Method
from clients.generate_typescript.words import HEADER, pascal

_HOMES = {
    "Call": "../../call.js",
    "ChangeOptions": "../../options.js",
    "Download": "../../download.js",
    "EventStream": "../../stream.js",
    "Pages": "../../pages.js",
    "RequestOptions": "../../options.js",
    "StreamOptions": "../../options.js",
    "Upload": "../../upload.js",
    "UploadOptions": "../../options.js",
}
WAITING: dict[tuple[str, ...], str] = {("operations",): "WaitsForOperations", ("tunes",): "WaitsForTunes"}


class Resource(msgspec.Struct, kw_only=True):
    """A word of the client: what can be done with it, and the words under it."""

    path: tuple[str, ...]
    methods: list[Method] = []
    children: "dict[str, Resource]" = {}

    @property
    def name(self) -> str:
        return pascal(*self.path) + "Resource"


def module(resource: Resource) -> str:
    """The class of a first word, after those of the words under it."""
    every = [resource, *_under(resource)]
    methods = [method for each in every for method in each.methods]
    base = WAITING.get(resource.path, "Resource")
    lines = [*_imports(methods, base), "\n"]
    lines += [_class(each, WAITING.get(each.path, "Resource")) for each in reversed(every)]
    return HEADER + "\n" + "\n".join(lines).replace("\n\n\n", "\n\n")


def root(tree: Resource) -> str:
    """What a client's own class extends."""
    imports = [
        f'import {{ {each.name} }} from "./resources/{name}.js";' for name, each in sorted(tree.children.items())
    ]
    own = [line.replace('"../', '"./').replace('"./../', '"../') for line in _imports(tree.methods, "Resource")]
    lines = [*own, *imports, ""]
    made = msgspec.structs.replace(tree, children=dict(sorted(tree.children.items())))
    return HEADER + "\n" + "\n".join([*lines, _class(made, "Resource").replace("class Resource ", "class Root ")])


def _under(resource: Resource) -> Iterator[Resource]:
    for child in resource.children.values():
        yield child
        yield from _under(child)


def _imports(methods: list[Method], base: str) -> list[str]:
    found: dict[str, set[str]] = {}
    for name in {name for method in methods for name in method.core}:
        found.setdefault(_HOMES[name], set()).add(name)
    lines = [f'import type {{ {", ".join(sorted(names))} }} from "{home}";' for home, names in sorted(found.items())]
    needs = "Resource, segment" if any("segment(" in method.text for method in methods) else "Resource"
    lines.append(f'import {{ {needs} }} from "../../resource.js";')
    if base != "Resource":
        lines.append(f'import {{ {base} }} from "../../waiters.js";')
    if any(SPACE in method.text for method in methods):
        lines.append('import type * as types from "../types.js";')
    return lines


def _class(resource: Resource, base: str) -> str:
    fields = [f"  readonly {name} = new {child.name}(this.api);\n" for name, child in resource.children.items()]
    parts = ["".join(fields)] if fields else []
    parts += [method.text for method in resource.methods]
    return f"export class {resource.name} extends {base} {{\n{chr(10).join(parts)}}}\n"
