"""Previews over HTTP: which examples would fail, were the schemas of their task others."""

from typing import Any
from uuid import UUID

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, UnsetType

from service.access.auth import require_scope
from service.datasets.previews.schema_preview import FailingExample, Schemas, look
from service.datasets.versions.version_as_of import Seq
from service.errors import Fault, Invalid
from service.http.as_of import resolve_as_of
from service.http.bodies import JSON, Body
from service.http.pagination import Cursor, Limit, Page, decode_cursor, encode_cursor
from service.ledger.store import Caller, Ledger
from service.tasks.domain import TASK, TaskState
from service.tasks.json_schema import check_schema, encode_schema


class PreviewSchemas(Body):
    """The schemas to try: an absent one is the task's own, null is none. The input is the user's last message."""

    input_schema: dict[str, Any] | UnsetType | None = UNSET
    """JSON Schema of the input, the user's last message. Absent: the task's own. Null: no schema."""
    output_schema: dict[str, Any] | UnsetType | None = UNSET
    """JSON Schema of the output. Absent: the task's own. Null: no schema."""


class SchemaPreview(Page[FailingExample], frozen=True, kw_only=True, omit_defaults=True):
    """One page of the examples that would fail.

    `checked` and `failing` count all that were looked at for this answer, from the cursor on; `complete` says whether
    that is the end. `erased` ones have no text to be checked.
    """

    task_version: int
    """The version of the task that absent schemas were taken from."""
    seq: int
    """The position in the event log at which the examples were read."""
    checked: int
    """How many examples were checked for this page, from the cursor on."""
    failing: int
    """How many of the checked examples fail."""
    erased: int
    """How many examples have no text to check, because it was erased."""
    complete: bool
    """Whether all the remaining examples were looked at."""


@post(
    "/tasks/{task_id:uuid}/preview",
    operation_id="preview_task_schemas",
    summary="Say which examples other schemas would refuse",
    guards=[require_scope("tasks:read")],
    status_code=200,
    tags=["tasks"],
)
async def preview_task_schemas(
    task_id: FromPath[UUID],
    data: JSON[PreviewSchemas],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> SchemaPreview:
    """Over all the task's datasets, at most 100,000 examples an answer. Nothing is changed by it."""
    task = await ledger.get(TASK, caller.workspace_id, task_id)
    schemas = _schemas(task.state, data)
    from_ = decode_cursor(cursor, tuple[Seq, UUID, UUID])
    seq = from_[0] if from_ else await resolve_as_of(ledger.engine, caller.workspace_id, None)
    looked = await look(
        ledger.engine,
        caller.workspace_id,
        task_id,
        schemas,
        seq=seq,
        after=(from_[1], from_[2]) if from_ else None,
        keep=limit,
    )
    return SchemaPreview(
        data=looked.found,
        next_cursor=encode_cursor((seq, *looked.next)) if looked.next else None,
        task_version=task.version,
        seq=seq,
        checked=looked.checked,
        failing=looked.failing,
        erased=looked.erased,
        complete=looked.complete,
    )


def _schemas(task: TaskState, data: PreviewSchemas) -> Schemas:
    """Raises Invalid with every fault of the schemas."""
    faults: list[Fault] = []
    tried: list[bytes | None] = []
    for name, given in (("input_schema", data.input_schema), ("output_schema", data.output_schema)):
        if isinstance(given, dict):
            faults += check_schema(given, at=f"/{name}")
        schema = getattr(task, name) if given is UNSET else given
        tried.append(None if schema is None else encode_schema(schema))
    if faults:
        raise Invalid(faults[0].detail, errors=faults)
    return Schemas(input=tried[0], output=tried[1])


router = Router(path="/", route_handlers=[preview_task_schemas])
