"""Promote requests to examples: once per dataset, repaired with the correction from their feedback."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from service.database.engine import new_id
from service.datasets.domain import DATASET, DatasetState, require_active
from service.datasets.examples import chat_content
from service.datasets.examples.chat_content import Assistant, Content, Message, Tool, ToolCall, User
from service.datasets.examples.domain import ExampleAdded, Mismatch
from service.datasets.examples.sources import Source
from service.datasets.examples.validation import RuleBook, find_schema_faults, to_mismatches
from service.datasets.splits import assign_split
from service.errors import Fault, Unprocessable
from service.ledger.decider import StreamState
from service.ledger.retry import retry_on_conflict
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger, StoredText, load_many
from service.ledger.texts import SubjectTexts
from service.monitoring.feedback.corrections import repair_with_corrections
from service.monitoring.requests import domain
from service.monitoring.requests.domain import REQUEST, RequestState
from service.monitoring.requests.queries import get_requests
from service.monitoring.requests.schemas import LoggedRequest, PromoteRequests, Promotion, Promotions
from service.tasks.domain import TASK


class PromotionFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a promotion depends on: the dataset with its task, the requests, and their streams."""

    dataset_id: UUID
    dataset: DatasetState
    task: RuleBook | None
    requests: dict[UUID, LoggedRequest]
    streams: dict[UUID, StreamState[RequestState]]

    def example_of(self, request_id: UUID) -> UUID | None:
        """The example that the request became in the dataset, by a promotion or an import."""
        stored, request = self.streams.get(request_id), self.requests.get(request_id)
        made = {each.dataset_id: each.example_id for each in request.examples} if request else {}
        return (stored.state.examples if stored else made).get(self.dataset_id) or made.get(self.dataset_id)


async def promote(ledger: Ledger, caller: Caller, body: PromoteRequests) -> Promotions:
    """Promote all requests or none. Raises NotFound without the dataset, Unprocessable with every request's faults."""
    ids = list(dict.fromkeys(body.request_ids))

    async def attempt() -> tuple[PromotionFacts, dict[UUID, UUID]]:
        facts = await _load_facts(ledger, caller.workspace_id, body.dataset_id, ids)
        new = [id_ for id_ in ids if facts.example_of(id_) is None]
        return facts, await _add_examples(ledger, caller, facts, body, new)

    facts, added = await retry_on_conflict(attempt, subject="these requests")
    examples = {id_: added.get(id_) or facts.example_of(id_) for id_ in ids}
    pairs = {id_: example_id for id_, example_id in examples.items() if example_id is not None}
    repaired = await _repair_corrected(ledger, caller, facts, pairs, body)
    return Promotions(data=[_build_promotion(id_, pairs[id_], new=id_ in added, repaired=repaired) for id_ in ids])


def _build_promotion(request_id: UUID, example_id: UUID, *, new: bool, repaired: set[UUID]) -> Promotion:
    return Promotion(request_id=request_id, example_id=example_id, new=new, repaired=example_id in repaired)


async def _load_facts(ledger: Ledger, workspace_id: UUID, dataset_id: UUID, ids: Sequence[UUID]) -> PromotionFacts:
    dataset = require_active((await ledger.get(DATASET, workspace_id, dataset_id)).state)
    return PromotionFacts(
        dataset_id=dataset_id,
        dataset=dataset,
        task=await ledger.find(TASK, workspace_id, dataset.task_id) if dataset.task_id else None,
        requests={request.id: request for request in await get_requests(ledger.engine, workspace_id, ids)},
        streams=await load_many(ledger, REQUEST, workspace_id, ids),
    )


