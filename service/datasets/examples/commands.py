"""Add, edit, rate and repair examples. Each change reads once and writes once."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Literal
from uuid import UUID

import msgspec

from service.database.engine import new_id
from service.datasets.domain import DATASET, DatasetState, require_active
from service.datasets.examples import chat_content, domain
from service.datasets.examples.chat_content import Content, OnUnanswered
from service.datasets.examples.domain import CLEARED, EXAMPLE, ExampleAdded, ExampleEvent, ExampleState
from service.datasets.examples.queries import (
    ExampleFacts,
    find_by_external_ids,
    find_dataset_of,
    find_erased_example,
    find_example,
    load_example_texts,
)
from service.datasets.examples.ratings import Rating, average
from service.datasets.examples.schemas import (
    CreateExamples,
    EditExample,
    Example,
    NewExample,
    RateExample,
    RepairExample,
    from_state,
)
from service.datasets.examples.sources import Source
from service.datasets.examples.validation import (
    RuleBook,
    check_rating,
    check_schema_faults,
    find_all_schema_faults,
    find_metadata_faults,
    find_rating_faults,
    find_schema_faults,
    to_mismatches,
)
from service.datasets.splits import assign_split
from service.datasets.versions.version_as_of import resolve_as_of_in
from service.errors import Conflict, Erased, Fault, NotFound, Unprocessable
from service.http.responses import StoredResponse, encoder, fill_recorded_at
from service.ledger.decider import PENDING, RecordedEvent
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger
from service.ledger.texts import SubjectTexts
from service.tasks.domain import TASK


class Draft(msgspec.Struct, frozen=True):
    """An example of the request, where it stands in the body, and where its output fails the task's schema."""

    pointer: str
    item: NewExample
    schema_faults: Sequence[Fault]

    def find_faults(self, task: RuleBook | None, *, unanswered: OnUnanswered) -> Iterator[Fault]:
        """Faults for which it is refused whatever `on_invalid` says."""
        item, rating = self.item, self.item.rating
        yield from chat_content.find_faults(item.content, at=f"{self.pointer}/content", unanswered=unanswered)
        if item.metadata is not None:
            yield from find_metadata_faults(item.metadata, at=f"{self.pointer}/metadata")
        if rating is not None:
            yield from find_rating_faults(rating, task, at=f"{self.pointer}/rating")
            if rating.overall is None and not rating.requirements:
                yield Fault(pointer=f"{self.pointer}/rating", detail="A rating needs a mark.", code="empty")


class AddedExample(msgspec.Struct, frozen=True):
    """An example ready to be written, and its response."""

    texts: SubjectTexts
    event: ExampleAdded
    response: Example


async def add_examples(
    ledger: Ledger,
    caller: Caller,
    dataset_id: UUID,
    items: Sequence[NewExample],
    data: CreateExamples,
    *,
    single: bool,
) -> StoredResponse:
    """Add all or none, in one statement. Raises Unprocessable or Conflict with the faults of all of them."""
    dataset = require_active((await ledger.get(DATASET, caller.workspace_id, dataset_id)).state)
    task = await ledger.find(TASK, caller.workspace_id, dataset.task_id) if dataset.task_id else None
    drafts = await _draft_all(caller.workspace_id, items, task, single=single)
    if faults := [fault for draft in drafts for fault in draft.find_faults(task, unanswered=data.on_unanswered)]:
        raise Unprocessable("The content is invalid; see `errors`.", errors=faults)
    await _check_external_ids(ledger, caller.workspace_id, dataset_id, drafts)
    check_schema_faults([fault for draft in drafts for fault in draft.schema_faults], on_invalid=data.on_invalid)
    added = [_build_example(draft, dataset_id, dataset, task=task, caller=caller) for draft in drafts]
    response = _build_response(added, dataset_id, single=single)
    batch = Batch(
        entries=[Entry(stream="example", stream_id=each.texts.subject, after=0, event=each.event) for each in added],
        attachments=Attachments(contents=[text for each in added for text in each.texts.attachments.contents]),
        response=response if caller.claim else None,
    )
    written = await ledger.write(caller, batch)
    return fill_recorded_at(response, written.recorded_at)


