"""Field descriptions: the string below a struct's field is its description in the OpenAPI document."""

import ast
import functools
import inspect
import itertools
import sys
from collections.abc import Iterator
from typing import Any

import msgspec


def describe_fields(components: dict[str, Any]) -> None:
    """Add the string below its field to each property without a description, in place.

    A component is matched by its struct's name and fields, since a name may occur in two contexts.
    """
    structs: dict[str, list[type[msgspec.Struct]]] = {}
    for struct in find_structs():
        structs.setdefault(struct.__name__, []).append(struct)
    for name, schema in components.items():
        properties = schema.get("properties", {})
        for struct in structs.get(name.partition("_")[0], []):
            if set(properties) <= {*struct.__struct_encode_fields__, struct.__struct_config__.tag_field}:
                texts = find_field_texts(struct)
                for field, kind in properties.items():
                    if field in texts and "description" not in kind:
                        kind["description"] = texts[field]


def find_field_texts(struct: type[msgspec.Struct]) -> dict[str, str]:
    """The strings below the fields of a struct and its bases, by encoded field name."""
    texts: dict[str, str] = {}
    for kind in reversed(struct.__mro__):
        if kind.__module__.startswith("service."):
            texts |= _parse_texts(kind)
    if struct.__struct_config__.tag_field is not None:
        texts[struct.__struct_config__.tag_field] = f"Always `{struct.__struct_config__.tag}`: which kind this is."
    encoded = dict(zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True))
    return {encoded.get(field, field): text for field, text in texts.items()}


def _parse_texts(kind: type) -> dict[str, str]:
    body = _parse_module(kind.__module__).get(kind.__name__, [])
    texts = {}
    for field, below in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            value = below.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                texts[field.target.id] = " ".join(value.value.split())
    return texts


@functools.cache
def _parse_module(module: str) -> dict[str, list[ast.stmt]]:
    """Return the statements of each class of a module, by its name. Parsing it once per class took a second."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: node.body for node in tree.body if isinstance(node, ast.ClassDef)}


def find_structs(kind: type[msgspec.Struct] = msgspec.Struct) -> Iterator[type[msgspec.Struct]]:
    """Find every struct of the service that has been imported."""
    for each in kind.__subclasses__():
        if each.__module__.startswith("service."):
            yield each
        yield from find_structs(each)
