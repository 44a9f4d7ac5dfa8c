"""What the HTTP route of exports takes."""

from typing import Annotated

from msgspec import Meta

from service.http.bodies import Body
from service.integrations.schemas import NewExportTarget
from service.models.exports.domain import ExportForm

FORMS = "`ollama` is a Modelfile beside a GGUF file; `gguf-adapter` is for the base in GGUF. A card is always written."


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
