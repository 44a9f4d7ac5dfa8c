"""Load what a draft of version notes needs: the tune, the data before and after, and the scores."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.domain import DATASET
from service.datasets.projection import DatasetVersionRow, load_version
from service.datasets.versions.diff import Difference, Side, list_differences
from service.ledger.store import Ledger
from service.models.domain import MODEL, ModelVersionRegistered, get_version
from service.models.gates.gate_facts import GateFactsLoader
from service.models.notes.notes_draft import ChangeKind, DraftFacts, NotableExample, Origin
from service.tunes.events import TUNE

# A version may change a million examples; notable ones are searched among this many.
MAX_DIFFERENCES = 200
EXAMPLES_PER_KIND = 3
CHANGE_KINDS: tuple[ChangeKind, ...] = ("edited", "added", "removed")
# How notable an example's change is (sorted descending), and the change in words.
Weight = tuple[tuple[int, float], str]


async def load_draft_facts(
    ledger: Ledger, workspace_id: UUID, model_id: UUID, name: str, *, load_gate_facts: GateFactsLoader
) -> DraftFacts:
    """Load the facts of a version, by its name or by an alias. Raises NotFound."""
    model = (await ledger.get(MODEL, workspace_id, model_id)).state
    version = get_version(model, name)
    before = model.versions[version.previous] if version.previous else None
    facts = await load_gate_facts(
        ledger.engine, workspace_id, model_id, version.model_version, model.gate, current=version.previous
    )
    return DraftFacts(
        version=version.model_version,
        origin=await _load_origin(ledger, workspace_id, version),
        previous=version.previous,
        before=await _load_origin(ledger, workspace_id, before) if before else None,
        changes=version.changes,
        notable=await _load_notable_examples(ledger.engine, workspace_id, before, version),
        facts=facts,
    )


async def _load_origin(ledger: Ledger, workspace_id: UUID, version: ModelVersionRegistered) -> Origin:
    fields: dict[str, Any] = {"base_model": version.base_model, "provider_model": version.provider_model}
    if version.dataset_id is not None:
        dataset = await ledger.get(DATASET, workspace_id, version.dataset_id)
        fields |= {"dataset": dataset.state.name, "dataset_version": version.dataset_version}
    if version.tune_id is not None:
        request = (await ledger.get(TUNE, workspace_id, version.tune_id)).state.asked
        shared = {name: getattr(request, name) for name in ("method", "train_examples", "validation_examples")}
        seed = {} if request.seed is None else {"seed": request.seed}
        fields |= {**shared, "parameters": {**request.hyperparameters, **seed}}
    return Origin(**fields)


async def _load_notable_examples(
    engine: AsyncEngine, workspace_id: UUID, before: ModelVersionRegistered | None, after: ModelVersionRegistered
) -> tuple[NotableExample, ...]:
    """Load a few examples of each kind of change; none unless both versions are of the same dataset."""
    if before is None or after.changes is None or after.dataset_id is None:
        return ()
    old, new = [
        await load_version(engine, workspace_id, after.dataset_id, each.dataset_version or "")
        for each in (before, after)
    ]
    return select_notable(await _load_differences(engine, workspace_id, old, new))


async def _load_differences(
    engine: AsyncEngine, workspace_id: UUID, old: DatasetVersionRow, new: DatasetVersionRow
) -> Sequence[Difference]:
    """Load the first differences by example id, and the first of newer examples (ids begin with their time)."""
    pages = [
        await list_differences(engine, workspace_id, old.selection(), new.selection(), past=past, limit=MAX_DIFFERENCES)
        for past in (None, _build_lowest_id(old.created_at))
    ]
    return list({each.example_id: each for page in pages for each in page}.values())


def _build_lowest_id(at: datetime) -> UUID:
    """Build the lowest UUIDv7 of this millisecond."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def select_notable(differences: Sequence[Difference]) -> tuple[NotableExample, ...]:
    """Select the most notable of each kind: repairs before edits, labels and ratings; best added, worst removed."""
    notable: list[NotableExample] = []
    for kind in CHANGE_KINDS:
        weighed = [(_weigh(each), each.example_id) for each in differences if each.change == kind]
        weighed.sort(key=lambda each: ([-number for number in each[0][0]], each[1]))
        notable += [
            NotableExample(example_id=id_, change=kind, reason=reason)
            for (_, reason), id_ in weighed[:EXAMPLES_PER_KIND]
        ]
    return tuple(notable)


def _weigh(difference: Difference) -> Weight:
    before, after = difference.before, difference.after
    if before is not None and after is not None:
        return _weigh_edit(before, after)
    [side] = [side for side in (before, after) if side is not None]
    if side.rating is None:
        return (0, 0), "not rated"
    return (1, side.rating if before is None else -side.rating), f"rated {side.rating:.3g}"


def _weigh_edit(before: Side, after: Side) -> Weight:
    if after.repaired and not _is_same(before.content, after.content):
        return (4, _measure_rating_change(before, after)), f"answer repaired{_describe_rating_change(before, after)}"
    if not _is_same(before.content, after.content):
        return (3, _measure_rating_change(before, after)), f"content edited{_describe_rating_change(before, after)}"
    if before.label != after.label:
        return (2, _measure_rating_change(before, after)), f"relabeled{_describe_rating_change(before, after)}"
    if before.rating != after.rating:
        return (1, _measure_rating_change(before, after)), f"rating only{_describe_rating_change(before, after)}"
    return (0, 0), "tags or metadata edited"


def _measure_rating_change(before: Side, after: Side) -> float:
    """Return how far the rating moved, up or down."""
    return abs((after.rating or 0) - (before.rating or 0)) if before.rating != after.rating else 0


def _describe_rating_change(before: Side, after: Side) -> str:
    if before.rating == after.rating:
        return ""
    return f", rated {_format_stars(before.rating)} before and {_format_stars(after.rating)} now"


def _format_stars(rating: float | None) -> str:
    return "not" if rating is None else f"{rating:.3g}"


def _is_same(before: Any, after: Any) -> bool:
    """Whether both have the same bytes. An erased text counts as the same."""
    return before is None or after is None or bytes(before) == bytes(after)
