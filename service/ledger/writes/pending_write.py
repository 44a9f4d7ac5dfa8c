"""A write on its way to its statement, and the statement's arguments for one or several of them."""

from collections.abc import Sequence
from typing import Any

import msgspec

from service.ledger.decider import PENDING
from service.ledger.writes.batch import Batch, Caller, Entry
from service.ledger.writes.group_commit import MAX_BYTES, MAX_EVENTS

# Stands in a response for the time that the database will record.
MARKER = msgspec.json.encode(PENDING).strip(b'"')
Shape = tuple[frozenset[str], frozenset[str]]
"""The types of the events, and the kinds of their streams."""
CLAIM = ("workspace_id", "key_id", "route", "key", "token", "fingerprint")
RESPONSE = ("status", "headers", "body")


class PendingWrite:
    """A batch of one caller, with what decides whether another fits into the same statement."""

    def __init__(self, caller: Caller, batch: Batch) -> None:
        self.caller = caller
        self.batch = batch
        self.workspace_id = caller.workspace_id
        self.shape: Shape = (
            frozenset(type(entry.event).__name__ for entry in batch.entries),
            frozenset(entry.stream for entry in batch.entries),
        )
        self.streams = frozenset(entry.stream_id for entry in batch.entries)
        self.events = len(batch.entries)
        self.bytes = sum(len(text.body) for text in batch.attachments.contents)
        self.has_response = caller.claim is not None and batch.response is not None

    @property
    def can_wait(self) -> bool:
        """Whether it may share a statement: what is large, or has secrets or a checkpoint, goes alone."""
        attachments = self.batch.attachments
        is_small = self.events <= MAX_EVENTS and self.bytes <= MAX_BYTES
        return is_small and not attachments.secrets and attachments.checkpoint is None


def build_values(writes: Sequence[PendingWrite]) -> dict[str, Any]:
    """The statement's arguments by name, of one workspace's writes. Those of a part that it leaves out are not used."""
    values = {"workspace_id": writes[0].workspace_id} | _build_envelopes(writes)
    values |= _build_entries([entry for write in writes for entry in write.batch.entries])
    return values | _build_attachments(writes) | _build_responses([write for write in writes if write.has_response])


def build_envelope(caller: Caller) -> dict[str, Any]:
    """What the events of one write have in common."""
    return {
        "workspace_id": caller.workspace_id,
        "actor": caller.actor,
        "request_id": caller.request_id,
        "key_id": caller.key_id,
    }


def _build_envelopes(writes: Sequence[PendingWrite]) -> dict[str, Any]:
    callers = [write.caller for write in writes for _ in write.batch.entries]
    return {
        "actors": [caller.actor for caller in callers],
        "request_ids": [caller.request_id for caller in callers],
        "key_ids": [caller.key_id for caller in callers],
    }


def _build_entries(entries: Sequence[Entry]) -> dict[str, Any]:
    return {
        "streams": [entry.stream for entry in entries],
        "stream_ids": [entry.stream_id for entry in entries],
        "versions": [entry.after + 1 for entry in entries],
        "types": [type(entry.event).__name__ for entry in entries],
        "datas": [msgspec.json.encode(entry.event).decode() for entry in entries],
    }


def _build_attachments(writes: Sequence[PendingWrite]) -> dict[str, Any]:
    beside = [write.batch.attachments for write in writes]
    texts = [text for attachments in beside for text in attachments.contents]
    secrets = [secret for attachments in beside for secret in attachments.secrets]
    reader, reader_seq = beside[0].checkpoint or (None, None)
    return {
        "subjects": [text.subject for text in texts],
        "digests": [text.digest for text in texts],
        "salts": [text.salt for text in texts],
        "bodies": [text.body for text in texts],
        "secret_ids": [id_ for id_, _ in secrets],
        "secret_values": [value for _, value in secrets],
        "reader": reader,
        "reader_seq": reader_seq,
    }


def _build_responses(writes: Sequence[PendingWrite]) -> dict[str, Any]:
    values: dict[str, Any] = {"marker": MARKER}
    claims = [write.caller.claim for write in writes if write.caller.claim]
    responses = [write.batch.response.columns() for write in writes if write.batch.response]
    values |= {f"response_{name}": [getattr(claim, name) for claim in claims] for name in CLAIM}
    return values | {f"response_{name}": [response[name] for response in responses] for name in RESPONSE}