async def _draft_all(
    workspace_id: UUID, items: Sequence[NewExample], task: RuleBook | None, *, single: bool
) -> list[Draft]:
    pointers = [""] if single else [f"/examples/{number}" for number in range(len(items))]
    faults = await find_all_schema_faults(
        workspace_id, [item.content for item in items], task, at=[f"{pointer}/output" for pointer in pointers]
    )
    return [
        Draft(pointer, item, item_faults) for pointer, item, item_faults in zip(pointers, items, faults, strict=True)
    ]


async def _check_external_ids(ledger: Ledger, workspace_id: UUID, dataset_id: UUID, drafts: Sequence[Draft]) -> None:
    external_ids = [draft.item.external_id for draft in drafts if draft.item.external_id is not None]
    if not external_ids:
        return
    owners = await find_by_external_ids(ledger.engine, workspace_id, dataset_id, external_ids)
    counts = Counter(external_ids)
    faults = []
    for draft in drafts:
        external_id, pointer = draft.item.external_id, f"{draft.pointer}/external_id"
        if external_id in owners:
            detail = f"Example {owners[external_id]} has this external_id."
            faults.append(Fault(pointer=pointer, detail=detail, code="taken"))
        elif external_id is not None and counts[external_id] > 1:
            faults.append(Fault(pointer=pointer, detail="Sent more than once.", code="repeated"))
    if faults:
        raise Conflict("An external_id must be unique in its dataset.", errors=faults)


def _build_example(
    draft: Draft, dataset_id: UUID, dataset: DatasetState, *, task: RuleBook | None, caller: Caller
) -> AddedExample:
    item, texts = draft.item, SubjectTexts(new_id())
    content = chat_content.encode_canonical(item.content)
    event = ExampleAdded(
        dataset_id=dataset_id,
        content=texts.add(content),
        split=item.split
        or assign_split(
            content,
            dataset_id,
            dataset.split_policy,
            external_id=item.external_id,
            metadata=None if item.metadata is None else msgspec.json.encode(item.metadata),
            tags=item.tags,
        ),
        source=Source(type=item.source.type, name=item.source.name),
        tags=tuple(dict.fromkeys(item.tags)),
        external_id=item.external_id,
        metadata=None if item.metadata is None else texts.add_json(item.metadata),
        rater=caller.actor if item.rating else None,
        rating=item.rating,
        score=average({caller.actor: item.rating}) if item.rating else None,
        invalid=to_mismatches(draft.schema_faults, at=f"{draft.pointer}/output"),
        task_version=task.version if task else None,
        unanswered=chat_content.is_unanswered(item.content),
    )
    pending = RecordedEvent(seq=0, version=1, type="", data="", actor=caller.actor, recorded_at=PENDING)
    example = EXAMPLE.apply(texts.subject, None, event, pending)
    return AddedExample(texts, event, from_state(example, texts.bodies))


def _build_response(added: Sequence[AddedExample], dataset_id: UUID, *, single: bool) -> StoredResponse:
    if single:
        [one] = added
        headers = {"ETag": '"1"', "Location": f"/v1/examples/{one.texts.subject}"}
        return StoredResponse(status=201, headers=headers, body=encoder.encode(one.response))
    headers = {"Location": f"/v1/datasets/{dataset_id}/examples"}
    body = encoder.encode({"data": [each.response for each in added]})
    return StoredResponse(status=201, headers=headers, body=body)


Decision = Callable[[ExampleState | None], list[ExampleEvent]]


class CheckedContent(msgspec.Struct, frozen=True):
    """A content to store: its digest, its mismatches, and the version of the task that it was checked against."""

    digest: str
    invalid: tuple[domain.Mismatch, ...]
    task_version: int | None
    unanswered: bool


async def build_edit(facts: ExampleFacts, data: EditExample, workspace_id: UUID) -> Decision:
    """Build the decision of an edit. Raises Unprocessable with each fault of the content or the metadata."""
    metadata = data.metadata
    if isinstance(metadata, dict) and (faults := find_metadata_faults(metadata, at="/metadata")):
        raise Unprocessable("The metadata is invalid; see `errors`.", errors=faults)
    change = partial(
        domain.edit,
        tags=tuple(dict.fromkeys(data.tags)) if not isinstance(data.tags, msgspec.UnsetType) else None,
        metadata=None if metadata is msgspec.UNSET else CLEARED if metadata is None else facts.texts.add_json(metadata),
        reason=data.reason,
    )
    if isinstance(data.content, msgspec.UnsetType):
        return change
    if faults := chat_content.find_faults(data.content, at="/content", unanswered=data.on_unanswered):
        raise Unprocessable("The content is invalid; see `errors`.", errors=faults)
    new = await _check(facts, data.content, workspace_id, on_invalid=data.on_invalid)
    return partial(
        change, content=new.digest, invalid=new.invalid, task_version=new.task_version, unanswered=new.unanswered
    )


