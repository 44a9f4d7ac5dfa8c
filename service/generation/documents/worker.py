"""The work of documents: each chunk is asked about once, and gives question-and-answer pairs or its own prompt."""

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
    dialogue,
    find_mismatches,
    new_candidate,
    save_candidate,
)
from service.generation.runs.prompt_texts import PAIRS, PROMPT, pairs_messages, style_messages
from service.generation.runs.run_context import RunContext, load_context
from service.generation.runs.spec import PairsSpec, decode_spec
from service.inference.executor import Job

KIND = "documents"


class SourceChunk(msgspec.Struct, frozen=True, kw_only=True):
    """A chunk of a document; `key` is the same for the same chunk of the run."""

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
        """The headings are the document's text, so they are kept with the content and not in events."""
        said = {"heading": " > ".join(self.chunk.path) or None, "document": self.name}
        return {name: value for name, value in said.items() if value}


async def make_pairs(job: Job) -> dict[str, Any]:
    order = decode_spec(job.order, PairsSpec)
    at = await load_context(job, order)
    pieces: list[SourceChunk] = []
    for document_id in order.document_ids:
        pieces += await _pieces(job, order, document_id)

    async def one(piece: SourceChunk) -> None:
        await (_pairs if order.mode == "pairs" else _prompt)(job, order, at, piece)

    await job.each(pieces, one, total=len(pieces))
    made_of = {"documents": len(order.document_ids), "chunks": len(pieces)}
    return made_of | await queries.count_candidates(job.engine, job.workspace_id, job.run_id)


async def _pieces(job: Job, order: PairsSpec, document_id: UUID) -> list[SourceChunk]:
    ids = [document_id]
    rows = await queries.load_upload_texts(job.engine, job.workspace_id, order.generation_id, ids)
    row = rows.get(document_id)
    if row is None or row.body is None:
        lost = Rejection(code="erased", detail="The text of this document was erased.", call_id=job.run_id)
        key = f"document/{document_id}"
        place = DocumentPlace(document_id=document_id, start=0, end=0)
        await save_candidate(job, key, new_candidate(job, key, origin="document", lost=lost, document=place))
        return []
    document = await asyncio.to_thread(msgspec.json.decode, row.body, type=Document)
    chunks = await asyncio.to_thread(split_document, document, target_words=order.chunk_words)
    return [
        SourceChunk(key=f"{document_id}/{number}", document_id=document_id, name=row.name, chunk=chunk)
        for number, chunk in enumerate(chunks)
    ]


async def _pairs(job: Job, order: PairsSpec, at: RunContext, piece: SourceChunk) -> None:
    messages = pairs_messages(piece.chunk, order.instruction, count=order.per_chunk)
    got = await ask_parsed(
        job,
        f"pairs/{piece.key}",
        order.served,
        messages,
        schema=PAIRS,
        kind=WrittenPairs,
        temperature=order.temperature,
    )
    pairs = [] if isinstance(got, Rejection) else list(_said(got.value.pairs))[: order.per_chunk]
    if not pairs:
        none = Rejection(code="no_pairs", detail="The model wrote no question with an answer.", call_id=got.call_id)
        await _lose(job, order, piece, got if isinstance(got, Rejection) else none)
    for number, (question, answer) in enumerate(pairs):
        key = f"{piece.key}/{number}"
        content = dialogue(question, answer)
        event = replace(_begun(job, order, piece, key, got.call_id), invalid=find_mismatches(at.task, content))
        await save_candidate(
            job, key, check_grounding(event, answer, piece.chunk.text, least=order.grounding), content, piece.metadata
        )


async def _prompt(job: Job, order: PairsSpec, at: RunContext, piece: SourceChunk) -> None:
    messages = style_messages(piece.chunk, order.instruction)
    got = await ask_parsed(
        job,
        f"style/{piece.key}",
        order.served,
        messages,
        schema=PROMPT,
        kind=WrittenPrompt,
        temperature=order.temperature,
    )
    prompt = "" if isinstance(got, Rejection) else to_text(got.value.prompt)
    if not prompt:
        none = Rejection(code="no_prompt", detail="The model wrote no prompt.", call_id=got.call_id)
        await _lose(job, order, piece, got if isinstance(got, Rejection) else none)
        return
    content = dialogue(prompt, piece.chunk.text)
    event = replace(_begun(job, order, piece, piece.key, got.call_id), invalid=find_mismatches(at.task, content))
    await save_candidate(job, piece.key, event, content, piece.metadata)


def _said(pairs: list[Pair]) -> Iterator[tuple[str, str]]:
    for pair in pairs:
        question, answer = to_text(pair.question), to_text(pair.answer)
        if question and answer:
            yield question, answer


def _begun(job: Job, order: PairsSpec, piece: SourceChunk, key: str, call_id: UUID) -> CandidateMade:
    return new_candidate(
        job,
        key,
        origin="document",
        served=order.served,
        calls={order.mode: call_id},
        document=piece.place,
        temperature=order.temperature,
        task_version=order.task_version,
    )


async def _lose(job: Job, order: PairsSpec, piece: SourceChunk, lost: Rejection) -> None:
    begun = _begun(job, order, piece, piece.key, lost.call_id)
    failed = replace(begun, state="failed", code=lost.code, detail=lost.detail)
    await save_candidate(job, piece.key, failed, metadata=piece.metadata)


def check_grounding(event: CandidateMade, answer: str, source: str, *, least: float) -> CandidateMade:
    """With how much of the answer stands in its source; dropped where that is nothing, or under `least`."""
    share = measure_grounding(answer, source)
    if share > 0 and share >= least:
        return replace(event, grounding=share)
    detail = f"Of the telling words of the answer, {share:.0%} stand in its source."
    return replace(event, grounding=share, state="dropped", code="not_grounded", detail=detail)
