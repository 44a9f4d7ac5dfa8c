"""Work on a queue over HTTP: claim, submit, withdraw, skip, release, review."""

from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.access.domain import KeyHolder
from service.datasets.examples import chat_content
from service.errors import NotFound
from service.http.bodies import CARRIES_TEXTS, JSON
from service.http.responses import build_response
from service.labeling.annotators import Annotator, build_assignment_id
from service.labeling.impersonation import choose_annotator, require_own_assignment
from service.labeling.labels import queries as label_queries
from service.labeling.labels.domain import Verdict
from service.labeling.labels.schemas import Answered, build_label
from service.labeling.queues import assignments, queries
from service.labeling.queues.assignments import Claim
from service.labeling.queues.domain import QueueState
from service.labeling.queues.items import domain as item_domain
from service.labeling.queues.schemas import (
    Assignment,
    Claimed,
    ClaimedExample,
    ClaimExamples,
    ExampleInput,
    ReleaseAssignment,
    ReviewAssignment,
    SkipAssignment,
    WithdrawLabel,
    build_assignment,
)
from service.labeling.visibility import require_overview, restricted_to_own_labels
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.tasks.domain import TASK

VERDICTS: dict[str, Verdict] = {"accept": "accepted", "send_back": "sent_back"}
PATH = "/assignments/{assignment_id:uuid}"


@post(
    "/datasets/{dataset_id:uuid}/queue/claim",
    operation_id="claim_examples",
    opt=CARRIES_TEXTS,
    summary="Claim examples to label",
    description="An annotator never labels an example twice, and at most `overlap` annotators label each. "
    "When a lease ends without a label, the example is offered to others again. For another annotator than the key, "
    "and for models, the key needs the scope `labels:impersonate`, too.",
    guards=[require_scope("labels:write")],
    status_code=200,
    tags=["labels"],
)
async def claim_examples(
    dataset_id: FromPath[UUID],
    data: JSON[ClaimExamples],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
) -> Response[Claimed]:
    queue = await assignments.find_queue(ledger, caller.workspace_id, dataset_id, data.queue_id)
    annotator = choose_annotator(holder, data.annotator)
    claims = await assignments.claim_examples(ledger, caller, queue, annotator, limit=data.limit)
    task = await ledger.get(TASK, caller.workspace_id, queue.state.task_id)
    examples = [await _build_claimed_example(ledger, caller, queue, annotator, claim) for claim in claims]
    return build_response(Claimed(data=examples, questions=task.state.questions))


@get(
    PATH,
    operation_id="get_assignment",
    summary="Get an assignment",
    guards=[require_scope("labels:read")],
    tags=["labels"],
)
async def get_assignment(
    assignment_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
) -> Assignment:
    row = await queries.get_assignment(ledger.engine, caller.workspace_id, assignment_id)
    own_name = restricted_to_own_labels(holder)
    if own_name is not None and own_name not in {row.annotator, row.changed_by}:
        raise NotFound(f"No such assignment: {assignment_id}.")
    return build_assignment(row)


@post(
    f"{PATH}/submit",
    operation_id="submit_label",
    opt=CARRIES_TEXTS,
    summary="Submit the label of a claimed example",
    description="After the lease has ended, this works only while nobody else has taken the example. "
    "Repeating the same answers records nothing.",
    guards=[require_scope("labels:write")],
    status_code=200,
    tags=["labels"],
)
async def submit_label(
    assignment_id: FromPath[UUID],
    data: JSON[Answered],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
) -> Response[Assignment]:
    row = await queries.get_assignment(ledger.engine, caller.workspace_id, assignment_id)
    require_own_assignment(holder, row)
    await assignments.submit_label(ledger, caller, row, data)
    return await _reply_with_assignment(ledger, caller, assignment_id)


