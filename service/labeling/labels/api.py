"""Labels over HTTP: create them, list them, and list a label's history."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.access.domain import KeyHolder
from service.datasets.domain import DATASET
from service.datasets.examples.ratings import AnnotatorKind
from service.datasets.versions.version_as_of import AsOf, Seq, resolve_as_of_in
from service.errors import NotFound
from service.http.bodies import CARRIES_TEXTS, JSON, NO_NUL
from service.http.history_pages import HistoryPage, history
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import build_response
from service.labeling.impersonation import choose_annotator
from service.labeling.labels import queries
from service.labeling.labels.commands import SignedLabel, give_labels
from service.labeling.labels.domain import LABEL, Review, history_fields
from service.labeling.labels.queries import LabelFilter
from service.labeling.labels.schemas import CreateLabels, Label, LabelBatch, LabelPage, NewLabel, build_label
from service.labeling.visibility import restricted_to_own_labels
from service.ledger.store import Caller, Ledger


def provide_label_filter(
    example_id: Annotated[UUID | None, QueryParameter(description="Only labels of this example.")] = None,
    task_id: Annotated[UUID | None, QueryParameter(description="Only labels for this task.")] = None,
    queue_id: Annotated[UUID | None, QueryParameter(description="Only labels from this queue.")] = None,
    annotator: Annotated[str | None, QueryParameter(max_length=200, pattern=NO_NUL)] = None,
    kind: Annotated[AnnotatorKind | None, QueryParameter(description="Only labels by people, or by models.")] = None,
    review: Annotated[
        Review | None,
        QueryParameter(description="Only labels that were accepted, sent back, or taken back."),
    ] = None,
) -> LabelFilter:
    return LabelFilter(
        example_id=example_id, task_id=task_id, queue_id=queue_id, annotator=annotator, kind=kind, review=review
    )


@post(
    "/datasets/{dataset_id:uuid}/labels",
    operation_id="create_labels",
    opt=CARRIES_TEXTS,
    summary="Create one label, or up to 1,000",
    description="All are saved, or none. An annotator has one label per example and task: a new one replaces it, "
    "and repeating the same label records nothing. With `text`, the answer is read from what a model or person wrote. "
    "Labels of another annotator than the key, and of models, need the scope `labels:impersonate`, too.",
    guards=[require_scope("labels:write")],
    tags=["labels"],
)
async def create_labels(
    dataset_id: FromPath[UUID],
    data: JSON[CreateLabels],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
) -> Response[Label | LabelBatch]:
    single = data.labels is None
    signed = [_sign(holder, label, "" if single else f"/labels/{n}") for n, label in enumerate(data.to_list())]
    labels = await give_labels(ledger, caller, dataset_id, signed, task_id=data.task_id)
    path = f"/v1/datasets/{dataset_id}/labels"
    if single:
        return build_response(labels[0], status=201, location=f"{path}?example_id={labels[0].example_id}")
    return build_response(LabelBatch(data=labels), status=201, location=path)


@get(
    "/datasets/{dataset_id:uuid}/labels",
    operation_id="list_labels",
    summary="List a dataset's labels",
    description="A key with only the scope labels:write sees others' labels of an example after giving its own; "
    "labels from queues that are not blind it sees at once.",
    guards=[require_scope("labels:read")],
    tags=["labels"],
)
async def list_labels(
    dataset_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
    label_filter: NamedDependency[LabelFilter],
    limit: Limit = 50,
    cursor: Cursor = None,
    as_of: AsOf = None,
) -> LabelPage:
    position = decode_cursor(cursor, tuple[Seq, UUID, UUID])
    await ledger.get(DATASET, caller.workspace_id, dataset_id)
    seq = position[0] if position else await resolve_as_of_in(ledger, caller.workspace_id, dataset_id, as_of)
    rows = await queries.list_labels(
        ledger.engine,
        caller.workspace_id,
        dataset_id,
        label_filter,
        seq=seq,
        only_for=restricted_to_own_labels(holder),
        after=position[1:] if position else None,
        limit=limit + 1,
    )
    return page(
        LabelPage, [build_label(row) for row in rows], limit, key=lambda label: (seq, label.example_id, label.id)
    )


@get(
    "/labels/{label_id:uuid}/history",
    operation_id="list_label_history",
    summary="List a label's history",
    guards=[require_scope("labels:read")],
    tags=["labels"],
)
async def list_label_history(
    label_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> HistoryPage:
    visible = await queries.load_labels(
        ledger.engine, caller.workspace_id, [label_id], only_for=restricted_to_own_labels(holder)
    )
    if not visible:
        raise NotFound(f"No such label: {label_id}.")
    return await history(
        ledger.engine, LABEL, caller.workspace_id, label_id, limit=limit, cursor=cursor, shown=history_fields
    )


def _sign(holder: KeyHolder, label: NewLabel, pointer: str) -> SignedLabel:
    annotator = choose_annotator(holder, label.annotator, pointer=f"{pointer}/annotator")
    return SignedLabel(new=label, annotator=annotator, pointer=pointer)


router = Router(
    path="/",
    route_handlers=[create_labels, list_labels, list_label_history],
    dependencies={"label_filter": Provide(provide_label_filter, sync_to_thread=False)},
)