async def _add_examples(
    ledger: Ledger, caller: Caller, facts: PromotionFacts, body: PromoteRequests, request_ids: Sequence[UUID]
) -> dict[UUID, UUID]:
    """Add an example for each of the requests; returns the example ids by request id."""
    contents = {id_: _build_content(facts.requests.get(id_), use_correction=body.use_correction) for id_ in request_ids}
    positions = {id_: position for position, id_ in reversed(list(enumerate(body.request_ids)))}
    faults = [
        msgspec.structs.replace(fault, pointer=f"/request_ids/{positions[id_]}")
        for id_, content in contents.items()
        if isinstance(content, list)
        for fault in content
    ]
    if faults:
        raise Unprocessable("Some requests cannot be promoted; see `errors`.", errors=faults)
    texts = {id_: SubjectTexts(new_id()) for id_ in request_ids}
    entries: list[Entry] = []
    for id_, content in contents.items():
        if isinstance(content, Content):
            marks = to_mismatches(await find_schema_faults(caller.workspace_id, content, facts.task), at="/output")
            entries += _build_entries(id_, content, texts[id_], facts, body, invalid=marks)
    if entries:
        stored: list[StoredText] = [text for each in texts.values() for text in each.attachments.contents]
        await ledger.write(caller, Batch(entries=entries, attachments=Attachments(contents=stored)))
    return {id_: each.subject for id_, each in texts.items()}


def _build_entries(
    request_id: UUID,
    content: Content,
    texts: SubjectTexts,
    facts: PromotionFacts,
    body: PromoteRequests,
    *,
    invalid: tuple[Mismatch, ...],
) -> list[Entry]:
    """The new example and the request's promotion, which are written together."""
    content_bytes = chat_content.encode_canonical(content)
    added = ExampleAdded(
        dataset_id=facts.dataset_id,
        content=texts.add(content_bytes),
        split=assign_split(content_bytes, facts.dataset_id, facts.dataset.split_policy),
        source=Source(type="log", request_id=request_id),
        tags=tuple(dict.fromkeys(body.tags)),
        invalid=invalid,
        task_version=facts.task.version if facts.task else None,
    )
    stored = facts.streams.get(request_id)
    events = domain.promote(stored.state if stored else None, dataset_id=facts.dataset_id, example_id=texts.subject)
    promotion = [
        Entry(stream=REQUEST.stream, stream_id=request_id, after=stored.version if stored else 0, event=event)
        for event in events
    ]
    return [Entry(stream="example", stream_id=texts.subject, after=0, event=added), *promotion]


async def _repair_corrected(
    ledger: Ledger, caller: Caller, facts: PromotionFacts, examples: Mapping[UUID, UUID], body: PromoteRequests
) -> set[UUID]:
    if not body.use_correction:
        return set()
    feedback = {id_: request.feedback for id_, request in facts.requests.items()}
    corrections = {examples[id_]: each for id_, each in feedback.items() if each is not None and each.correction}
    return await repair_with_corrections(ledger, caller, corrections, task=facts.task, reason=body.reason)


def _build_content(request: LoggedRequest | None, *, use_correction: bool) -> Content | list[Fault]:
    """The example's content, or why there is none. Without an answer, the correction is the answer."""
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
        return [Fault(detail="This request has no output and no correction to use as its output.", code="no_output")]
    try:
        answer = Assistant(content=output, tool_calls=msgspec.convert(calls, tuple[ToolCall, ...] | None))
        tools = msgspec.convert(_decode_raw(request.tools), tuple[Tool, ...] | None)
    except msgspec.ValidationError as error:
        return [Fault(detail=f"The tools or tool calls are not in OpenAI's format: {error}.", code="unknown_shape")]
    content = Content(messages=(*messages, answer), tools=tools)
    return chat_content.find_faults(content) or content


def _parse_messages(request: LoggedRequest) -> tuple[Message, ...] | Fault:
    value = _decode_raw(request.input)
    if isinstance(value, str):
        return (User(content=value),)
    try:
        messages: tuple[Message, ...] = msgspec.convert(value, tuple[Message, ...])
    except msgspec.ValidationError as error:
        return Fault(detail=f"The input is not in OpenAI's chat format: {error}.", code="unknown_shape")
    return messages


def _decode_raw(value: Any) -> Any:
    """Decode a value that is stored as JSON; others are returned as they are."""
    return msgspec.json.decode(bytes(value)) if isinstance(value, msgspec.Raw) else value
