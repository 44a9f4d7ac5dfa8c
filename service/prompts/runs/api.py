"""Routes of batch runs: ask a prompt about the examples of a dataset, and read the predictions."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.database.page_bytes import is_cut
from service.datasets.filters.selection import Filter
from service.datasets.splits import Split
from service.http.bodies import CARRIES_TEXTS, JSON
from service.http.pagination import Cursor, Limit, Page, decode_cursor, page
from service.http.responses import to_response
from service.inference.domain import Served
from service.inference.outcomes import StoredAnswer
from service.inference.queries import format_cost
from service.ledger.store import Caller, Ledger
from service.operations.domain import Operation, OperationState
from service.prompts.domain import PROMPT
from service.prompts.render.answer_check import PromptFailure
from service.prompts.runs import queries
from service.prompts.runs.commands import NewPromptRun, create_run
from service.prompts.runs.queries import PredictionStatus

# Under another name in the signature: Litestar keeps `state` for itself.
InState = Annotated[
    PredictionStatus | None, QueryParameter(name="state", description="Only predictions in this state.")
]


class PromptRun(msgspec.Struct, frozen=True, kw_only=True):
    """A batch run of a prompt on the examples of a dataset."""

    id: UUID
    """The batch run's id, which is also its operation's."""
    prompt_id: UUID
    """The prompt."""
    label: str | None
    """The label you asked for."""
    weights: dict[str, float]
    """The share of examples that each version answers, by version number."""
    served: dict[str, Served]
    """The model that each version asks, by version number."""
    dataset_id: UUID
    """The dataset."""
    dataset_version: str | None
    """The frozen dataset version; null when the run reads a past state of the dataset."""
    seq: int
    """The seq of the event up to which the dataset is read."""
    filter: Filter
    """Which examples match."""
    split: Split | None
    """Only examples of this split; null for all."""
    limit: int | None
    """The most examples to ask about; null for all."""
    inputs: dict[str, str]
    """Where in an example each variable's value is, as a JSON pointer."""
    state: OperationState
    """How the run is doing."""
    done: int
    """How many examples are done."""
    total: int | None
    """How many examples there are."""
    created_at: datetime
    """When the run was requested."""
    created_by: str
    """Who requested it."""
    finished_at: datetime | None
    """When it ended; null until then."""


class PromptRunPage(Page[PromptRun], frozen=True, kw_only=True):
    """One page of batch runs, newest first."""


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """A model's answer for one example, or the reason why there is none."""

    example_id: UUID
    """The example that was asked about."""
    example_version: int
    """The example's revision."""
    prompt_version: int
    """The prompt version that asked."""
    state: PredictionStatus
    """`succeeded`, or `failed` when there is no usable answer."""
    text: str | None
    """The answer; null once erased, or when there is none."""
    tool_calls: list[dict[str, Any]]
    """The answer's tool calls, in OpenAI's shape."""
    finish_reason: str | None
    """Why the model stopped, in the provider's word."""
    failure: PromptFailure | None
    """Why there is no usable answer; null when there is one."""
    call_id: UUID | None
    """The call of the operation that asked; null when no model was asked."""
    provider_model: str | None
    """The model that answered, by the provider's name."""
    input_tokens: int | None
    """Tokens of the question, as the provider counted them."""
    output_tokens: int | None
    """Tokens of the answer, as the provider counted them."""
    cost: dict[str, str] | None
    """`amount` and `currency`; null when no price is known."""
    latency_ms: int | None
    """Milliseconds that the provider took."""
    reused: bool
    """Whether the answer of an earlier run was reused for free."""
    recorded_at: datetime
    """When the prediction was recorded."""


class PredictionPage(Page[Prediction], frozen=True, kw_only=True):
    """One page of predictions, by example id."""


@post(
    "/prompts/{prompt_id:uuid}/runs",
    operation_id="create_prompt_run",
    opt=CARRIES_TEXTS,
    summary="Run a prompt on many examples",
    guards=[require_scope("prompts:run"), require_scope("datasets:read")],
    status_code=202,
    tags=["prompts"],
)
async def create_prompt_run(
    prompt_id: FromPath[UUID],
    data: JSON[NewPromptRun],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Operation]:
    """No example is paid for twice, also after a crash. An example that fails is a failed prediction."""
    return to_response(await create_run(ledger, caller, prompt_id, data), Operation)


@get(
    "/prompts/{prompt_id:uuid}/runs",
    operation_id="list_prompt_runs",
    summary="List a prompt's batch runs",
    guards=[require_scope("prompts:read")],
    tags=["prompts"],
)
async def list_prompt_runs(
    prompt_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PromptRunPage:
    await ledger.get(PROMPT, caller.workspace_id, prompt_id)
    before = decode_cursor(cursor, tuple[UUID])
    rows = await queries.list_runs(
        ledger.engine, caller.workspace_id, prompt_id, before=before[0] if before else None, limit=limit + 1
    )
    return page(PromptRunPage, [_run_from_row(row) for row in rows], limit, key=lambda run: run.id)


@get(
    "/runs/{run_id:uuid}",
    operation_id="get_prompt_run",
    summary="Read a batch run",
    guards=[require_scope("prompts:read")],
    tags=["prompts"],
)
async def get_prompt_run(
    run_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> PromptRun:
    return _run_from_row(await queries.get_run(ledger.engine, caller.workspace_id, run_id))


@get(
    "/runs/{run_id:uuid}/predictions",
    operation_id="list_predictions",
    summary="List a batch run's predictions",
    guards=[require_scope("prompts:read")],
    tags=["prompts"],
)
async def list_predictions(
    run_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    in_state: InState = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PredictionPage:
    """List the predictions made so far, also while the run is in progress."""
    await queries.get_run(ledger.engine, caller.workspace_id, run_id)
    after = decode_cursor(cursor, tuple[UUID])
    rows = await queries.list_predictions(
        ledger.engine, caller.workspace_id, run_id, state=in_state, after=after[0] if after else None, limit=limit + 1
    )
    predictions = page(PredictionPage, rows, limit, key=lambda row: row.example_id, is_cut=is_cut(rows))
    return msgspec.structs.replace(predictions, data=[_prediction_from_row(row) for row in rows[:limit]])


def _run_from_row(row: Any) -> PromptRun:
    same = "prompt_id label weights dataset_id dataset_version split limit state done total created_at created_by"
    return PromptRun(
        id=row.run_id,
        seq=row.moment,
        served=msgspec.convert(row.served, dict[str, Served]),
        filter=msgspec.convert(row.filter or {}, Filter),
        inputs=row.inputs or {},
        finished_at=row.finished_at,
        **{name: getattr(row, name) for name in same.split()},
    )


def _prediction_from_row(row: Any) -> Prediction:
    stored = None if row.body is None else msgspec.json.decode(row.body, type=StoredAnswer)
    same = (
        "example_id example_version prompt_version finish_reason call_id provider_model input_tokens output_tokens "
        "latency_ms recorded_at"
    )
    return Prediction(
        state="succeeded" if row.failure is None else "failed",
        text=stored.text if stored else None,
        tool_calls=list(stored.tool_calls) if stored else [],
        failure=msgspec.convert(row.failure, PromptFailure | None),
        cost=format_cost(row.cost, row.currency) if row.cost is not None else None,
        reused=row.repeats is not None,
        **{name: getattr(row, name) for name in same.split()},
    )


router = Router(path="/", route_handlers=[create_prompt_run, list_prompt_runs, get_prompt_run, list_predictions])
