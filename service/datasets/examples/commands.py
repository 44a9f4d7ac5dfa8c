"""Adding examples: all that is wrong with any of them is said at once, and either all are added or none."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Literal
from uuid import UUID

import msgspec

from service.database.engine import new_id
from service.datasets.domain import DATASET, DatasetState
from service.datasets.examples import chat_content as texts
from service.datasets.examples import domain as decide
from service.datasets.examples.chat_content import Content
from service.datasets.examples.domain import EXAMPLE, GONE, ExampleAdded, ExampleEvent, ExampleState
from service.datasets.examples.queries import ExampleFacts, find_by_external_ids, find_dataset_of, find_example
from service.datasets.examples.ratings import Rating, average
from service.datasets.examples.schemas import EditExample, Example, NewExample, RateExample, RepairExample, from_state
from service.datasets.examples.sources import Source
from service.datasets.examples.validation import (
    RuleBook,
    accepted,
    metadata_faults,
    mismatches,
    rating_faults,
    require_ratable,
)
from service.datasets.splits import assign_split
from service.datasets.versions.version_as_of import resolve_as_of_in
from service.errors import Conflict, Fault, NotFound, Unprocessable
from service.http.responses import StoredResponse, encoder, fill_recorded_at
from service.ledger.decider import PENDING, RecordedEvent
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger
from service.ledger.texts import SubjectTexts
from service.tasks.domain import TASK


class Addition(msgspec.Struct, frozen=True):
    """An example ready to be written, and how its answer will look."""

    wording: SubjectTexts
    event: ExampleAdded
    shown: Example


async def add_examples(
    ledger: Ledger,
    caller: Caller,
    dataset_id: UUID,
    new: Sequence[NewExample],
    *,
    on_invalid: Literal["refuse", "mark"],
    single: bool,
) -> StoredResponse:
    """Write them in one statement. Raises Unprocessable or Conflict with the faults of all of them."""
    dataset = (await ledger.get(DATASET, caller.workspace_id, dataset_id)).state
    task = await ledger.find(TASK, caller.workspace_id, dataset.task_id) if dataset.task_id else None
    places = [""] if single else [f"/examples/{number}" for number in range(len(new))]
    faults = [f for item, at in zip(new, places, strict=True) for f in _faults(item, task, at=at)]
    if faults:
        raise Unprocessable("Some of the content is not acceptable.", errors=faults)
    await _require_free(ledger, caller.workspace_id, dataset_id, new, places)
    marks = _marks(new, task, places, on_invalid)
    additions = [
        _addition(item, dataset_id, dataset, invalid=invalid, task=task, caller=caller)
        for item, invalid in zip(new, marks, strict=True)
    ]
    sent = _answer(additions, dataset_id, single=single)
    entries = [Entry(stream="example", stream_id=a.wording.subject, after=0, event=a.event) for a in additions]
    contents = [content for addition in additions for content in addition.wording.attachments.contents]
    batch = Batch(entries=entries, attachments=Attachments(contents=contents), response=sent if caller.claim else None)
    written = await ledger.write(caller, batch)
    return fill_recorded_at(sent, written.recorded_at)


def _faults(item: NewExample, task: RuleBook | None, *, at: str) -> Iterator[Fault]:
    yield from texts.find_faults(item.content, at=f"{at}/content")
    if item.metadata is not None:
        yield from metadata_faults(item.metadata, at=f"{at}/metadata")
    if item.rating is not None:
        yield from rating_faults(item.rating, task, at=f"{at}/rating")
        if item.rating.overall is None and not item.rating.requirements:
            yield Fault(pointer=f"{at}/rating", detail="A rating needs a mark.", code="empty")


def _marks(
    new: Sequence[NewExample], task: RuleBook | None, places: Sequence[str], on_invalid: Literal["refuse", "mark"]
) -> list[Any]:
    found = [mismatches(item.content, task, at=f"{at}/output") for item, at in zip(new, places, strict=True)]
    accepted((fault for faults in found for fault in faults), on_invalid=on_invalid, at="")
    return [accepted(faults, on_invalid="mark", at=f"{at}/output") for faults, at in zip(found, places, strict=True)]


async def _require_free(
    ledger: Ledger, workspace_id: UUID, dataset_id: UUID, new: Sequence[NewExample], places: Sequence[str]
) -> None:
    wanted = [item.external_id for item in new if item.external_id is not None]
    if not wanted:
        return
    held = await find_by_external_ids(ledger.engine, workspace_id, dataset_id, wanted)
    often = Counter(wanted)
    faults = []
    for item, at in zip(new, places, strict=True):
        if item.external_id in held:
            detail = f"This external_id is taken by example {held[item.external_id]}."
            faults.append(Fault(pointer=f"{at}/external_id", detail=detail, code="taken"))
        elif item.external_id is not None and often[item.external_id] > 1:
            faults.append(Fault(pointer=f"{at}/external_id", detail="Sent more than once.", code="repeated"))
    if faults:
        raise Conflict("An external_id is unique in its dataset.", errors=faults)


def _addition(
    item: NewExample, dataset_id: UUID, dataset: DatasetState, *, invalid: Any, task: RuleBook | None, caller: Caller
) -> Addition:
    wording = SubjectTexts(new_id())
    event = ExampleAdded(
        dataset_id=dataset_id,
        content=wording.add(texts.encode_canonical(item.content)),
        split=item.split or assign_split(wording.subject, dataset.split_policy),
        source=Source(type=item.source.type, name=item.source.name),
        tags=tuple(dict.fromkeys(item.tags)),
        external_id=item.external_id,
        metadata=None if item.metadata is None else wording.add_json(item.metadata),
        rater=caller.actor if item.rating else None,
        rating=item.rating,
        score=average({caller.actor: item.rating}) if item.rating else None,
        invalid=invalid,
        task_version=task.version if task else None,
    )
    pending = RecordedEvent(seq=0, version=1, type="", data="", actor=caller.actor, recorded_at=PENDING)
    stored = EXAMPLE.apply(wording.subject, None, event, pending)
    return Addition(wording, event, from_state(stored, wording.bodies))


def _answer(additions: Sequence[Addition], dataset_id: UUID, *, single: bool) -> StoredResponse:
    if single:
        [one] = additions
        headers = {"ETag": '"1"', "Location": f"/v1/examples/{one.wording.subject}"}
        return StoredResponse(status=201, headers=headers, body=encoder.encode(one.shown))
    headers = {"Location": f"/v1/datasets/{dataset_id}/examples"}
    return StoredResponse(status=201, headers=headers, body=encoder.encode({"data": [a.shown for a in additions]}))


Decision = Callable[[ExampleState | None], list[ExampleEvent]]


class CheckedContent(msgspec.Struct, frozen=True):
    """A content to store: its digest, its mismatches, and the version of the task that it was checked against."""

    digest: str
    invalid: tuple[decide.Mismatch, ...]
    task_version: int | None


def build_edit(facts: ExampleFacts, data: EditExample) -> Decision:
    """Build the decision of an edit. Raises Unprocessable with each fault of the content or the metadata."""
    metadata = data.metadata
    if isinstance(metadata, dict) and (faults := metadata_faults(metadata, at="/metadata")):
        raise Unprocessable("The metadata is not acceptable.", errors=faults)
    change = partial(
        decide.edit,
        tags=tuple(dict.fromkeys(data.tags)) if not isinstance(data.tags, msgspec.UnsetType) else None,
        metadata=None if metadata is msgspec.UNSET else GONE if metadata is None else facts.texts.add_json(metadata),
        reason=data.reason,
    )
    if isinstance(data.content, msgspec.UnsetType):
        return change
    new = _check(facts, data.content, on_invalid=data.on_invalid, at="/content")
    return partial(change, content=new.digest, invalid=new.invalid, task_version=new.task_version)


def build_repair(facts: ExampleFacts, data: RepairExample) -> Decision:
    """Build the decision of a repair.

    Raises Unprocessable with each fault of the output, Conflict when the text to repair was erased.
    """
    example = EXAMPLE.fold(facts.id, facts.events)
    replacing = decide.present(example.state if example else None).content
    before = facts.texts.bodies.get(replacing)
    if before is None:
        raise Conflict("The text of this example was erased; there is nothing to repair.")
    if faults := list(texts.find_text_faults({"instruction": data.instruction, "output": data.output})):
        raise Unprocessable("The repair is not acceptable.", errors=faults)
    if not data.output:
        fault = Fault(pointer="/output", detail="An output is needed.", code="empty")
        raise Unprocessable(fault.detail, errors=[fault])
    repaired = texts.replace_output(texts.decode(before), data.output)
    new = _check(facts, repaired, on_invalid=data.on_invalid, at="")
    return partial(
        decide.repair,
        content=new.digest,
        replacing=replacing,
        instruction=facts.texts.add(data.instruction.encode()),
        invalid=new.invalid,
        task_version=new.task_version,
        reason=data.reason,
    )


def _check(facts: ExampleFacts, content: Content, *, on_invalid: Literal["refuse", "mark"], at: str) -> CheckedContent:
    if faults := texts.find_faults(content, at=at):
        raise Unprocessable("The content is not acceptable.", errors=faults)
    task = facts.task()
    marks = accepted(mismatches(content, task, at="/output"), on_invalid=on_invalid, at="/output")
    return CheckedContent(facts.texts.add(texts.encode_canonical(content)), marks, task.version if task else None)


def build_rating(facts: ExampleFacts, data: RateExample, *, rater: str) -> Decision:
    """Build the decision of a rating. Raises Unprocessable with each mark that the task does not ask for."""
    rating = Rating(overall=data.overall, requirements=data.requirements)
    if rating.requirements:
        require_ratable(rating, facts.task())
    return partial(decide.rate, rating=rating, rater=rater, reason=data.reason)


async def read_example(ledger: Ledger, workspace_id: UUID, example_id: UUID, *, as_of: str | None) -> Any:
    """The example's row now or as of then. Raises NotFound; a reader of the current one asks Postgres once."""
    if as_of is None and (row := await find_example(ledger.engine, workspace_id, example_id)) is not None:
        return row
    dataset_id = await find_dataset_of(ledger.engine, workspace_id, example_id)
    if dataset_id is None:
        raise NotFound(f"No such example: {example_id}.")
    if as_of is None:
        raise NotFound("This example was deleted; see its history.")
    seq = await resolve_as_of_in(ledger, workspace_id, dataset_id, as_of)
    if (row := await find_example(ledger.engine, workspace_id, example_id, seq=seq)) is None:
        raise NotFound("The example did not exist at that time; see its history.")
    return row
