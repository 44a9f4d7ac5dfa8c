"""Ask the model, parse its answer, record candidates."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.datasets.examples import chat_content
from service.datasets.examples.chat_content import Assistant, Content, Message, User, get_output_text
from service.datasets.examples.domain import Mismatch
from service.errors import Fault
from service.generation.candidates.domain import (
    CANDIDATE,
    CandidateMade,
    Origin,
    derive_candidate_id,
    derive_example_id,
)
from service.generation.runs.json_answers import ParseError, parse_answer
from service.generation.runs.prompt_texts import Schema, build_repair_messages
from service.inference.domain import Served
from service.inference.executor import Job, ModelQuestion
from service.inference.outcomes import CallFailure, ModelAnswer
from service.ledger.retry import LostRace
from service.ledger.store import Batch, Entry
from service.ledger.texts import SubjectTexts
from service.tasks.domain import TaskState
from service.tasks.json_schema import encode_schema
from service.tasks.schema_checks import check_output

T = TypeVar("T")
MAX_MISMATCHES = 100


class Parsed(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    value: T
    call_id: UUID


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """Why an answer cannot be used."""

    code: str
    detail: str
    call_id: UUID


class CheckedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that matches its schema, or the reason why there is none. `calls` are the call ids by step."""

    text: str
    calls: dict[str, UUID]
    rejection: Rejection | None = None


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
    """Ask a model and parse its answer as `kind`. An unusable answer is a Rejection, never an exception."""
    question = ModelQuestion(served=served, messages=messages, schema=schema, temperature=temperature)
    response = await job.ask(key, question)
    if isinstance(response, CallFailure):
        return _reject_failed_call(response)
    value = parse_answer(response.text, kind)
    if isinstance(value, ParseError):
        return Rejection(code=value.code, detail=value.detail, call_id=response.call_id)
    return Parsed(value=value, call_id=response.call_id)


async def ask_with_schema(job: Job, key: str, question: ModelQuestion, schema: Schema | None) -> CheckedAnswer:
    """Ask a model for text, or for JSON that matches the schema. An answer that does not match is repaired once."""
    response = await job.ask(f"output/{key}", question)
    calls = {"output": response.call_id}
    if not isinstance(response, ModelAnswer):
        return CheckedAnswer(text="", calls=calls, rejection=_reject_failed_call(response))
    if not response.text.strip():
        detail = "The answer has tool calls and no text."
        rejection = Rejection(code="empty_answer", detail=detail, call_id=response.call_id)
        return CheckedAnswer(text="", calls=calls, rejection=rejection)
    faults = await check_output(job.workspace_id, encode_schema(schema), response.text) if schema else []
    if not schema or not faults:
        return CheckedAnswer(text=response.text, calls=calls)
    repair = await ask_to_fix(job, key, question, response.text, schema=schema, faults=faults)
    return replace(repair, calls=calls | repair.calls)


async def ask_to_fix(
    job: Job,
    key: str,
    question: ModelQuestion,
    text: str,
    *,
    schema: Schema,
    faults: Sequence[Fault],
    step: str = "repair",
) -> CheckedAnswer:
    """Ask once more, showing the model its answer and the validation errors."""
    messages = build_repair_messages(question.messages, text, faults)
    response = await job.ask(f"{step}/{key}", replace(question, messages=messages, reuse=None))
    calls = {step: response.call_id}
    if not isinstance(response, ModelAnswer):
        return CheckedAnswer(text="", calls=calls, rejection=_reject_failed_call(response))
    remaining = await check_output(job.workspace_id, encode_schema(schema), response.text)
    if remaining:
        rejection = build_schema_rejection(remaining, response.call_id)
        return CheckedAnswer(text="", calls=calls, rejection=rejection)
    return CheckedAnswer(text=response.text, calls=calls)


def _reject_failed_call(failure: CallFailure) -> Rejection:
    return Rejection(code=failure.code, detail=failure.detail, call_id=failure.call_id)


def build_schema_rejection(faults: Sequence[Fault], call_id: UUID) -> Rejection:
    code = "not_json" if faults[0].code == "not_json" else "schema_mismatch"
    pointers = ", ".join(fault.pointer or "the root" for fault in faults[:5])
    detail = f"The answer does not match the schema, also after one repair. Mismatches: {pointers}."
    return Rejection(code=code, detail=detail[:500], call_id=call_id)


def build_dialogue(question: str, answer: str) -> Content:
    return Content(messages=(User(content=question), Assistant(content=answer)))


async def find_mismatches(workspace_id: UUID, task: TaskState | None, content: Content) -> tuple[Mismatch, ...]:
    """Where the answer does not match the task's output schema; up to MAX_MISMATCHES."""
    if task is None or task.output_schema is None:
        return ()
    faults = await check_output(workspace_id, encode_schema(task.output_schema), get_output_text(content))
    return tuple(Mismatch(pointer=fault.pointer, code=fault.code) for fault in faults[:MAX_MISMATCHES])


def build_candidate(
    job: Job, key: str, *, origin: Origin, rejection: Rejection | None = None, **fields: Any
) -> CandidateMade:
    """The event of a run's candidate; with a `rejection`, of one that failed."""
    if rejection is not None:
        fields |= {"state": "failed", "code": rejection.code, "detail": rejection.detail}
    subject = derive_example_id(derive_candidate_id(job.run_id, key))
    generation_id = UUID(job.order["generation_id"])
    return CandidateMade(generation_id=generation_id, origin=origin, subject=subject, run_id=job.run_id, **fields)


async def save_candidate(
    job: Job, key: str, candidate: CandidateMade, content: Content | None = None, metadata: dict[str, Any] | None = None
) -> None:
    """Record a candidate, once. Content that Postgres or JSON cannot hold makes it a failed one."""
    faults = chat_content.find_faults(content) if content is not None else []
    if faults:
        candidate = replace(candidate, state="failed", code=faults[0].code, detail=faults[0].detail)
        content = metadata = None
    event, texts = with_digests(candidate, content, metadata)
    entry = Entry(stream=CANDIDATE.stream, stream_id=derive_candidate_id(job.run_id, key), after=0, event=event)
    with suppress(LostRace):  # it was recorded before
        await job.ledger.write(job.caller, Batch(entries=[entry], attachments=texts.attachments))


def with_digests(
    candidate: CandidateMade, content: Content | None, metadata: dict[str, Any] | None
) -> tuple[CandidateMade, SubjectTexts]:
    """The event with the digests of its texts, and the texts to store beside it."""
    texts = SubjectTexts(candidate.subject)
    content_digest = None if content is None else texts.add(chat_content.encode_canonical(content))
    metadata_digest = None if not metadata else texts.add_json(metadata)
    return replace(candidate, content=content_digest, metadata=metadata_digest), texts
