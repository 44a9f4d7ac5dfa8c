"""Read JSON rows of one shape into rows that can be stored, with all faults of a bad one. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import msgspec

from service.datasets.examples.chat_content import (
    ENCODER,
    MAX_DEPTH,
    Assistant,
    Content,
    Message,
    OnUnanswered,
    Tool,
    build_too_deep_fault,
    decode_or_fault,
    encode_and_check,
    find_text_faults,
    is_deeper_than,
    is_unanswered,
)
from service.datasets.examples.ratings import Rating, Stars
from service.datasets.imports.shapes.column_map import apply_column_map
from service.datasets.imports.shapes.draft import Draft, Json
from service.datasets.imports.shapes.recognition import SHAPES, Shape, guess_shape
from service.datasets.imports.shapes.row import (
    ESCAPED_NUL,
    BadRow,
    ExternalId,
    Metadata,
    Row,
    RowFields,
    StarCount,
    Tags,
)
from service.datasets.imports.shapes.row_fields import Extra, take_fields
from service.datasets.splits import Split
from service.errors import Fault
from service.json_type_faults import describe, find_type_faults

NOT_JSON = re.compile(rb"(?<![\w\"])(?:NaN|-?Infinity)\b")
PARTIAL_CODES = ("empty", "nul_character", "lone_surrogate", "too_deep")
_PLACE = re.compile(r"/(messages/(?P<message>\d+)|chosen|rejected|tools/\d+)(?P<rest>/.*)?")


class ChatRow(Content, frozen=True, kw_only=True):
    """A row that is canonical already: most rows of most files, so it is tried first."""

    external_id: ExternalId | None = None
    tags: Tags | None = None
    rating: StarCount | None = None
    split: Split | None = None
    metadata: Metadata | None = None


CHAT_ROW = msgspec.json.Decoder(ChatRow)
ANY_ROW = msgspec.json.Decoder()


class RowReader:
    """Reads rows of one shape. `columns` names the source of fields; `extra` says where unknown columns go."""

    def __init__(
        self,
        shape: Shape,
        *,
        extra: Extra = "metadata",
        columns: Mapping[str, str] | None = None,
        unanswered: OnUnanswered = "refuse",
    ) -> None:
        self.shape = shape
        self._extra: Extra = extra
        self._columns = columns or {}
        self._unanswered: OnUnanswered = unanswered

    def read(self, line: int, at: str, data: bytes | Fault) -> Row | BadRow:
        if isinstance(data, Fault):
            return BadRow(line=line, faults=(data,))
        if self.shape.is_chat and not self._columns:
            row = _read_canonical(line, data, self._unanswered)
            if row is not None:
                return row
        value = _decode(data, at)
        if isinstance(value, Fault):
            return BadRow(line=line, faults=(value,))
        try:
            return self._read_object(line, at, data, value)
        except RecursionError:
            return BadRow(line=line, faults=(build_too_deep_fault(at),))

    def _read_object(self, line: int, at: str, data: bytes, value: Json) -> Row | BadRow:
        mapped, missing = apply_column_map(value, self._columns, at=at) if self._columns else (value, [])
        draft = Draft(dict(mapped), at=at, unanswered=self._unanswered)
        draft.faults += missing
        self.shape.read(draft)
        content = _build_content(draft, mapped, ignores=self._extra == "ignore")
        fields = take_fields(draft, self._extra)
        if ESCAPED_NUL in data:
            draft.faults += find_text_faults(msgspec.to_builtins(fields), at=at)
        if draft.faults or content is None:
            return BadRow(line=line, faults=tuple(self._explain(draft.faults, mapped, at)))
        return build_row(
            line,
            content,
            fields,
            original=msgspec.json.format(data, indent=-1),
            draft=draft,
        )

    def _explain(self, faults: list[Fault], row: Json, at: str) -> list[Fault]:
        """Each fault once, under the column where the value came from, and a hint if the row has another shape."""
        unique = {(fault.pointer, fault.code): fault for fault in reversed(faults)}
        explained = [self._to_source(unique[key], at) for key in reversed(unique)]
        other = guess_shape(row)
        if other is not None and other.name != self.shape.name and other.read is not self.shape.read:
            hint = f"{explained[0].detail} This row looks like {other.title}: import it with format={other.name}."
            explained[0] = msgspec.structs.replace(explained[0], detail=hint)
        return explained

    def _to_source(self, fault: Fault, at: str) -> Fault:
        field, slash, rest = fault.pointer.removeprefix(f"{at}/").partition("/")
        source = self._columns.get(field)
        if source is None:
            return fault
        where = source if source.startswith("/") else f"/{source}"
        return msgspec.structs.replace(fault, pointer=f"{at}{where}{slash}{rest}")


def normalize_content(value: Json) -> Json | None:
    """The canonical content that a chat in another spelling means; None if that would lose anything, or has faults."""
    draft = Draft(dict(value))
    SHAPES["openai-chat"].read(draft)
    if draft.faults or draft.losses:
        return None
    return {**_to_builtins(draft), **{name: item for name, item in draft.row.items() if item is not None}}


def build_row(line: int, content: bytes, fields: RowFields, *, original: bytes | None, draft: Draft) -> Row:
    """The row to store, each tag once."""
    return Row(
        line=line,
        content=content,
        original=original,
        external_id=fields.external_id,
        tags=tuple(dict.fromkeys(fields.tags)) if fields.tags else (),
        rating=fields.rating,
        split=fields.split,
        metadata=None if fields.metadata is None else ENCODER.encode(fields.metadata),
        losses=tuple(sorted(draft.losses)),
        unanswered=draft.is_unanswered,
    )


def _read_canonical(line: int, data: bytes, unanswered: OnUnanswered) -> Row | None:
    """The row, if it is canonical and has no fault: the other way finds all of them."""
    try:
        row = CHAT_ROW.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    content = Content(
        messages=row.messages,
        tools=row.tools,
        parallel_tool_calls=row.parallel_tool_calls,
        chosen=row.chosen,
        rejected=row.rejected,
    )
    content_bytes, faults = encode_and_check(content, unanswered=unanswered)
    if faults or ESCAPED_NUL in data or is_deeper_than(row.metadata, MAX_DEPTH):
        return None
    rating = Rating(overall=Stars(value=row.rating)) if row.rating is not None else None
    return Row(
        line=line,
        content=content_bytes,
        external_id=row.external_id,
        tags=tuple(dict.fromkeys(row.tags)) if row.tags else (),
        rating=rating,
        split=row.split,
        metadata=None if row.metadata is None else ENCODER.encode(row.metadata),
        unanswered=is_unanswered(content),
    )


def _decode(data: bytes, at: str) -> Json | Fault:
    value = decode_or_fault(ANY_ROW, data, at=at)
    if isinstance(value, Fault):
        return _name_constant(data, at) or value if value.code == "malformed" else value
    if not isinstance(value, dict):
        return Fault(pointer=at, detail=f"Found {describe(value)}; allowed is an object.", code="wrong_type")
    return value


def _name_constant(data: bytes, at: str) -> Fault | None:
    """The fault of a row that only Python calls JSON: it has NaN or Infinity."""
    found = NOT_JSON.search(data)
    if found is None:
        return None

    def refuse(constant: str) -> NoReturn:
        raise LookupError(constant)

    try:
        json.loads(data, parse_constant=refuse)
    except LookupError as error:
        detail = f"{error.args[0]} at byte {found.start()} is not JSON; write null."
        return Fault(pointer=at, detail=detail, code="malformed")
    except (ValueError, RecursionError):
        return None
    return None


def _build_content(draft: Draft, row: Json, *, ignores: bool) -> bytes | None:
    """The canonical bytes, or None when the draft has faults of its content, which are added to it."""
    try:
        content = msgspec.convert(_to_builtins(draft), Content)
    except msgspec.ValidationError:
        if ignores and _drop_unknown(draft):
            return _build_content(draft, row, ignores=False)
        draft.faults += _find_partial_faults(draft, row)
        return None
    content_bytes, faults = encode_and_check(content, unanswered=draft.unanswered)
    if draft.faults:  # what is missing may be what could not be read
        faults = [fault for fault in faults if fault.code in PARTIAL_CODES and fault.pointer != "/messages"]
    draft.faults += [_to_place(fault, draft, row) for fault in faults]
    return content_bytes


def _to_builtins(draft: Draft) -> Json:
    optional = {"tools": draft.tools, "parallel_tool_calls": draft.parallel_tool_calls}
    answers = {name: answer for name, (answer, _) in draft.answers.items()}
    return {
        "messages": draft.messages,
        **{name: value for name, value in optional.items() if value is not None},
        **answers,
    }


def _find_partial_faults(draft: Draft, row: Json) -> list[Fault]:
    """The faults of each message by itself, and those that can be told of the good ones without the bad ones."""
    pieces: list[tuple[str, Any, Any]] = [(f"/messages/{n}", m, Message) for n, m in enumerate(draft.messages)]
    pieces += [(f"/{name}", answer, Assistant) for name, (answer, _) in draft.answers.items()]
    pieces += [(f"/tools/{index}", tool, Tool) for index, tool in enumerate(draft.tools or [])]
    pieces.append(("/parallel_tool_calls", draft.parallel_tool_calls, bool | None))
    faults: list[Fault] = []
    good: list[tuple[int, Message]] = []
    for at, value, kind in pieces:
        try:
            message = msgspec.convert(value, kind)
        except msgspec.ValidationError:
            faults += find_type_faults(value, kind, at=at)
            continue
        if kind is Message:
            good.append((int(at.rpartition("/")[2]), message))
    _, semantic = encode_and_check(Content(messages=tuple(message for _, message in good)))
    for fault in semantic:
        place = _PLACE.fullmatch(fault.pointer)
        if place and place["message"] and fault.code in PARTIAL_CODES:
            number = good[int(place["message"])][0]
            faults.append(msgspec.structs.replace(fault, pointer=f"/messages/{number}{place['rest'] or ''}"))
    return [_to_place(fault, draft, row) for fault in faults]


def _drop_unknown(draft: Draft) -> bool:
    """Leave out unknown fields of messages, and count them as losses. False if there are none."""
    dropped = False
    for message in draft.messages:
        for fault in find_type_faults(message, Message):
            if fault.code != "unknown_field":
                continue
            *steps, name = fault.pointer.split("/")[1:]
            holder: Any = message
            for step in steps:
                holder = holder[int(step)] if isinstance(holder, list) else holder[step]
            del holder[name.replace("~1", "/").replace("~0", "~")]
            draft.losses.add(f"message fields: {name[:64]}")
            dropped = True
    return dropped


def _to_place(fault: Fault, draft: Draft, row: Json) -> Fault:
    """The fault of the canonical form, where its value stands in the row."""
    place = _PLACE.fullmatch(fault.pointer)
    if place is None:
        return msgspec.structs.replace(fault, pointer=draft.at + fault.pointer)
    rest = place["rest"] or ""
    if place["message"] is not None:
        at = draft.places[int(place["message"])]
    elif place[1] in draft.answers:
        at = draft.answers[place[1]][1]
    else:
        at = f"{draft.at}/{place[1]}"
    field, slash, more = rest.removeprefix("/").partition("/")
    named = f"/{draft.names.get(field, field)}{slash}{more}" if field else ""
    is_object = isinstance(_resolve(row, at.removeprefix(draft.at)), dict) or place[1].startswith("tools")
    return msgspec.structs.replace(fault, pointer=f"{at}{named}" if is_object else at)


def _resolve(row: Any, at: str) -> Any:
    for step in at.split("/")[1:]:
        if isinstance(row, dict):
            row = row.get(step)
        elif isinstance(row, list) and step.isdigit() and int(step) < len(row):
            row = row[int(step)]
        else:
            return None
    return row
