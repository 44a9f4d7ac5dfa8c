"""Who may see others' labels. A key that may only write labels is an annotator's, and sees them after labeling."""

from service.access.domain import KeyHolder
from service.errors import Forbidden

OVERVIEW_SCOPES = {"admin", "labels:read"}


def restricted_to_own_labels(holder: KeyHolder) -> str | None:
    """Return the annotator the key belongs to, or None if its scopes allow seeing everyone's labels."""
    return None if OVERVIEW_SCOPES & set(holder.scopes) else holder.name


def require_overview(holder: KeyHolder) -> None:
    """Raises Forbidden for a key without the scope labels:read."""
    if restricted_to_own_labels(holder) is not None:
        raise Forbidden(
            "This API key lacks the scope labels:read, which this request needs: it concerns others' labels."
        )
