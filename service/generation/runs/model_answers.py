"""How runs ask and keep: answers in a shape, answers that match a schema after one repair, candidates made once."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.datasets.examples import chat_content as texts
from service.datasets.examples.chat_content import Assistant, Content, Message, User, output_text
from service.datasets.examples.domain import Mismatch
from service.errors import Fault
from service.generation.candidates.domain import CANDIDATE, CandidateMade, Origin, candidate_id, example_id_of
from service.generation.runs.json_answers import ParseError, parse_answer
from service.generation.runs.prompt_texts import Schema, repair_messages
from service.inference.domain import Served
from service.inference.executor import Job, ModelQuestion
from service.inference.outcomes import CallFailure, ModelAnswer
from service.ledger.retry import LostRace
from service.ledger.store import Batch, Entry
from service.ledger.texts import SubjectTexts
from service.tasks.domain import TaskState
from service.tasks.json_schema import encode_schema, find_output_faults

T = TypeVar("T")
MAX_MISMATCHES = 100


class Parsed(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    value: T
    call_id: UUID


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """Why a question led to nothing."""

    code: str
    detail: str
    call_id: UUID


class CheckedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that matches its schema, or why there is none; `calls` by step."""

    text: str
    calls: dict[str, UUID]
    lost: Rejection | None = None


async def ask_parsed(
    job: Job,
    key: str,
    served: Served,
    messages: tuple[Message, ...],
    *,
    schema: Schema,
    kind: type[T],
    temperature: float | None = None,
) -> Parsed[T] | Rejection:
    """The answer as `kind`. What a model says instead of it is a loss, never an error."""
    said = await job.ask(key, ModelQuestion(served=served, messages=messages, schema=schema, temperature=temperature))
    if isinstance(said, CallFailure):
        return Rejection(code=said.code, detail=said.detail, call_id=said.call_id)
    found = parse_answer(said.text, kind)
    if isinstance(found, ParseError):
        return Rejection(code=found.code, detail=found.detail, call_id=said.call_id)
    return Parsed(value=found, call_id=said.call_id)


async def ask_with_schema(job: Job, key: str, ask: ModelQuestion, schema: Schema | None) -> CheckedAnswer:
    """The answer, which is to be JSON of the schema where there is one. It is told its faults once."""
    said = await job.ask(f"output/{key}", ask)
    first = {"output": said.call_id}
    if not isinstance(said, ModelAnswer):
        return CheckedAnswer(
            text="", calls=first, lost=Rejection(code=said.code, detail=said.detail, call_id=said.call_id)
        )
    if not said.text.strip():
        lost = Rejection(code="empty_answer", detail="The model called tools and said nothing.", call_id=said.call_id)
        return CheckedAnswer(text="", calls=first, lost=lost)
    faults = find_output_faults(encode_schema(schema), said.text) if schema else []
    if not schema or not faults:
        return CheckedAnswer(text=said.text, calls=first)
    fixed = await ask_to_fix(job, key, ask, said.text, schema=schema, faults=faults)
    return replace(fixed, calls=first | fixed.calls)


async def ask_to_fix(
    job: Job, key: str, ask: ModelQuestion, text: str, *, schema: Schema, faults: Sequence[Fault], step: str = "repair"
) -> CheckedAnswer:
    """One more question, with the answer and its faults."""
    again = msgspec.structs.replace(ask, messages=repair_messages(ask.messages, text, faults), reuse=None)
    said = await job.ask(f"{step}/{key}", again)
    calls = {step: said.call_id}
    if not isinstance(said, ModelAnswer):
        return CheckedAnswer(
            text="", calls=calls, lost=Rejection(code=said.code, detail=said.detail, call_id=said.call_id)
        )
    left = find_output_faults(encode_schema(schema), said.text)
    if not left:
        return CheckedAnswer(text=said.text, calls=calls)
    return CheckedAnswer(text="", calls=calls, lost=schema_rejection(left, said.call_id))


def schema_rejection(faults: Sequence[Fault], call_id: UUID) -> Rejection:
    code = "not_json" if faults[0].code == "not_json" else "schema_mismatch"
    where = ", ".join(fault.pointer or "the whole" for fault in faults[:5])
    return Rejection(
        code=code, detail=f"Asked twice, the answer does not match the schema at {where}."[:500], call_id=call_id
    )


def dialogue(question: str, answer: str) -> Content:
    return Content(messages=(User(content=question), Assistant(content=answer)))


def find_mismatches(task: TaskState | None, content: Content) -> tuple[Mismatch, ...]:
    """Where the answer fails the task's schema."""
    if task is None or task.output_schema is None:
        return ()
    faults = find_output_faults(encode_schema(task.output_schema), output_text(content))
    return tuple(Mismatch(pointer=fault.pointer, code=fault.code) for fault in faults[:MAX_MISMATCHES])


def new_candidate(job: Job, key: str, *, origin: Origin, lost: Rejection | None = None, **more: Any) -> CandidateMade:
    """A candidate of the run; one that failed, where something was `lost`."""
    why: dict[str, Any] = {} if lost is None else {"state": "failed", "code": lost.code, "detail": lost.detail}
    subject = example_id_of(candidate_id(job.run_id, key))
    generation_id = UUID(job.order["generation_id"])
    return CandidateMade(generation_id=generation_id, origin=origin, subject=subject, run_id=job.run_id, **why, **more)


async def save_candidate(
    job: Job, key: str, candidate: CandidateMade, content: Content | None = None, metadata: dict[str, Any] | None = None
) -> None:
    """Record it, once. What Postgres or JSON cannot hold makes it a failure."""
    faults = texts.faults(content) if content is not None else []
    if faults:
        candidate = replace(candidate, state="failed", code=faults[0].code, detail=faults[0].detail)
        content = metadata = None
    event, wording = with_digests(candidate, content, metadata)
    entry = Entry(stream=CANDIDATE.stream, stream_id=candidate_id(job.run_id, key), after=0, event=event)
    with suppress(LostRace):  # it was made before
        await job.ledger.write(job.caller, Batch(entries=[entry], attachments=wording.attachments))


def with_digests(
    candidate: CandidateMade, content: Content | None, metadata: dict[str, Any] | None
) -> tuple[CandidateMade, SubjectTexts]:
    """The event with its digests, and the texts that go beside it."""
    wording = SubjectTexts(candidate.subject)
    said = None if content is None else wording.add(texts.canonical(content))
    more = None if not metadata else wording.add_json(metadata)
    return replace(candidate, content=said, metadata=more), wording
