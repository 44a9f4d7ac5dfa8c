"""Drafts of version notes over HTTP; what becomes of one is saved as any note is."""

from uuid import UUID

import msgspec
from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.ledger.store import Caller, Ledger
from service.models.gates.gate_facts import GateFacts
from service.models.notes import notes_draft as notes
from service.models.notes.draft_facts import load_version_story
from service.models.schemas import VersionOrAlias


class NotesDraft(msgspec.Struct, frozen=True, kw_only=True):
    """Notes for a version, in Markdown, made from what is on record of it. Examples are named by their ids alone."""

    model_id: UUID
    """The model."""
    version: str
    """The version that the notes describe."""
    text: str
    """The draft, in Markdown."""


@post(
    "/models/{model_id:uuid}/versions/{version:str}/notes/draft",
    operation_id="draft_model_version_notes",
    summary="Draft a version's notes from what is on record",
    guards=[require_scope("models:read")],
    status_code=200,
    tags=["models"],
)
async def draft_model_version_notes(
    model_id: FromPath[UUID],
    version: VersionOrAlias,
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    gate_facts: NamedDependency[GateFacts],
) -> NotesDraft:
    """The data since the version before, base and parameters, and scores. Nothing is saved.

    A person goes on from it and saves it with `PATCH /v1/models/{model_id}/versions/{version}`.
    """
    story = await load_version_story(ledger, caller.workspace_id, model_id, version, gather=gate_facts)
    return NotesDraft(model_id=model_id, version=story.version, text=notes.write_draft(story))


router = Router(path="/", route_handlers=[draft_model_version_notes])
