"""Agreement and consensus over HTTP."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.access.domain import KeyHolder
from service.datasets.versions.version_as_of import AsOf, Seq, resolve_as_of_in
from service.errors import NotFound
from service.http.bodies import CARRIES_TEXTS, JSON, NO_NUL
from service.http.pagination import Cursor, Limit, Page, decode_cursor, encode_cursor
from service.http.responses import build_response
from service.labeling.agreement.agreement_metrics import METRICS, parse_metrics
from service.labeling.agreement.agreement_rows import AgreementRow, By
from service.labeling.agreement.dataset_agreement import AgreementRequest, AnnotatorGroup, measure_agreement
from service.labeling.consensus.commands import make_consensus
from service.labeling.consensus.schemas import Consensus, MakeConsensus
from service.labeling.labels.commands import get_label_task
from service.labeling.labels.queries import LabelSelection, count_origins
from service.labeling.queues.queries import get_queue
from service.labeling.visibility import require_overview
from service.ledger.store import Caller, Ledger


class AgreementPage(Page[AgreementRow], frozen=True, kw_only=True):
    """One page of agreement rows. Only rows by example come in pages; all pages show the state of the first."""

    honeypots: int
    """Examples whose labels are not measured because they answer a honeypot."""


def provide_request(
    by: Annotated[By, QueryParameter(description="What each row is about.")] = "task",
    metric: Annotated[
        str | None,
        QueryParameter(
            max_length=500,
            pattern=NO_NUL,
            description=f"Metrics, separated by commas: {', '.join(METRICS)}. Default: all.",
        ),
    ] = None,
    annotators: Annotated[AnnotatorGroup, QueryParameter(description="Whose labels are measured.")] = "people",
    model: Annotated[
        str | None,
        QueryParameter(max_length=200, pattern=NO_NUL, description="Compare this model's labels with people's labels."),
    ] = None,
    question: Annotated[
        str | None,
        QueryParameter(max_length=200, pattern=NO_NUL, description="Only this question. Default: all questions."),
    ] = None,
) -> AgreementRequest:
    return AgreementRequest(by=by, metrics=parse_metrics(metric), group=annotators, model=model, question=question)


@get(
    "/datasets/{dataset_id:uuid}/agreement",
    operation_id="get_agreement",
    summary="Measure how far annotators agree",
    description="docs/agreement.md defines each metric by name and version. An undefined value is null, with a reason. "
    "Answers to honeypots are not measured.",
    guards=[require_scope("labels:read")],
    tags=["labels"],
)
async def get_agreement(
    dataset_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
    agreement_request: NamedDependency[AgreementRequest],
    task_id: Annotated[UUID | None, QueryParameter(description="Default: the dataset's task.")] = None,
    queue: Annotated[UUID | None, QueryParameter(description="Only labels from this queue.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    as_of: AsOf = None,
) -> AgreementPage:
    require_overview(holder)
    task = await get_label_task(ledger, caller.workspace_id, dataset_id, task_id, error=NotFound)
    if queue is not None:
        await get_queue(ledger.engine, caller.workspace_id, queue)
    position = decode_cursor(cursor, tuple[Seq, UUID])
    seq = position[0] if position else await resolve_as_of_in(ledger, caller.workspace_id, dataset_id, as_of)
    selection = LabelSelection(dataset_id=dataset_id, task_id=task.id, seq=seq, queue_id=queue)
    after = position[1] if position else None
    rows, last = await measure_agreement(
        ledger, caller.workspace_id, selection, task.state, agreement_request, after=after, limit=limit
    )
    honeypots = (await count_origins(ledger.engine, caller.workspace_id, selection)).honeypots
    return AgreementPage(data=rows, next_cursor=encode_cursor((seq, last)) if last else None, honeypots=honeypots)


@post(
    "/datasets/{dataset_id:uuid}/consensus",
    operation_id="make_consensus",
    opt=CARRIES_TEXTS,
    summary="Make consensus labels from votes",
    description="Writes each label and its votes into the example's history. Tied examples get no label and are "
    "listed. Adjudicated labels stay, and answers to honeypots are no votes. Repeating the request records nothing.",
    guards=[require_scope("datasets:write")],
    status_code=200,
    tags=["labels"],
)
async def create_consensus(
    dataset_id: FromPath[UUID],
    data: JSON[MakeConsensus],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Consensus]:
    data.check_decisions()
    return build_response(await make_consensus(ledger, caller, dataset_id, data))


router = Router(
    path="/",
    route_handlers=[get_agreement, create_consensus],
    dependencies={"agreement_request": Provide(provide_request, sync_to_thread=False)},
)
