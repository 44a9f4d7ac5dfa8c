"""Register a model version: load its tune, count the dataset's changes, and give it the next number."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from service.connections.domain import CONNECTION, require_connection
from service.database.engine import new_id
from service.datasets.projection import load_version
from service.datasets.versions.diff import count_differences
from service.errors import Conflict, Fault, Invalid, Stale
from service.http.responses import StoredResponse
from service.ledger.decider import StreamState
from service.ledger.retry import retry_on_conflict
from service.ledger.store import NO_ATTACHMENTS, Attachments, Caller, Ledger
from service.models import domain, queries
from service.models.domain import MODEL, Changes, ModelEvent, ModelState, ModelVersionRegistered, VersionOrigin
from service.models.schemas import NewModelVersion
from service.tunes.events import TUNE, Bump, TuneState

REQUIRED_FIELDS = ("connection_id", "base_model", "provider_model")
ORIGIN_FIELDS = (*REQUIRED_FIELDS, "dataset_id", "dataset_version")


async def register_version(
    ledger: Ledger,
    caller: Caller,
    model_id: UUID,
    origin: VersionOrigin,
    *,
    bump: Bump,
    once: bool = False,
    attachments: Attachments = NO_ATTACHMENTS,
    respond: Callable[[StreamState[ModelState]], StoredResponse] | None = None,
) -> StreamState[ModelState]:
    """Add the next version. A tune registered before records nothing; with `once`, it raises Conflict."""
    decide: Callable[..., Sequence[ModelEvent]] = _register_once if once else domain.register

    async def attempt() -> StreamState[ModelState]:
        stored = await ledger.get(MODEL, caller.workspace_id, model_id)
        changes = await _count_changes(ledger, caller.workspace_id, stored.state, origin)
        decision = partial(decide, origin=origin, bump=bump, changes=changes)
        return await ledger.change(
            MODEL,
            model_id,
            decision,
            caller=caller,
            # The changes were counted against this state's latest version.
            expected=stored.version,
            attachments=attachments,
            respond=respond,
        )

    return await retry_on_conflict(attempt, subject="the model", conflict=Stale)


async def find_or_create_model(ledger: Ledger, caller: Caller, name: str, *, task_id: UUID | None) -> UUID:
    """Return the id of the model with this name. Where there is none, it is created, with this task."""
    model_id = await queries.find_model_by_name(ledger.engine, caller.workspace_id, name)
    if model_id is not None:
        return model_id
    try:
        created = await ledger.change(
            MODEL, new_id(), lambda _: domain.create(name=name, task_id=task_id), caller=caller
        )
    except Conflict:
        # Somebody created it in the meantime.
        if (model_id := await queries.find_model_by_name(ledger.engine, caller.workspace_id, name)) is None:
            raise
        return model_id
    return created.id


def build_origin_from_tune(stored: StreamState[TuneState], *, notes: str | None = None) -> VersionOrigin:
    """Build a version's origin from a tune. Raises Conflict unless it succeeded."""
    tune = stored.state
    if tune.state != "succeeded" or tune.provider_model is None:
        detail = f"The tune is {tune.state}; only a tune that succeeded has a model."
        raise Conflict(detail, errors=[Fault(pointer="/tune_id", detail=detail)])
    shared = [name for name in VersionOrigin.__struct_fields__ if name in tune.asked.__struct_fields__]
    fields: dict[str, Any] = {name: getattr(tune.asked, name) for name in shared}
    fields |= {"notes": notes} if notes is not None else {}
    return VersionOrigin(tune_id=stored.id, provider_model=tune.provider_model, **fields)


async def build_origin(ledger: Ledger, workspace_id: UUID, data: NewModelVersion) -> VersionOrigin:
    """Build the origin of a version registered by hand: a tune, or a model trained elsewhere.

    Raises Invalid for missing fields, and for fields that follow from the tune.
    """
    fields = {name: getattr(data, name) for name in ORIGIN_FIELDS}
    if data.tune_id is not None:
        if extra := [name for name, value in fields.items() if value is not None]:
            raise _build_invalid(extra, "Leave this out: it follows from the tune.")
        return build_origin_from_tune(await ledger.get(TUNE, workspace_id, data.tune_id), notes=data.notes)
    if missing := [name for name in REQUIRED_FIELDS if fields[name] is None]:
        raise _build_invalid(missing, "Required without a `tune_id`, for a model trained elsewhere.")
    if (data.dataset_id is None) != (data.dataset_version is None):
        raise _build_invalid(["dataset_version"], "Give `dataset_id` and `dataset_version` together.")
    stored = await ledger.get(CONNECTION, workspace_id, fields["connection_id"])
    require_connection(stored.state)
    if data.dataset_id is not None:
        version = await load_version(ledger.engine, workspace_id, data.dataset_id, data.dataset_version or "")
        fields |= {"dataset_seq": version.seq, "dataset_digest": version.digest, "train_split": "train"}
    return VersionOrigin(**fields, notes=data.notes)


def _build_invalid(names: list[str], detail: str) -> Invalid:
    return Invalid(detail, errors=[Fault(pointer=f"/{name}", detail=detail) for name in names])


def _register_once(
    model: ModelState | None, *, origin: VersionOrigin, bump: Bump, changes: Changes | None
) -> list[ModelEvent]:
    events = domain.register(model, origin, bump=bump, changes=changes)
    if not events:
        detail = "This tune is already a version of the model."
        raise Conflict(detail, errors=[Fault(pointer="/tune_id", detail=detail, code="taken")])
    return events


async def _count_changes(
    ledger: Ledger, workspace_id: UUID, model: ModelState, origin: VersionOrigin
) -> Changes | None:
    """Count the differences to the latest version's dataset version; None unless both are of the same dataset."""
    before = model.versions[model.latest] if model.latest else None
    if before is None or origin.dataset_id is None or before.dataset_id != origin.dataset_id:
        return None
    pair = [
        await load_version(ledger.engine, workspace_id, origin.dataset_id, _require_dataset_version(each))
        for each in (before, origin)
    ]
    old, new = (version.selection() for version in pair)
    counts = await count_differences(ledger.engine, workspace_id, old, new)
    return Changes(added=counts.added, edited=counts.edited, removed=counts.removed)


def _require_dataset_version(origin: ModelVersionRegistered | VersionOrigin) -> str:
    assert origin.dataset_version is not None  # it goes with the dataset_id
    return origin.dataset_version
