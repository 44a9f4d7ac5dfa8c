"""Trace a request to its fix: its example, the repair, and the dataset and model versions made from it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import asdict

from service.datasets.examples.domain import ExampleRepaired
from service.datasets.examples.queries import load_example_texts
from service.ledger.decider import RecordedEvent
from service.ledger.store import Ledger
from service.ledger.texts import SubjectTexts
from service.models.lineage import queries as lineage
from service.models.lineage.schemas import DatasetVersionWith, ModelVersionMade, build_dataset_version_with
from service.monitoring.feedback.trail_evaluations import TrailEvaluation, load_evaluations
from service.monitoring.requests.queries import get_request, list_examples_of
from service.monitoring.requests.schemas import LoggedRequest

MAX_VERSIONS = 200


class TrailRepair(msgspec.Struct, frozen=True, kw_only=True):
    """The repair of an example, and the revision it created. The instruction is null once erased."""

    revision: int
    """The example's revision that the repair created."""
    instruction: str | None
    """The instruction of the repair; null without one or once erased."""
    reason: str | None
    """Why the example was repaired."""
    by: str
    """Who repaired it."""
    at: datetime
    """When it was repaired."""


class TrailModel(ModelVersionMade, frozen=True, kw_only=True):
    """A model version trained on the dataset version, and its evaluations, the newest first."""

    evaluations: list[TrailEvaluation]
    """The evaluations that measured this model version, the newest first."""


class TrailVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A dataset version with the example, and the models trained on it."""

    dataset_version: str
    """The dataset version's name."""
    seq: int
    """The event in the workspace's log that the version includes up to."""
    revision: int
    """The example's revision in this version."""
    repaired: bool
    """Whether the version holds the repaired example."""
    created_at: datetime
    """When the version was frozen."""
    model_versions: list[TrailModel]
    """The model versions trained on it."""


class TrailExample(msgspec.Struct, frozen=True, kw_only=True):
    """The example that the request became in a dataset, and the latest 200 dataset versions that hold it."""

    dataset_id: UUID
    """The dataset that holds the example."""
    example_id: UUID
    """The example."""
    promoted_at: datetime
    """When the example was made from the request."""
    promoted_by: str
    """Who made it."""
    repair: TrailRepair | None
    """The example's first repair; null when it was never repaired."""
    dataset_versions: list[TrailVersion]
    """The latest 200 dataset versions that hold the example."""


class Trail(msgspec.Struct, frozen=True, kw_only=True):
    """A request with its feedback, and the examples made from it."""

    request: LoggedRequest
    """The request and its feedback."""
    examples: list[TrailExample]
    """The examples made from the request."""


async def build_trail(ledger: Ledger, workspace_id: UUID, request_id: UUID) -> Trail:
    """Raises NotFound."""
    request = await get_request(ledger.engine, workspace_id, request_id)
    made = await list_examples_of(ledger.engine, workspace_id, request_id)
    return Trail(request=request, examples=[await _follow_example(ledger, workspace_id, each) for each in made])


async def _follow_example(ledger: Ledger, workspace_id: UUID, example: Any) -> TrailExample:
    engine, example_id = ledger.engine, example.id
    events = await ledger.load_events(workspace_id, "example", example_id)
    repair = find_first_repair(events, await load_example_texts(engine, workspace_id, example_id))
    dataset_id, split = await lineage.find_dataset_and_split(engine, workspace_id, example_id)
    rows = await lineage.list_dataset_versions(
        engine, workspace_id, dataset_id, example_id, before=None, limit=MAX_VERSIONS
    )
    models = await lineage.load_model_versions(engine, workspace_id, dataset_id, [row.name for row in rows])
    versions = [build_dataset_version_with(row, split, models.get(row.name, [])) for row in rows]
    trained = [(each.model_id, each.version) for version in versions for each in version.model_versions]
    evaluations = await load_evaluations(engine, workspace_id, example_id, trained)
    return TrailExample(
        dataset_id=dataset_id,
        example_id=example_id,
        promoted_at=example.created_at,
        promoted_by=example.created_by,
        repair=repair,
        dataset_versions=[_build_version(each, repair, evaluations) for each in versions],
    )


def find_first_repair(events: Sequence[RecordedEvent], texts: SubjectTexts) -> TrailRepair | None:
    """Find the first repair among an example's events."""
    recorded = next((each for each in events if each.type == ExampleRepaired.__name__), None)
    if recorded is None:
        return None
    event = msgspec.json.decode(recorded.data, type=ExampleRepaired)
    instruction = texts.bodies.get(event.instruction or "")
    return TrailRepair(
        revision=recorded.version,
        instruction=None if instruction is None else instruction.decode(),
        reason=event.reason,
        by=recorded.actor,
        at=recorded.recorded_at,
    )


def _build_version(
    version: DatasetVersionWith, repair: TrailRepair | None, evaluations: dict[tuple[UUID, str], list[TrailEvaluation]]
) -> TrailVersion:
    return TrailVersion(
        dataset_version=version.dataset_version,
        seq=version.seq,
        revision=version.revision,
        repaired=repair is not None and version.revision >= repair.revision,
        created_at=version.created_at,
        model_versions=[
            TrailModel(**asdict(each), evaluations=evaluations.get((each.model_id, each.version), []))
            for each in version.model_versions
        ],
    )