async def build_repair(facts: ExampleFacts, data: RepairExample, workspace_id: UUID) -> Decision:
    """Build the decision of a repair.

    Raises Unprocessable with each fault of the output, Erased when the text to repair was erased.
    """
    example = EXAMPLE.fold(facts.id, facts.events)
    replacing = domain.require_example(example.state if example else None).content
    before = facts.texts.bodies.get(replacing)
    if before is None:
        raise Erased("The text of this example was erased; there is nothing to repair.")
    if faults := list(chat_content.find_text_faults({"instruction": data.instruction, "output": data.output})):
        raise Unprocessable("The repair is invalid; see `errors`.", errors=faults)
    if not data.output:
        fault = Fault(pointer="/output", detail="An output is needed.", code="empty")
        raise Unprocessable(fault.detail, errors=[fault])
    repaired = chat_content.replace_output(chat_content.decode(before), data.output)
    if faults := chat_content.find_faults(repaired):
        raise Unprocessable("The content is invalid; see `errors`.", errors=faults)
    new = await _check(facts, repaired, workspace_id, on_invalid=data.on_invalid)
    return partial(
        domain.repair,
        content=new.digest,
        replacing=replacing,
        instruction=facts.texts.add(data.instruction.encode()),
        invalid=new.invalid,
        task_version=new.task_version,
        reason=data.reason,
    )


async def _check(
    facts: ExampleFacts, content: Content, workspace_id: UUID, *, on_invalid: Literal["refuse", "mark"]
) -> CheckedContent:
    task = facts.task()
    schema_faults = await find_schema_faults(workspace_id, content, task)
    check_schema_faults(schema_faults, on_invalid=on_invalid)
    return CheckedContent(
        digest=facts.texts.add(chat_content.encode_canonical(content)),
        invalid=to_mismatches(schema_faults, at="/output"),
        task_version=task.version if task else None,
        unanswered=chat_content.is_unanswered(content),
    )


def build_rating(facts: ExampleFacts, data: RateExample, *, rater: str) -> Decision:
    """Build the decision of a rating. Raises Unprocessable with each mark that the task does not ask for."""
    rating = Rating(overall=data.overall, requirements=data.requirements)
    if rating.requirements:
        check_rating(rating, facts.task())
    return partial(domain.rate, rating=rating, rater=rater, reason=data.reason)


async def read_example(ledger: Ledger, workspace_id: UUID, example_id: UUID, *, as_of: str | None) -> Any:
    """The example's row now or as of then; of an erased one the last, without its texts. Raises NotFound.

    A reader of the current one asks Postgres once.
    """
    if as_of is None and (row := await find_example(ledger.engine, workspace_id, example_id)) is not None:
        return row
    dataset_id = await find_dataset_of(ledger.engine, workspace_id, example_id)
    if dataset_id is None:
        raise NotFound(f"No such example: {example_id}.")
    if as_of is None and (row := await find_erased_example(ledger.engine, workspace_id, example_id)) is not None:
        return row
    if as_of is None:
        raise NotFound("This example was deleted; see its history.")
    seq = await resolve_as_of_in(ledger, workspace_id, dataset_id, as_of)
    if (row := await find_example(ledger.engine, workspace_id, example_id, seq=seq)) is None:
        raise NotFound("The example did not exist at that time; see its history.")
    return row


async def read_original(ledger: Ledger, workspace_id: UUID, example_id: UUID) -> bytes:
    """The row that it was imported from, or else its first content. Raises NotFound, Erased."""
    recorded = await ledger.load_events(workspace_id, EXAMPLE.stream, example_id)
    added = EXAMPLE.decode(recorded[0].type, recorded[0].data) if recorded else None
    if not isinstance(added, ExampleAdded):
        raise NotFound(f"No such example: {example_id}.")
    texts = await load_example_texts(ledger.engine, workspace_id, example_id)
    body = texts.bodies.get(added.original or added.content)
    if body is None:
        raise Erased("The example was erased, and so was its original.")
    return body
