"""Draft version notes over HTTP. A draft is saved like any other note."""

from uuid import UUID

import msgspec
from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.ledger.store import Caller, Ledger
from service.models.gates.gate_facts import GateFactsLoader
from service.models.notes.draft_facts import load_draft_facts
from service.models.notes.notes_draft import write_draft
from service.models.schemas import VersionOrAlias


class NotesDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A draft of a version's notes, in Markdown. It names examples by id only."""

    model_id: UUID
    """The model."""
    version: str
    """The version that the notes describe."""
    text: str
    """The draft, in Markdown."""


@post(
    "/models/{model_id:uuid}/versions/{version:str}/notes/draft",
    operation_id="draft_model_version_notes",
    summary="Draft a version's notes",
    guards=[require_scope("models:read")],
    status_code=200,
    tags=["models"],
)
async def draft_model_version_notes(
    model_id: FromPath[UUID],
    version: VersionOrAlias,
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    gate_facts: NamedDependency[GateFactsLoader],
) -> NotesDraft:
    """The draft says what changed in the data since the previous version, and has parameters and scores.

    Nothing is saved: edit the draft and save it with `PATCH /v1/models/{model_id}/versions/{version}`.
    """
    facts = await load_draft_facts(ledger, caller.workspace_id, model_id, version, load_gate_facts=gate_facts)
    return NotesDraft(model_id=model_id, version=facts.version, text=write_draft(facts))


router = Router(path="/", route_handlers=[draft_model_version_notes])
