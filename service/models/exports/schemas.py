"""What the HTTP route of exports takes."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from service.http.bodies import Body
from service.models.exports.domain import ExportForm

FORMS = "`ollama` is a Modelfile beside a GGUF file; `gguf-adapter` is for the base in GGUF. A card is always written."
# An owner and a name on the Hub, or folders of an object store: no `..`, nothing hidden.
PATH = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95}){0,9}$"


class NewExportTarget(Body):
    """Where the folder goes besides the artifact store."""

    integration_id: UUID
    """An integration of kind `huggingface` or `object_store`."""
    path: Annotated[str, Meta(pattern=PATH, description="On the Hub `owner/name`; else a folder in the store.")]
    private: bool = True
    """Whether a repository that is made for it is private."""


class NewModelExport(Body):
    """What to make of a version's weights."""

    forms: Annotated[tuple[ExportForm, ...], Meta(min_length=1, max_length=10, description=FORMS)] = (
        "adapter",
        "gguf-q8_0",
        "ollama",
        "card",
    )
    to: NewExportTarget | None = None
    """Null: the artifact store alone."""
