"""Turn documents into candidates. A model is asked once about each chunk, for question-and-answer pairs or a prompt."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.generation import queries
from service.generation.candidates.domain import CandidateMade, DocumentPlace
from service.generation.documents.chunks.chunker import split_document
from service.generation.documents.document import Chunk, Document
from service.generation.groundedness import measure_grounding
from service.generation.runs.json_answers import Pair, WrittenPairs, WrittenPrompt, to_text
from service.generation.runs.model_answers import (
    Rejection,
    ask_parsed,
    build_candidate,
    build_dialogue,
    find_mismatches,
    save_candidate,
)
from service.generation.runs.prompt_texts import PAIRS, PROMPT, build_pairs_messages, build_style_messages
from service.generation.runs.run_context import RunContext, load_context
from service.generation.runs.spec import PairsSpec, decode_spec
from service.inference.executor import Job

KIND = "documents"


class SourceChunk(msgspec.Struct, frozen=True, kw_only=True):
    """A chunk of a document. `key` identifies it in the run."""

    key: str
    document_id: UUID
    name: str | None
    chunk: Chunk

    @property
    def place(self) -> DocumentPlace:
        page = self.chunk.pages[0] if self.chunk.pages else None
        return DocumentPlace(document_id=self.document_id, start=self.chunk.start, end=self.chunk.end, page=page)

    @property
    def metadata(self) -> dict[str, Any]:
        """Headings are the document's text, so they are stored with the content and not in events."""
        values = {"heading": " > ".join(self.chunk.path) or None, "document": self.name}
        return {name: value for name, value in values.items() if value}


async def make_pairs(job: Job) -> dict[str, Any]:
    spec = decode_spec(job.order, PairsSpec)
    context = await load_context(job, spec)
    chunks = [chunk for document_id in spec.document_ids for chunk in await _load_chunks(job, spec, document_id)]
    write = _write_pairs if spec.mode == "pairs" else _write_prompt

    async def process(chunk: SourceChunk) -> None:
        await write(job, spec, context, chunk)

    await job.each(chunks, process, total=len(chunks))
    counts = {"documents": len(spec.document_ids), "chunks": len(chunks)}
    return counts | await queries.count_candidates(job.engine, job.workspace_id, job.run_id)


async def _load_chunks(job: Job, spec: PairsSpec, document_id: UUID) -> list[SourceChunk]:
    """The chunks of a document. If its text was erased: none, and a failed candidate says so."""
    rows = await queries.load_document_texts(job.engine, job.workspace_id, spec.generation_id, [document_id])
    row = rows.get(document_id)
    if row is None or row.body is None:
        await _save_erased(job, document_id)
        return []
    document = await asyncio.to_thread(msgspec.json.decode, row.body, type=Document)
    chunks = await asyncio.to_thread(split_document, document, target_words=spec.chunk_words)
    return [
        SourceChunk(key=f"{document_id}/{number}", document_id=document_id, name=row.name, chunk=chunk)
        for number, chunk in enumerate(chunks)
    ]


async def _save_erased(job: Job, document_id: UUID) -> None:
    rejection = Rejection(code="erased", detail="The text of this document was erased.", call_id=job.run_id)
    key = f"document/{document_id}"
    place = DocumentPlace(document_id=document_id, start=0, end=0)
    await save_candidate(job, key, build_candidate(job, key, origin="document", rejection=rejection, document=place))


async def _write_pairs(job: Job, spec: PairsSpec, context: RunContext, source: SourceChunk) -> None:
    messages = build_pairs_messages(source.chunk, spec.instruction, count=spec.per_chunk)
    response = await ask_parsed(
        job,
        f"pairs/{source.key}",
        spec.served,
        messages,
        schema=PAIRS,
        kind=WrittenPairs,
        temperature=spec.temperature,
    )
    if isinstance(response, Rejection):
        await _save_failure(job, spec, source, response)
        return
    pairs = list(_find_usable_pairs(response.value.pairs))[: spec.per_chunk]
    if not pairs:
        detail = "The model wrote no question with an answer."
        await _save_failure(job, spec, source, Rejection(code="no_pairs", detail=detail, call_id=response.call_id))
    for number, (question, answer) in enumerate(pairs):
        key = f"{source.key}/{number}"
        content = build_dialogue(question, answer)
        event = _build_chunk_candidate(job, spec, source, key, response.call_id)
        event = replace(event, invalid=await find_mismatches(job.workspace_id, context.task, content))
        event = check_grounding(event, answer, source.chunk.text, minimum=spec.grounding)
        await save_candidate(job, key, event, content, source.metadata)


async def _write_prompt(job: Job, spec: PairsSpec, context: RunContext, source: SourceChunk) -> None:
    messages = build_style_messages(source.chunk, spec.instruction)
    response = await ask_parsed(
        job,
        f"style/{source.key}",
        spec.served,
        messages,
        schema=PROMPT,
        kind=WrittenPrompt,
        temperature=spec.temperature,
    )
    if isinstance(response, Rejection):
        await _save_failure(job, spec, source, response)
        return
    prompt = to_text(response.value.prompt)
    if not prompt:
        detail = "The model wrote no prompt."
        await _save_failure(job, spec, source, Rejection(code="no_prompt", detail=detail, call_id=response.call_id))
        return
    content = build_dialogue(prompt, source.chunk.text)
    event = _build_chunk_candidate(job, spec, source, source.key, response.call_id)
    event = replace(event, invalid=await find_mismatches(job.workspace_id, context.task, content))
    await save_candidate(job, source.key, event, content, source.metadata)


def _find_usable_pairs(pairs: list[Pair]) -> Iterator[tuple[str, str]]:
    for pair in pairs:
        question, answer = to_text(pair.question), to_text(pair.answer)
        if question and answer:
            yield question, answer


def _build_chunk_candidate(job: Job, spec: PairsSpec, source: SourceChunk, key: str, call_id: UUID) -> CandidateMade:
    return build_candidate(
        job,
        key,
        origin="document",
        served=spec.served,
        calls={spec.mode: call_id},
        document=source.place,
        temperature=spec.temperature,
        task_version=spec.task_version,
    )


async def _save_failure(job: Job, spec: PairsSpec, source: SourceChunk, rejection: Rejection) -> None:
    event = _build_chunk_candidate(job, spec, source, source.key, rejection.call_id)
    failed = replace(event, state="failed", code=rejection.code, detail=rejection.detail)
    await save_candidate(job, source.key, failed, metadata=source.metadata)


def check_grounding(event: CandidateMade, answer: str, source: str, *, minimum: float) -> CandidateMade:
    """The candidate with its grounding. It is dropped when that is 0 or below `minimum`."""
    share = measure_grounding(answer, source)
    if share > 0 and share >= minimum:
        return replace(event, grounding=share)
    detail = f"Only {share:.0%} of the answer's content words occur in its source."
    return replace(event, grounding=share, state="dropped", code="not_grounded", detail=detail)
