"""One operation as one method, or as two where it takes one thing or many."""

import re
from collections.abc import Callable

import msgspec

from clients.generate.annotations import received, sent, union
from clients.generate.document import Document, Field, Operation, reference
from clients.generate.naming import argument
from clients.generate.words import docstring, sentence

_FILE = "str | os.PathLike[str] | bytes | BinaryIO | AsyncIterable[bytes]"


class Method(msgspec.Struct, frozen=True, kw_only=True):
    """A way to call an operation. `body` has what it takes of the operation's, `answer` the struct that it returns."""

    name: str
    operation: Operation
    body: list[Field]
    answer: str | None


def methods(document: Document, name: str, operation: Operation) -> list[Method]:
    if operation.batch is None:
        return [Method(name=name, operation=operation, body=operation.body, answer=operation.answer)]
    many = next(field for field in operation.body if _items(field))
    one = document.schemas[_items(many) or ""].get("properties", {})
    required = set(document.schemas[_items(many) or ""].get("required", []))
    alone = [_given(field, required=field.name in required) for field in operation.body if field is not many]
    several = [_given(many, required=True), *(field for field in operation.body if field.name not in {many.name, *one})]
    return [
        Method(name=name, operation=operation, body=alone, answer=operation.answer),
        Method(name=f"{name}_many", operation=operation, body=several, answer=operation.batch),
    ]


def write_method(document: Document, method: Method) -> str:
    """The text of the method. Raises ValueError where two of its arguments would have one name."""
    call = f"HttpCall({', '.join(_call(method.operation, method.body))})"
    lines = [
        f"\n    {signature(document, method)}",
        docstring(_about(method), indent=8),
        f"        return {_returned(document, method, call)}",
    ]
    return "\n".join(lines)


def signature(document: Document, method: Method) -> str:
    """Its first line, whatever the length. Raises ValueError where two of its arguments would have one name."""
    operation = method.operation
    positional = [f"{argument(field.name)}: {received(field.schema)}" for field in operation.path_fields]
    if operation.upload_types:
        positional.append(f"file: {_FILE}")
    named = [f"{argument(field.name)}: {sent(field.schema)}" for field in required(method)]
    named += [
        f"{argument(field.name)}: {union(sent(field.schema), 'UnsetType')} = UNSET"
        for field in [*method.body, *operation.query]
        if not field.required
    ]
    named += _extras(operation)
    arguments = ["self", *positional, *(["*", *named] if named else [])]
    told = [re.split(":", each)[0] for each in arguments]
    if len(set(told)) < len(told):
        raise ValueError(f"{operation.name} has two arguments of one name: {told}")
    word, kind = _kind(document, method)
    return f"{word} {method.name}({', '.join(arguments)}) -> {kind}:"


def required(method: Method) -> list[Field]:
    """What has to be given by its name."""
    return [field for field in [*method.body, *method.operation.query] if field.required]


def _items(field: Field) -> str | None:
    """The struct of which the field takes many."""
    for schema in field.schema.get("anyOf", [field.schema]):
        if schema.get("type") == "array" and (found := reference(schema["items"])):
            return found
    return None


def _given(field: Field, *, required: bool) -> Field:
    """The field where it must be given, and then not as null."""
    members = [each for each in field.schema.get("anyOf", []) if each != {"type": "null"}]
    if not required:
        return field
    schema = members[0] if len(members) == 1 else field.schema
    return Field(name=field.name, schema=schema, required=True, description=field.description)


def _about(method: Method) -> str:
    operation = method.operation
    paragraphs = [sentence(operation.summary), operation.description]
    paragraphs += [
        f"`{argument(field.name)}`: {field.description}"
        for field in [*operation.path_fields, *operation.query, *method.body]
        if field.description
    ]
    return "\n\n".join(part for part in paragraphs if part)


def _extras(operation: Operation) -> list[str]:
    named = []
    if operation.upload_types:
        named += ["content_type: str | UnsetType = UNSET", "on_progress: OnProgress | None = None"]
    if "Last-Event-ID" in operation.header_names:
        named.append("last_event_id: str | int | UnsetType = UNSET")
    if "If-Match" in operation.header_names:
        named.append("if_match: Shape | str | int | None = None")
    if "Idempotency-Key" in operation.header_names:
        named.append("idempotency_key: str | None = None")
    return named


def _is_list(document: Document, operation: Operation) -> bool:
    """Whether all that there is can be had page by page."""
    cursor = any(field.name == "cursor" for field in operation.query)
    return operation.method == "GET" and cursor and operation.answer is not None and document.is_page(operation.answer)


def _item(document: Document, page: str) -> str:
    return received(document.schemas[page]["properties"]["data"]["items"])


def _kind(document: Document, method: Method) -> tuple[str, str]:
    """How the method is defined, and what it returns."""
    if method.operation.streams:
        return "def", f"AsyncEventStream[{method.operation.streams}]"
    if method.operation.downloads:
        return "def", "AsyncDownload"
    if method.answer is None:
        return "async def", "None"
    if _is_list(document, method.operation):
        return "def", f"AsyncPager[{method.answer}, {_item(document, method.answer)}]"
    return "async def", method.answer


def _returned(document: Document, method: Method, call: str) -> str:
    if method.operation.streams:
        return f"AsyncEventStream(self._api, {call}, {method.operation.streams})"
    if method.operation.downloads:
        return f"AsyncDownload(self._api, {call})"
    if method.answer is None:
        return f"await self._api.done({call})"
    if _is_list(document, method.operation):
        return f"AsyncPager(self._api, {call}, {method.answer})"
    kind = method.answer
    if len(method.operation.answers) > 1:
        kind = f'cast("type[{kind}]", {kind})'  # mypy has no type for a union that is a value
    return f"await self._api.answer({call}, {kind})"


def _call(operation: Operation, body: list[Field]) -> list[str]:
    """The arguments of the HttpCall."""
    parts = [f'method="{operation.method}"', f"path={_path(operation)}"]
    if operation.query:
        parts.append(f"query=query({{{_pairs(operation.query, _queried(operation))}}})")
    told = [name for name in ("last_event_id", "if_match", "idempotency_key") if _takes(operation, name)]
    if told:
        parts.append(f"headers=headers({', '.join(f'{name}={name}' for name in told)})")
    if operation.upload_types:
        types = ", ".join(f'"{kind}"' for kind in operation.upload_types)
        parts.append(f"source=source(file, types=[{types}], content_type=content_type, on_progress=on_progress)")
    elif body:
        whole = f"body({{{_pairs(body, argument)}}})"
        given = " and ".join(f"{argument(field.name)} is UNSET" for field in body)
        parts.append(f"body={whole}" if operation.body_required else f"body=None if {given} else {whole}")
    return parts


def _path(operation: Operation) -> str:
    template = re.sub(r"{\w+}", "{}", operation.path)
    values = ", ".join(argument(field.name) for field in operation.path_fields)
    return f'path("{template}", {values})' if values else f'"{operation.path}"'


def _pairs(fields: list[Field], value: Callable[[str], str]) -> str:
    return ", ".join(f'"{field.name}": {value(field.name)}' for field in fields)


def _queried(operation: Operation) -> Callable[[str], str]:
    """A file that is sent tells its own name where no other is given."""

    def value(name: str) -> str:
        own = bool(operation.upload_types) and name == "name"
        return "name_of(file) if name is UNSET else name" if own else argument(name)

    return value


def _takes(operation: Operation, name: str) -> bool:
    return name in {header.lower().replace("-", "_") for header in operation.header_names}
