"""Who may see others' labels: a key that may only write labels is an annotator's, and sees them after its own."""

from service.access.projection import KeyHolder
from service.errors import Forbidden

OVERVIEW = {"admin", "labels:read"}


def restricted_to_own_labels(holder: KeyHolder) -> str | None:
    """The annotator that the key stands for, when it has no scope to see everyone's labels."""
    return None if OVERVIEW & set(holder.scopes) else holder.name


def require_overview(holder: KeyHolder) -> None:
    """Raises Forbidden for an annotator's key."""
    if restricted_to_own_labels(holder) is not None:
        raise Forbidden("This needs the scope labels:read beside labels:write: it shows or steers others' labels.")