@post(
    f"{PATH}/withdraw",
    operation_id="withdraw_label",
    summary="Take a submitted label back",
    description="For a mis-click: the label counts no more, and its annotator has the example again under a new lease. "
    "Refused (409 `decided`) once a reviewer has accepted the label or a consensus has counted it. "
    "The label's history keeps both answers. Repeating it records nothing.",
    guards=[require_scope("labels:write")],
    status_code=200,
    tags=["labels"],
)
async def withdraw_label(
    assignment_id: FromPath[UUID],
    data: JSON[WithdrawLabel],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
) -> Response[Assignment]:
    row = await queries.get_assignment(ledger.engine, caller.workspace_id, assignment_id)
    require_own_assignment(holder, row)
    await assignments.withdraw_label(ledger, caller, row, reason=data.reason)
    return await _reply_with_assignment(ledger, caller, assignment_id)


@post(
    f"{PATH}/skip",
    operation_id="skip_assignment",
    summary="Skip a claimed example",
    guards=[require_scope("labels:write")],
    status_code=200,
    tags=["labels"],
)
async def skip_assignment(
    assignment_id: FromPath[UUID],
    data: JSON[SkipAssignment],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
) -> Response[Assignment]:
    row = await queries.get_assignment(ledger.engine, caller.workspace_id, assignment_id)
    require_own_assignment(holder, row)
    await assignments.give_back(ledger, caller, row, item_domain.skip, reason=data.reason)
    return await _reply_with_assignment(ledger, caller, assignment_id)


@post(
    f"{PATH}/release",
    operation_id="release_assignment",
    summary="Release a claimed example",
    guards=[require_scope("labels:write")],
    status_code=200,
    tags=["labels"],
)
async def release_assignment(
    assignment_id: FromPath[UUID],
    data: JSON[ReleaseAssignment],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
) -> Response[Assignment]:
    row = await queries.get_assignment(ledger.engine, caller.workspace_id, assignment_id)
    require_own_assignment(holder, row)
    await assignments.give_back(ledger, caller, row, item_domain.release, reason=data.reason)
    return await _reply_with_assignment(ledger, caller, assignment_id)


@post(
    f"{PATH}/review",
    operation_id="review_label",
    opt=CARRIES_TEXTS,
    summary="Accept a label or send it back",
    description="A label that was sent back does not count until the same annotator submits again.",
    guards=[require_scope("labels:write")],
    status_code=200,
    tags=["labels"],
)
async def review_label(
    assignment_id: FromPath[UUID],
    data: JSON[ReviewAssignment],
    caller: NamedDependency[Caller],
    holder: NamedDependency[KeyHolder],
    ledger: NamedDependency[Ledger],
) -> Response[Assignment]:
    require_overview(holder)
    reason = data.require_reason() if data.verdict == "send_back" else data.reason
    row = await queries.get_assignment(ledger.engine, caller.workspace_id, assignment_id)
    await assignments.review_label(ledger, caller, row, verdict=VERDICTS[data.verdict], reason=reason)
    return await _reply_with_assignment(ledger, caller, assignment_id)


async def _reply_with_assignment(ledger: Ledger, caller: Caller, assignment_id: UUID) -> Response[Assignment]:
    row = await queries.get_assignment(ledger.engine, caller.workspace_id, assignment_id)
    return build_response(build_assignment(row))


async def _build_claimed_example(
    ledger: Ledger, caller: Caller, queue: StreamState[QueueState], annotator: Annotator, claim: Claim
) -> ClaimedExample:
    """Build what the annotator sees: no others' labels if the queue is blind, and never whether it is a honeypot."""
    offer, others = claim.offer, []
    if not queue.state.blind:
        rows = await label_queries.list_example_labels(
            ledger.engine, caller.workspace_id, offer.example_id, queue_id=queue.id
        )
        others = [build_label(row) for row in rows]
    content = chat_content.decode(offer.content)
    prompt = ExampleInput(messages=chat_content.get_prompt(content), tools=content.tools)
    return ClaimedExample(
        assignment_id=build_assignment_id(offer.item_id, annotator),
        queue_id=queue.id,
        example_id=offer.example_id,
        annotator=annotator,
        leased_until=claim.until,
        content=content if queue.state.shows == "example" else None,
        input=prompt if queue.state.shows == "input" else None,
        reason=offer.reason,
        labels=others,
    )


router = Router(
    path="/",
    route_handlers=[
        claim_examples,
        get_assignment,
        submit_label,
        withdraw_label,
        skip_assignment,
        release_assignment,
        review_label,
    ],
)
