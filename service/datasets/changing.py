"""From what a caller asks of an example to a decision: its texts sealed, its output checked against the task."""

from collections.abc import Callable
from functools import partial
from typing import Literal
from uuid import UUID

import msgspec

from service.datasets import content as texts
from service.datasets import examples as decide
from service.datasets.checking import accepted, metadata_faults, mismatches, task_of_example
from service.datasets.content import Content
from service.datasets.example_shapes import EditExample, RepairExample
from service.datasets.examples import EXAMPLE, GONE, Example, ExampleEvent
from service.errors import Conflict, Fault, Unprocessable
from service.ledger.store import Ledger
from service.ledger.texts import Wording

Decision = Callable[[Example | None], list[ExampleEvent]]


class Checked(msgspec.Struct, frozen=True):
    """A content that may be kept: its digest, its marks, and the version of the task that it was checked against."""

    digest: str
    invalid: tuple[decide.Mismatch, ...]
    task_version: int | None


async def edited(ledger: Ledger, workspace_id: UUID, example_id: UUID, data: EditExample, wording: Wording) -> Decision:
    """Raises Unprocessable for content that is not acceptable."""
    metadata = data.metadata
    if isinstance(metadata, dict) and (faults := metadata_faults(metadata, at="/metadata")):
        raise Unprocessable("The metadata is not acceptable.", errors=faults)
    change = partial(
        decide.edit,
        tags=tuple(dict.fromkeys(data.tags)) if not isinstance(data.tags, msgspec.UnsetType) else None,
        metadata=None if metadata is msgspec.UNSET else GONE if metadata is None else wording.seal_json(metadata),
        reason=data.reason,
    )
    if isinstance(data.content, msgspec.UnsetType):
        return change
    new = await _checked(
        ledger, workspace_id, example_id, data.content, wording=wording, on_invalid=data.on_invalid, at="/content"
    )
    return partial(change, content=new.digest, invalid=new.invalid, task_version=new.task_version)


async def repaired(
    ledger: Ledger, workspace_id: UUID, example_id: UUID, data: RepairExample, wording: Wording
) -> Decision:
    """Raises Unprocessable for an output that is not acceptable, Conflict when the text to repair was erased."""
    stored = await ledger.found(EXAMPLE, workspace_id, example_id)
    replacing = decide.present(stored.state).content
    before = wording.bodies.get(replacing)
    if before is None:
        raise Conflict("The text of this example was erased, or just now edited; there is nothing to repair.")
    if faults := list(texts.text_faults({"instruction": data.instruction, "output": data.output})):
        raise Unprocessable("The repair is not acceptable.", errors=faults)
    if not data.output:
        fault = Fault(pointer="/output", detail="An output is needed.", code="empty")
        raise Unprocessable(fault.detail, errors=[fault])
    better = texts.with_output(texts.decode(before), data.output)
    new = await _checked(ledger, workspace_id, example_id, better, wording=wording, on_invalid=data.on_invalid, at="")
    return partial(
        decide.repair,
        content=new.digest,
        replacing=replacing,
        instruction=wording.seal(data.instruction.encode()),
        invalid=new.invalid,
        task_version=new.task_version,
        reason=data.reason,
    )


async def _checked(
    ledger: Ledger,
    workspace_id: UUID,
    example_id: UUID,
    content: Content,
    *,
    wording: Wording,
    on_invalid: Literal["refuse", "mark"],
    at: str,
) -> Checked:
    if faults := texts.faults(content, at=at):
        raise Unprocessable("The content is not acceptable.", errors=faults)
    task = await task_of_example(ledger, workspace_id, example_id)
    marks = accepted(mismatches(content, task, at="/output"), on_invalid=on_invalid, at="/output")
    return Checked(wording.seal(texts.canonical(content)), marks, task.version if task else None)
