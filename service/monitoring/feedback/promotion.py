"""Requests made into examples: each once in a dataset, and repaired by the correction that its feedback brought."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from service.database.engine import new_id
from service.datasets.domain import DATASET, DatasetState
from service.datasets.examples import chat_content as texts
from service.datasets.examples.chat_content import Assistant, Content, Message, ToolCall, User
from service.datasets.examples.domain import ExampleAdded
from service.datasets.examples.sources import Source
from service.datasets.examples.validation import RuleBook, accepted, mismatches
from service.datasets.splits import assign
from service.errors import Fault, Unprocessable
from service.ledger.decider import StreamState
from service.ledger.retry import retry_on_conflict
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger, load_many
from service.ledger.store import StoredText as Text
from service.ledger.texts import SubjectTexts
from service.monitoring.feedback.corrections import repair_with_corrections
from service.monitoring.requests import domain
from service.monitoring.requests.domain import REQUEST, RequestState
from service.monitoring.requests.queries import get_requests
from service.monitoring.requests.schemas import LoggedRequest, PromoteRequests, Promotion, Promotions
from service.tasks.domain import TASK


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a promotion is decided on: the dataset with its task, the requests, and what was done with them so far."""

    dataset_id: UUID
    dataset: DatasetState
    task: RuleBook | None
    requests: dict[UUID, LoggedRequest]
    streams: dict[UUID, StreamState[RequestState]]

    def example_of(self, request_id: UUID) -> UUID | None:
        stored = self.streams.get(request_id)
        return stored.state.examples.get(self.dataset_id) if stored else None


async def promote(ledger: Ledger, caller: Caller, wanted: PromoteRequests) -> Promotions:
    """Raises NotFound without the dataset, Unprocessable with all that keeps requests from being promoted."""
    ids = list(dict.fromkeys(wanted.request_ids))

    async def attempt() -> tuple[Facts, dict[UUID, UUID]]:
        facts = await _load_facts(ledger, caller.workspace_id, wanted.dataset_id, ids)
        fresh = [id_ for id_ in ids if facts.example_of(id_) is None]
        return facts, await _add_examples(ledger, caller, facts, wanted, fresh)

    facts, made = await retry_on_conflict(attempt, subject="these requests")
    examples = {id_: made.get(id_) or facts.example_of(id_) for id_ in ids}
    pairs = {id_: example_id for id_, example_id in examples.items() if example_id is not None}
    repaired = await _repair_corrected(ledger, caller, facts, pairs, wanted)
    return Promotions(data=[_build_promotion(id_, pairs[id_], new=id_ in made, repaired=repaired) for id_ in ids])


def _build_promotion(request_id: UUID, example_id: UUID, *, new: bool, repaired: set[UUID]) -> Promotion:
    return Promotion(request_id=request_id, example_id=example_id, new=new, repaired=example_id in repaired)


async def _load_facts(ledger: Ledger, workspace_id: UUID, dataset_id: UUID, ids: Sequence[UUID]) -> Facts:
    dataset = (await ledger.get(DATASET, workspace_id, dataset_id)).state
    return Facts(
        dataset_id=dataset_id,
        dataset=dataset,
        task=await ledger.find(TASK, workspace_id, dataset.task_id) if dataset.task_id else None,
        requests={request.id: request for request in await get_requests(ledger.engine, workspace_id, ids)},
        streams=await load_many(ledger, REQUEST, workspace_id, ids),
    )


