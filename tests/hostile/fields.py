"""Every field and parameter of the OpenAPI document, each with a way to put any text in its place."""

import json
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec

from tests.world import HEADLINE, sample

METHODS = ("get", "put", "post", "patch", "delete")
MARK = "the hostile value stands here"
UNIQUE = "a name of its own"  # in each call another, so that no call ends at a name that is taken
# In bodies these names mean something else, or exclude another field.
OWN_IN_PATHS = {"name", "split", "from", "to", "label", "number", "seq", "version", "alias", "tune_id"}
QUESTION = {"messages": [{"role": "user", "content": "{{news}}"}], "variables": [{"name": "news"}]}
# What a body needs besides what its schema demands, or nothing beyond it would be looked at.
ALSO: dict[str, dict[str, Any]] = {
    "create_evaluation": {"version": "first", "split": "train", "scorers": [{"name": "exact_match"}]},
    "create_labels": {"category": "sports"},
    "create_tunes": {"force": True},
    "give_feedback": {"stars": 2},
    "make_consensus": {"rule": "majority"},
    "add_prompt_version": QUESTION,
    "render_prompt": QUESTION,
}
Step = str | int | None  # a field's name, the number of a variant, or None: the item of a list
Schema = dict[str, Any]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it is sent. `pointer` is what a refusal has to name."""

    operation: str
    method: str
    url: str
    headers: dict[bytes, bytes]
    body: bytes | None
    pointer: str


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a body, or a parameter: its place, and a call that is right but for the mark in that place."""

    route: tuple[str, str, Schema]
    place: str
    name: str
    schema: Schema
    body: Any = None

    @property
    def kind(self) -> str:
        """Targets of one kind are checked by the same code."""
        return f"{self.place} {json.dumps(self.schema, sort_keys=True)}"

    def build_usual_call(self, document: Schema, known: dict[str, str]) -> Call:
        """The call with a value that the schema allows."""
        name = self.name.rsplit("/", 1)[-1]
        usual = known.get(name) or sample(self.schema, document, {})
        value = json.dumps(usual) if self.place == "body" else quote(str(usual), safe="")
        return self.build_call(value.encode(), known)

    def build_call(self, value: bytes, known: dict[str, str]) -> Call:
        """The call with `value` in the place: JSON in a body, percent-encoded elsewhere."""
        method, path, operation = self.route
        url, query, headers = path, [], dict[bytes, bytes]()
        for parameter in operation.get("parameters", []):
            name, where = parameter["name"], parameter["in"]
            is_meant = (where, name) == (self.place, self.name)
            text = known.get(f"{name} of {path}", known.get(name, ""))
            if where == "path":
                url = url.replace(f"{{{name}}}", value.decode() if is_meant else quote(text, safe=""))
            elif is_meant and where == "query":
                query.append(f"{name}={value.decode()}")
            elif is_meant and where == "header":
                headers[name.encode()] = value
            elif where == "query" and name == "seconds":
                query.append("seconds=0")  # a live stream then ends when all there is was sent
            elif where == "query" and parameter["required"]:
                query.append(f"{name}={quote(text)}")
        body = None
        if self.body is not None:
            headers[b"Content-Type"] = b"application/json"
            text = json.dumps(self.body).replace(UNIQUE, f"n{uuid.uuid4().hex}")
            body = text.encode().replace(json.dumps(MARK).encode(), value)
        pointer = {"query": f"?{self.name}"}.get(self.place, self.name)
        return Call(
            operation=operation["operationId"],
            method=method.upper(),
            url=url + (f"?{'&'.join(query)}" if query else ""),
            headers=headers,
            body=body,
            pointer=pointer,
        )


def find_targets(document: Schema, known: dict[str, Any]) -> Iterator[Target]:
    """Targets in the order of the document; routes that take something away or close it come last."""
    routes = [(m, path, item[m]) for path, item in document["paths"].items() for m in METHODS if m in item]
    routes = [route for route in routes if route[1].startswith("/v1")]
    known = {name: text for name, text in known.items() if name not in OWN_IN_PATHS}
    known |= {"name": UNIQUE, "messages": HEADLINE["messages"]}
    for route in sorted(routes, key=_ends_something):
        content = route[2].get("requestBody", {}).get("content", {})
        schema = content["application/json"]["schema"] if list(content) == ["application/json"] else None
        also = ALSO.get(route[2]["operationId"], {})
        usual = None if schema is None else sample(schema, document, known) | also
        for parameter in route[2].get("parameters", []):
            yield Target(
                route=route, place=parameter["in"], name=parameter["name"], schema=parameter["schema"], body=usual
            )
        if schema is not None:
            yield Target(route=route, place="body", name="", schema=schema, body=MARK)
            for steps, field in find_fields(schema, document):
                pointer = "".join(f"/{0 if step is None else step}" for step in steps if not isinstance(step, int))
                body = _fill(schema, steps, document, known)
                body = {**body, **{name: value for name, value in also.items() if name != steps[0]}}
                yield Target(route=route, place="body", name=pointer, schema=field, body=body)


def _ends_something(route: tuple[str, str, Schema]) -> bool:
    words = ("archive", "erase", "cancel", "suspend", "revoke", "rotate")
    return route[0] == "delete" or any(word in route[1] for word in words)


def find_fields(
    schema: Schema, document: Schema, seen: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[Step, ...], Schema]]:
    """Every field at any depth, once in each schema that refers to itself."""
    if name := schema.get("$ref"):
        if name not in seen:
            yield from find_fields(_resolve(schema, document), document, (*seen, name))
        return
    for several in ("anyOf", "oneOf"):
        for number, variant in enumerate(schema.get(several, [])):
            for steps, field in find_fields(variant, document, seen):
                yield (number, *steps), field
    for name, field in schema.get("properties", {}).items():
        yield (name,), field
        for steps, inner in find_fields(field, document, seen):
            yield (name, *steps), inner
    if isinstance(items := schema.get("items"), dict):
        yield (None,), items
        for steps, inner in find_fields(items, document, seen):
            yield (None, *steps), inner


def _fill(schema: Schema, steps: tuple[Step, ...], document: Schema, known: dict[str, str]) -> Any:
    """A value that the schema allows, with the mark where the steps lead."""
    if not steps:
        return MARK
    schema, (step, *rest) = _resolve(schema, document), steps
    match step:
        case int():
            variants = schema.get("anyOf") or schema["oneOf"]
            return _fill(variants[step], tuple(rest), document, known)
        case None:
            return [_fill(schema["items"], tuple(rest), document, known)]
        case _:
            return sample(schema, document, known) | {
                step: _fill(schema["properties"][step], tuple(rest), document, known)
            }


def _resolve(schema: Schema, document: Schema) -> Schema:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema
