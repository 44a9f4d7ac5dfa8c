"""What events changed of examples, in words: each field with its text before and after."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.datasets.examples.domain import EXAMPLE, ExampleState
from service.datasets.examples.schemas import in_words
from service.http.history_pages import Change, find_changes
from service.ledger.readers.feed import FeedEvent
from service.ledger.texts import SubjectTexts, load_texts

TEXTS = ("content", "metadata", "instruction")
ERASED = {"erased": True}  # stands for a text that is gone
_LOG = """
select stream_id, seq, type, data::text from ledger.events
where workspace_id = $1 and stream_id = any($2::uuid[]) and stream = 'example' and seq <= $3
order by stream_id, version
"""


async def load_changes(
    engine: AsyncEngine, workspace_id: UUID, events: Sequence[FeedEvent]
) -> dict[int, dict[str, Change]]:
    """Load what each event of an example changed, by seq; other events are left out."""
    seqs = {event.seq for event in events if event.stream == EXAMPLE.stream}
    ids = {event.stream_id for event in events if event.seq in seqs}
    if not ids:
        return {}
    texts = await load_texts(engine, workspace_id, ids)
    states: dict[UUID, ExampleState] = {}
    changes: dict[int, dict[str, Change]] = {}
    for example_id, seq, type_, data in await fetch_all(engine, _LOG, (workspace_id, list(ids), max(seqs))):
        before = states.get(example_id)
        after = states[example_id] = EXAMPLE.evolve(before, EXAMPLE.decode(type_, data))
        if seq in seqs:
            changes[seq] = _compare(before, after, texts[example_id])
    return changes


def _compare(before: ExampleState | None, after: ExampleState, texts: SubjectTexts) -> dict[str, Change]:
    """What differs. Texts differ by their digests, so that a change of one that is erased still shows."""
    words, words_after = (_show(before, texts) if before else {}), _show(after, texts)
    changes = find_changes(words, words_after)
    for name in TEXTS:
        if before is not None and getattr(before, name) != getattr(after, name):
            changes[name] = Change(before=words[name], after=words_after[name])
    return changes


def _show(state: ExampleState, texts: SubjectTexts) -> dict[str, Any]:
    gone = {name: ERASED for name in TEXTS if (digest := getattr(state, name)) and digest not in texts.bodies}
    return in_words(state, texts.bodies) | {"split": state.split} | gone