async def _add_examples(
    ledger: Ledger, caller: Caller, facts: Facts, wanted: PromoteRequests, fresh: Sequence[UUID]
) -> dict[UUID, UUID]:
    """The new example of each request that had none."""
    contents = {id_: _build_content(facts.requests.get(id_), use_correction=wanted.use_correction) for id_ in fresh}
    places = {id_: place for place, id_ in reversed(list(enumerate(wanted.request_ids)))}
    faults = [
        msgspec.structs.replace(fault, pointer=f"/request_ids/{places[id_]}")
        for id_, content in contents.items()
        if isinstance(content, list)
        for fault in content
    ]
    if faults:
        raise Unprocessable("Some of these requests cannot be promoted.", errors=faults)
    wordings = {id_: SubjectTexts(new_id()) for id_ in fresh}
    entries: list[Entry] = []
    for id_, content in contents.items():
        if isinstance(content, Content):
            entries += _build_entries(id_, content, wordings[id_], facts, wanted)
    if entries:
        kept: list[Text] = [text for wording in wordings.values() for text in wording.attachments.contents]
        await ledger.write(caller, Batch(entries=entries, attachments=Attachments(contents=kept)))
    return {id_: wording.subject for id_, wording in wordings.items()}


def _build_entries(
    request_id: UUID, content: Content, wording: SubjectTexts, facts: Facts, wanted: PromoteRequests
) -> list[Entry]:
    """The example, and what the request became, in one write: neither is there without the other."""
    marks = accepted(mismatches(content, facts.task, at="/output"), on_invalid="mark", at="/output")
    added = ExampleAdded(
        dataset_id=facts.dataset_id,
        content=wording.add(texts.canonical(content)),
        split=assign(wording.subject, facts.dataset.split_policy),
        source=Source(type="log", request_id=request_id),
        tags=tuple(dict.fromkeys(wanted.tags)),
        invalid=marks,
        task_version=facts.task.version if facts.task else None,
    )
    stored = facts.streams.get(request_id)
    events = domain.promote(stored.state if stored else None, dataset_id=facts.dataset_id, example_id=wording.subject)
    became = [
        Entry(stream=REQUEST.stream, stream_id=request_id, after=stored.version if stored else 0, event=event)
        for event in events
    ]
    return [Entry(stream="example", stream_id=wording.subject, after=0, event=added), *became]


async def _repair_corrected(
    ledger: Ledger, caller: Caller, facts: Facts, examples: Mapping[UUID, UUID], wanted: PromoteRequests
) -> set[UUID]:
    if not wanted.use_correction:
        return set()
    said = {id_: request.feedback for id_, request in facts.requests.items()}
    corrections = {examples[id_]: each for id_, each in said.items() if each is not None and each.correction}
    return await repair_with_corrections(ledger, caller, corrections, task=facts.task, reason=wanted.reason)


def _build_content(request: LoggedRequest | None, *, use_correction: bool) -> Content | list[Fault]:
    """What the request teaches, or why it cannot: without an answer, its correction is the answer."""
    if request is None:
        return [Fault(detail="No such request; retention may have deleted it.", code="no_such_request")]
    if request.erased_at is not None:
        return [Fault(detail="This request was erased.", code="erased")]
    messages = _parse_messages(request)
    if isinstance(messages, Fault):
        return [messages]
    calls, output = _decode_raw(request.tool_calls), _decode_raw(request.output)
    if not output and not calls and use_correction and request.feedback:
        output = request.feedback.correction
    if not output and not calls:
        return [Fault(detail="It has no output, and no correction that could be its output.", code="no_output")]
    try:
        answer = Assistant(content=output, tool_calls=msgspec.convert(calls, tuple[ToolCall, ...] | None))
    except msgspec.ValidationError as error:
        return [Fault(detail=f"Its tool calls are not in OpenAI's shape: {error}.", code="unknown_shape")]
    content = Content(messages=(*messages, answer))
    return texts.faults(content) or content


def _parse_messages(request: LoggedRequest) -> tuple[Message, ...] | Fault:
    said = _decode_raw(request.input)
    if isinstance(said, str):
        return (User(content=said),)
    try:
        messages: tuple[Message, ...] = msgspec.convert(said, tuple[Message, ...])
    except msgspec.ValidationError as error:
        return Fault(detail=f"Its input is not in OpenAI's chat shape: {error}.", code="unknown_shape")
    return messages


def _decode_raw(value: Any) -> Any:
    """A value that is kept as JSON, read."""
    return msgspec.json.decode(bytes(value)) if isinstance(value, msgspec.Raw) else value
