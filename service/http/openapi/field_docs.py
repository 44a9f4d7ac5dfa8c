"""Descriptions of fields: the string below a field of a struct is its text in the OpenAPI document."""

import ast
import inspect
import itertools
import textwrap
from collections.abc import Iterator
from typing import Any

import msgspec


def describe_fields(components: dict[str, Any]) -> None:
    """Give each property without a description the text below its field, in place.

    A component is matched by the name of its struct and by its fields, since a name may occur in two contexts.
    """
    structs: dict[str, list[type[msgspec.Struct]]] = {}
    for struct in our_structs():
        structs.setdefault(struct.__name__, []).append(struct)
    for name, schema in components.items():
        properties = schema.get("properties", {})
        for struct in structs.get(name.partition("_")[0], []):
            if set(properties) <= {*struct.__struct_encode_fields__, struct.__struct_config__.tag_field}:
                texts = field_texts(struct)
                for field, kind in properties.items():
                    if field in texts and "description" not in kind:
                        kind["description"] = texts[field]


def field_texts(struct: type[msgspec.Struct]) -> dict[str, str]:
    """The strings below the fields of a struct and of those it inherits from, by the field's encoded name."""
    texts: dict[str, str] = {}
    for kind in reversed(struct.__mro__):
        if kind.__module__.startswith("service."):
            texts |= _own_texts(kind)
    if struct.__struct_config__.tag_field is not None:
        texts[struct.__struct_config__.tag_field] = f"Always `{struct.__struct_config__.tag}`: which kind this is."
    encoded = dict(zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True))
    return {encoded.get(field, field): text for field, text in texts.items()}


def _own_texts(kind: type) -> dict[str, str]:
    [definition] = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    body = getattr(definition, "body", [])
    texts = {}
    for field, below in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            value = below.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                texts[field.target.id] = " ".join(value.value.split())
    return texts


def our_structs(kind: type[msgspec.Struct] = msgspec.Struct) -> Iterator[type[msgspec.Struct]]:
    """Every struct of the service that is defined by now."""
    for each in kind.__subclasses__():
        if each.__module__.startswith("service."):
            yield each
        yield from our_structs(each)
