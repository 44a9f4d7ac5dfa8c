"""The request that imports a model, and its response."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from service.http.bodies import NO_NUL, Body, Text
from service.http.responses import StoredResponse, encode_response
from service.ledger.decider import StreamState
from service.models.domain import ModelState
from service.models.schemas import ModelName, ProviderName, build_registered_version
from service.tunes.events import Bump


class ImportModel(Body):
    """A tuned model that a connection's account has already. How it was trained stays unknown."""

    connection_id: UUID
    """The connection whose account has it."""
    provider_model: Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL)]
    """Its name at the provider, such as `ft:gpt-4.1-mini-2025-04-14:acme:news:9xYz`."""
    model: ModelName
    """The model that it becomes the next version of. It is created where there is none of this name."""
    base_model: ProviderName | None = None
    """The base model it was tuned from. Null asks the provider."""
    bump: Bump = "minor"
    """Whether the next number is a minor (v1.1) or a major one (v2.0)."""
    notes: Text | None = None
    """Notes on the version, in Markdown."""


def build_imported_response(stored: StreamState[ModelState]) -> StoredResponse:
    location = f"/v1/models/{stored.id}/versions/{stored.state.latest}"
    return encode_response(build_registered_version(stored), status=201, version=stored.version, location=location)
