"""The OpenAPI document as the generator needs it: operations with what they take and what they answer."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

METHODS = ("get", "post", "put", "patch", "delete")
JSON = "application/json"
EVENTS = "text/event-stream"

# What the messages of a stream are: OpenAPI 3.1 has no word for it.
STREAMED = {"stream_events": "FeedEvent", "stream_tune": "FeedEvent", "stream_operation": "Operation"}


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter or a property of a body."""

    name: str
    schema: dict[str, Any]
    required: bool
    description: str = ""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """`answer` names a struct, `batch` the one for many at once; `downloads` and `streams` tell the other kinds."""

    name: str
    method: str
    path: str
    tag: str
    summary: str
    description: str
    path_fields: list[Field] = []
    query: list[Field] = []
    header_names: frozenset[str] = frozenset()
    body: list[Field] = []
    body_required: bool = True
    upload_types: list[str] = []
    answer: str | None = None
    batch: str | None = None
    downloads: bool = False
    streams: str | None = None

    @property
    def statics(self) -> list[str]:
        """The words of its path, without the version and the parameters."""
        return [word for word in self.path.split("/")[2:] if not word.startswith("{")]

    @property
    def fields(self) -> list[Field]:
        return [*self.path_fields, *self.query, *self.body]

    @property
    def structs(self) -> set[str]:
        """The schemas that it names itself."""
        asked = {name for field in self.fields for name in references(field.schema)}
        return asked | set(self.answers) | {name for name in (self.batch, self.streams) if name}

    @property
    def answers(self) -> list[str]:
        """The schemas of the answer: one, or several that a field tells apart."""
        return self.answer.split(" | ") if self.answer else []


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """The operations under /v1, in the document's order, and all schemas."""

    version: str
    schemas: dict[str, dict[str, Any]]
    operations: list[Operation]
    answers: list[dict[str, Any]]
    """The schemas of the answers, some of which are unions of named ones."""

    def reachable(self, names: Iterable[str]) -> set[str]:
        """The schemas of these names and all that they are made of."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += references(self.schemas[name])
        return found

    def is_page(self, name: str) -> bool:
        return {"data", "next_cursor"} <= set(self.schemas[name].get("properties", {}))


def read(document: dict[str, Any]) -> Document:
    schemas = document["components"]["schemas"]
    operations = [
        _operation(schemas, path, method, item[method])
        for path, item in document["paths"].items()
        if path.startswith("/v1/")
        for method in METHODS
        if method in item
    ]
    answers = [
        content["schema"]
        for item in document["paths"].values()
        for method in METHODS
        if method in item
        for content in _success(item[method]).get("content", {}).values()
    ]
    return Document(version=document["info"]["version"], schemas=schemas, operations=operations, answers=answers)


def reference(schema: dict[str, Any]) -> str | None:
    """The name of the schema that is meant; None for one without a name."""
    found = schema.get("$ref")
    return None if found is None else str(found).rsplit("/", 1)[1]


def references(schema: Any) -> Iterator[str]:
    """The names of all schemas that are meant within this one."""
    if isinstance(schema, dict):
        if found := reference(schema):
            yield found
        for each in schema.values():
            yield from references(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from references(each)


def _operation(schemas: dict[str, Any], path: str, method: str, item: dict[str, Any]) -> Operation:
    parameters = item.get("parameters", [])
    content = item.get("requestBody", {}).get("content", {})
    body, required = _body(schemas, content)
    answer, batch, downloads = _answer(schemas, item)
    streams = EVENTS in _success(item).get("content", {})
    return Operation(
        name=item["operationId"],
        method=method.upper(),
        path=path,
        tag=item["tags"][0],
        summary=item["summary"],
        description=item.get("description", ""),
        path_fields=_in_order(path, _fields(parameters, "path")),
        query=_fields(parameters, "query"),
        header_names=frozenset(each["name"] for each in parameters if each["in"] == "header"),
        body=body,
        body_required=required,
        upload_types=sorted(content) if content and not body and required else [],
        answer=answer,
        batch=batch,
        downloads=downloads and not streams,
        streams=STREAMED[item["operationId"]] if streams else None,
    )


def _fields(parameters: list[dict[str, Any]], place: str) -> list[Field]:
    return [
        Field(
            name=each["name"],
            schema=each["schema"],
            required=each.get("required", False),
            description=each.get("description", ""),
        )
        for each in parameters
        if each["in"] == place
    ]


def _in_order(path: str, fields: list[Field]) -> list[Field]:
    places = re.findall(r"{(\w+)}", path)
    return sorted(fields, key=lambda field: places.index(field.name))


def _body(schemas: dict[str, Any], content: dict[str, Any]) -> tuple[list[Field], bool]:
    """The properties of a body in JSON, and whether there has to be one; none for a file."""
    schema = content.get(JSON, {}).get("schema", {})
    members = schema.get("anyOf", [schema])
    names = [name for each in members if (name := reference(each))]
    if not names:
        return [], True
    found = schemas[names[0]]
    required = set(found.get("required", []))
    fields = [
        Field(name=name, schema=each, required=name in required, description=each.get("description", ""))
        for name, each in found.get("properties", {}).items()
    ]
    return fields, {"type": "null"} not in members


def _success(item: dict[str, Any]) -> dict[str, Any]:
    """The first of them: a part of a content (206) has the shape of the whole."""
    status = min(status for status in item["responses"] if status.startswith("2"))
    return dict(item["responses"][status])


def _is_batch(schema: dict[str, Any], *, of: str) -> bool:
    return reference(schema["properties"].get("data", {}).get("items", {})) == of


def _answer(schemas: dict[str, Any], item: dict[str, Any]) -> tuple[str | None, str | None, bool]:
    content = _success(item).get("content", {})
    if not content:
        return None, None, False
    schema = content.get(JSON, {}).get("schema", {})
    names = [name for each in schema.get("oneOf", [schema]) if (name := reference(each))]
    match names:
        case []:
            return None, None, True
        case [one]:
            return one, None, False
        case [one, many] if _is_batch(schemas[many], of=one):
            return one, many, False
        case [_, _] if "discriminator" in schema:
            return " | ".join(names), None, False
        case _:
            raise ValueError(f"{item['operationId']} answers one of {names}, and nothing tells which")
