"""Previews over HTTP: which examples would fail other schemas."""

from typing import Any
from uuid import UUID

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, UnsetType

from service.access.auth import require_scope
from service.datasets.previews.schema_preview import FailingExample, Schemas, preview_schemas
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

    `checked` and `failing` count all that were preview at for this answer, from the cursor on; `complete` says whether
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
    """Whether all the remaining examples were preview at."""


@post(
    "/tasks/{task_id:uuid}/preview",
    operation_id="preview_task_schemas",
    summary="Preview which examples would fail other schemas",
    guards=[require_scope("tasks:read"), require_scope("datasets:read")],
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
    """Checks the examples of all the task's datasets, as many per response as 10 seconds allow, at most 100,000.
    Nothing changes.
    """
    task = await ledger.get(TASK, caller.workspace_id, task_id)
    schemas = _build_schemas(task.state, data)
    position = decode_cursor(cursor, tuple[Seq, UUID, UUID])
    seq = position[0] if position else await resolve_as_of(ledger.engine, caller.workspace_id, None)
    preview = await preview_schemas(
        ledger.engine,
        caller.workspace_id,
        task_id,
        schemas,
        seq=seq,
        after=(position[1], position[2]) if position else None,
        keep=limit,
    )
    return SchemaPreview(
        data=preview.failures,
        next_cursor=encode_cursor((seq, *preview.next)) if preview.next else None,
        task_version=task.version,
        seq=seq,
        checked=preview.checked,
        failing=preview.failing,
        erased=preview.erased,
        complete=preview.complete,
    )


def _build_schemas(task: TaskState, data: PreviewSchemas) -> Schemas:
    """Raises Invalid with every fault of the schemas."""
    faults: list[Fault] = []
    schemas: list[bytes | None] = []
    for name, new_schema in (("input_schema", data.input_schema), ("output_schema", data.output_schema)):
        if isinstance(new_schema, dict):
            faults += check_schema(new_schema, at=f"/{name}")
        schema = getattr(task, name) if new_schema is UNSET else new_schema
        schemas.append(None if schema is None else encode_schema(schema))
    if faults:
        raise Invalid(faults[0].detail, errors=faults)
    return Schemas(input=schemas[0], output=schemas[1])


router = Router(path="/", route_handlers=[preview_task_schemas])
