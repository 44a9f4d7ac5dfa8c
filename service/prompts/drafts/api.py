"""Route that builds a prompt from a task."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.ledger.store import Caller, Ledger
from service.prompts.domain import Style
from service.prompts.drafts.task_draft import PromptDraft, draft_prompt

ExampleCount = Annotated[
    int | None, QueryParameter(ge=1, le=50, description="How many examples. Default: 4, 25 or 10, by style.")
]
Dataset = Annotated[
    UUID | None,
    QueryParameter(description="The dataset to take examples from; few_shot, multi_shot and repairs need it."),
]
Seed = Annotated[int, QueryParameter(ge=0, lt=2**31, description="The same seed draws the same examples.")]
InStyle = Annotated[Style, QueryParameter(description="How the prompt is built.")]


@get(
    "/tasks/{task_id:uuid}/prompt",
    operation_id="build_prompt",
    summary="Build a prompt from a task",
    guards=[require_scope("prompts:read"), require_scope("datasets:read")],
    tags=["prompts"],
)
async def build_prompt(
    task_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    style: InStyle = "basic",
    dataset_id: Dataset = None,
    count: ExampleCount = None,
    seed: Seed = 0,
) -> PromptDraft:
    """Build a version from the task. Examples are from the split `train`, rated 4 or better, repaired ones first.

    They are copied into the messages. A version with `examples`, which are drawn when rendering, holds no copy.
    """
    return await draft_prompt(
        ledger, caller.workspace_id, task_id, style, dataset_id=dataset_id, count=count, seed=seed
    )


router = Router(path="/", route_handlers=[build_prompt])
