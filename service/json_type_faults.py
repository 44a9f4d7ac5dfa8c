"""Find everything in a JSON value that does not fit a type: what was found, and what is allowed. Pure.

msgspec stops at the first fault; this runs only on values that it has refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import inspect

from service.errors import Fault
from service.json_pointers import pointer

MAX_FOUND = 40  # characters of a value that a fault repeats
PYTHON_TYPES: Mapping[type[inspect.Type], tuple[type, ...]] = {
    inspect.NoneType: (type(None),),
    inspect.BoolType: (bool,),
    inspect.IntType: (int,),
    inspect.FloatType: (int, float),
    inspect.StrType: (str,),
    inspect.StructType: (dict,),
    inspect.DictType: (dict,),
    inspect.ListType: (list,),
    inspect.VarTupleType: (list,),
}
TYPE_WORDS: Mapping[type[inspect.Type], str] = {
    inspect.NoneType: "null",
    inspect.BoolType: "true or false",
    inspect.IntType: "a whole number",
    inspect.FloatType: "a number",
    inspect.StrType: "text",
    inspect.ListType: "a list",
    inspect.VarTupleType: "a list",
}


def find_type_faults(value: Any, kind: Any, *, at: str = "") -> list[Fault]:
    """The faults of a decoded JSON value of which msgspec says that it is no `kind`."""
    return list(_find_faults(value, inspect.type_info(kind), at))


def describe(value: Any) -> str:
    """Say what a JSON value is, for the sentence `Found …`."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {value!r}"[:MAX_FOUND]
        case str():
            text = "".join(character if character.isprintable() else "\ufffd" for character in value[:MAX_FOUND])
            return f"the text {text!r}" + ("…" if len(value) > MAX_FOUND else "")
        case dict():
            return "an object"
        case _:
            return "a list"


def _find_faults(value: Any, info: inspect.Type, at: str) -> Iterator[Fault]:
    match info:
        case inspect.AnyType():
            return
        case inspect.Metadata():
            yield from _find_faults(value, info.type, at)
        case inspect.UnionType():
            yield from _find_union_faults(value, info, at)
        case inspect.StructType() if isinstance(value, dict):
            yield from _find_struct_faults(value, info, at)
        case inspect.ListType() | inspect.VarTupleType() if isinstance(value, list):
            for index, item in enumerate(value):
                yield from _find_faults(item, info.item_type, f"{at}/{index}")
        case inspect.DictType() if isinstance(value, dict):
            for name, item in value.items():
                yield from _find_faults(item, info.value_type, at + pointer(name))
        case _ if not _fits(value, info):
            code = "wrong_type" if _is_other_type(value, info) else "invalid_value"
            detail = f"Found {describe(value)}; allowed is {_describe_type(info)}."
            yield Fault(pointer=at, detail=detail, code=code)


def _find_union_faults(value: Any, info: inspect.UnionType, at: str) -> Iterator[Fault]:
    structs = [kind for kind in info.types if isinstance(kind, inspect.StructType)]
    if isinstance(value, dict) and structs:
        yield from _find_tagged_faults(value, structs, at)
        return
    fitting = [kind for kind in info.types if not _is_other_type(value, kind)]
    if fitting:
        yield from _find_faults(value, fitting[0], at)
    else:
        kinds = [kind for kind in info.types if not isinstance(kind, inspect.NoneType)]
        allowed = " or ".join(dict.fromkeys(_describe_type(kind) for kind in kinds))
        yield Fault(pointer=at, detail=f"Found {describe(value)}; allowed is {allowed}.", code="wrong_type")


def _find_tagged_faults(value: dict[str, Any], structs: Sequence[inspect.StructType], at: str) -> Iterator[Fault]:
    if len(structs) == 1:
        yield from _find_struct_faults(value, structs[0], at)
        return
    field = structs[0].tag_field or "type"
    tags = [struct.tag for struct in structs]
    if field not in value:
        yield Fault(pointer=f"{at}/{field}", detail=f"The field {field!r} is required.", code="required")
    elif value[field] not in tags:
        allowed = ", ".join(map(str, tags))
        detail = f"Found {describe(value[field])}; allowed are {allowed}."
        yield Fault(pointer=f"{at}/{field}", detail=detail, code="invalid_value")
    else:
        yield from _find_struct_faults(value, structs[tags.index(value[field])], at)


def _find_struct_faults(value: dict[str, Any], info: inspect.StructType, at: str) -> Iterator[Fault]:
    fields = {field.encode_name: field for field in info.fields}
    for name, field in fields.items():
        if name in value:
            yield from _find_faults(value[name], field.type, at + pointer(name))
        elif field.required:
            yield Fault(pointer=at + pointer(name), detail=f"The field {name!r} is required.", code="required")
    if info.forbid_unknown_fields:
        for name in [name for name in value if name not in fields and name != info.tag_field]:
            detail = f"The field {name[:MAX_FOUND]!r} is unknown; known are {', '.join(fields)}."
            yield Fault(pointer=at + pointer(name), detail=detail, code="unknown_field")


def _fits(value: Any, info: inspect.Type) -> bool:
    if _is_other_type(value, info):
        return False
    match info:
        case inspect.StrType():
            return (info.min_length or 0) <= len(value) <= (info.max_length or len(value))
        case inspect.IntType():
            return (info.ge is None or value >= info.ge) and (info.le is None or value <= info.le)
        case inspect.LiteralType():
            return value in info.values
        case _:
            return True


def _is_other_type(value: Any, info: inspect.Type) -> bool:
    """Whether it is a value of another JSON type; of a type that is not listed here nothing is said."""
    types = _get_types(info)
    return bool(types) and type(value) not in types


def _get_types(info: inspect.Type) -> tuple[type, ...]:
    if isinstance(info, inspect.Metadata):
        return _get_types(info.type)
    if isinstance(info, inspect.LiteralType):
        return tuple({type(value) for value in info.values})
    return PYTHON_TYPES.get(type(info), ())


def _describe_type(info: inspect.Type) -> str:
    match info:
        case inspect.Metadata():
            return _describe_type(info.type)
        case inspect.IntType(ge=int(), le=int()):
            return f"a whole number from {info.ge} to {info.le}"
        case inspect.StrType(max_length=int()):
            return f"text of {info.min_length or 0} to {info.max_length} characters"
        case inspect.LiteralType():
            return " or ".join(msgspec.json.encode(value).decode() for value in info.values)
        case _:
            return TYPE_WORDS.get(type(info), "an object")
