"""The files of src/generated: the models, one module of resources for each first word, and the client's resources."""

from collections import defaultdict
from typing import Any

from clients.generate.document import read
from clients.generate.naming import Names
from clients.generate_typescript.bodies import bodies
from clients.generate_typescript.methods import Method, method
from clients.generate_typescript.resources import Resource, module, root
from clients.generate_typescript.types import types
from clients.generate_typescript.words import HEADER, camel


def files(raw: dict[str, Any]) -> dict[str, str]:
    """The text of each generated file by its name."""
    document = read(raw)
    tree = _tree(placed(raw))
    made = {"types.ts": types(document), "root.ts": root(tree)}
    made |= {f"resources/{name}.ts": module(resource) for name, resource in sorted(tree.children.items())}
    return made | {"version.ts": f'{HEADER}\nexport const VERSION = "{document.version}";\n'}


def placed(raw: dict[str, Any]) -> dict[tuple[str, ...], list[Method]]:
    """The methods of each resource."""
    document, sent = read(raw), bodies(raw)
    names = Names(document.operations)
    found: dict[tuple[str, ...], list[Method]] = defaultdict(list)
    for operation in document.operations:
        place = tuple(camel(word) for word in names.place(operation))
        found[place].append(method(document, operation, camel(names.method(operation)), sent.get(operation.name)))
    return found


def _tree(found: dict[tuple[str, ...], list[Method]]) -> Resource:
    top = Resource(path=())
    for place, methods in found.items():
        resource = top
        for end, word in enumerate(place, start=1):
            resource = resource.children.setdefault(word, Resource(path=place[:end]))
        resource.methods += methods
        names = [each.name for each in methods]
        if len(set(names)) != len(names):
            raise ValueError(f"two methods of {'.'.join(place)} have one name: {names}")
    return top
