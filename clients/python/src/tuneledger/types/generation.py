# Generated from openapi/openapi.json by `make clients`.
"""Structs of generation."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Content, Mismatch, ModelChoice, Served


class Candidate(Shape, frozen=True, kw_only=True):
    """A proposed example, and where it is from."""

    id: str
    """The candidate's id."""
    generation_id: str
    """The generation it belongs to."""
    state: OneOf["accepted", "dropped", "failed", "proposed", "rejected"]
    """Proposed, or dropped or failed before review, or accepted or rejected by a person."""
    origin: OneOf["document", "prediction", "sent", "topic"]
    """Where it is from: a topic, a document, a prompt's prediction, or another program that sent it."""
    content: Content | None
    """The proposed example; null if there is none or it was erased."""
    metadata: dict[str, Any] | None
    """The JSON object stored with it; null if there is none or it was erased."""
    edited: bool
    """True if a person changed the content when accepting it."""
    code: str | None
    """Machine-readable reason why it was dropped, failed or could not be judged."""
    detail: str | None
    """The same reason as a sentence."""
    run_id: str | None
    """The run that created it; null if another program sent it."""
    calls: dict[str, str]
    """Ids of the model calls that led to it, by step."""
    served: Served | None
    """The model and connection that answered."""
    prompt_id: str | None
    """The prompt that wrote the output; null if none was used."""
    prompt_version: int | None
    """The version of that prompt."""
    topic_id: str | None
    """The topic it is about."""
    topic_path: list[str]
    """The topic's name with the names above it, outermost first."""
    category: str | None
    """The category that the input was written for."""
    temperature: float | None
    """The sampling temperature used for the input or, from documents, for the pair."""
    score: float | None
    """The judge's score, 1 to 5; null if no judge scored it."""
    twin: str | None
    """The example or candidate that it repeats."""
    similarity: float | None
    """Similarity to `twin`, 0 to 1."""
    document: DocumentPlace | None
    """Where in a document its text is from."""
    grounding: float | None
    """Share of the answer's content words that occur in the source text, 0 to 1."""
    predicted_for: str | None
    """The example whose input the prompt answered."""
    valid: bool
    """False if the content does not match the task's schema."""
    mismatches: list[Mismatch]
    """Where the content does not match the task's schema."""
    task_version: int | None
    """The version of the task it was checked against."""
    example_id: str | None
    """The example it became; null unless accepted."""
    reason: str | None
    """The reason given when it was accepted or rejected."""
    version: int
    """Grows by 1 with every change."""
    created_at: dt.datetime
    """When it was created."""
    created_by: str
    """Who created it."""
    decided_at: dt.datetime | None
    """When it was accepted or rejected; null until then."""
    decided_by: str | None
    """Who accepted or rejected it; null until then."""


class CandidateContent(Shape, frozen=True, kw_only=True):
    """An example that another program proposes."""

    content: Content
    """The proposed example: its messages and tools."""
    key: str | None = None
    """Your own key for this candidate. A key that was sent before creates no second candidate."""
    metadata: dict[str, Any] | None = None
    """Any JSON object to store with it."""


class CandidateDecision(Shape, frozen=True, kw_only=True):
    """The outcome for one candidate."""

    candidate_id: str
    """The candidate decided on."""
    outcome: OneOf["accepted", "refused", "rejected"]
    """What is true of it now; `refused` if this request could not change it."""
    new: bool
    """False if the same decision had been made before."""
    code: str | None = None
    """Error code, if refused."""
    detail: str | None = None
    """Why it was refused, as a sentence."""
    example_id: str | None = None
    """The example it became, if accepted."""


class CandidateDecisions(Shape, frozen=True, kw_only=True):
    """The outcomes for all candidates of a request."""

    data: list[CandidateDecision]
    """One entry per candidate, in the order of the request."""
    remaining: int
    """How many matching candidates are still proposed; repeat the request for them."""


class CandidateEdit(Shape, frozen=True, kw_only=True):
    """A candidate to accept with another content."""

    candidate_id: str
    """The candidate to accept with this content."""
    content: Content
    """The content of the example; it replaces the candidate's own."""


class CandidateFilter(Shape, frozen=True, kw_only=True):
    """Candidates that meet all of these conditions; absent ones are ignored."""

    document_id: str | None = None
    """Only candidates from this document."""
    run_id: str | None = None
    """Only candidates of this run."""
    score_gte: float | None = None
    """Only candidates that the judge scored at least this high, 1 to 5."""
    topic_id: str | None = None
    """Only candidates about this topic."""


class CandidateIds(Shape, frozen=True, kw_only=True):
    """The candidates of a request, created by it or before."""

    data: list[str]
    """Ids of the candidates, in the order of the request."""
    new: int
    """How many of them this request created."""


class CandidatePage(Shape, frozen=True, kw_only=True):
    """One page of candidates, oldest first."""

    data: list[Candidate]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class DocumentPage(Shape, frozen=True, kw_only=True):
    """One page of documents, the oldest first."""

    data: list[UploadedDocument]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class DocumentPlace(Shape, frozen=True, kw_only=True):
    """The part of a document that a text is from."""

    document_id: str
    """The document the text is from."""
    start: int
    """First character, counted from 0 in the document's text."""
    end: int
    """The character after the last one."""
    page: int | None = None
    """Page number from 1; null where the format has no pages."""


class Finding(Shape, frozen=True, kw_only=True):
    """A problem with a file, or with one page of it (from 1)."""

    type: OneOf["finding"]
    """Always `finding`: which kind this is."""
    code: OneOf[
        "empty",
        "encoding_guessed",
        "encrypted",
        "not_readable",
        "partial",
        "scanned",
        "too_large",
        "type_mismatch",
        "unsupported",
        "zip_bomb",
    ]
    """Machine-readable kind of problem."""
    detail: str
    """The problem as a sentence."""
    page: int | None = None
    """Page number from 1; null if it concerns the whole file."""


class Generation(Shape, frozen=True, kw_only=True):
    """What to generate for a dataset, and its runs."""

    id: str
    """The generation's id."""
    dataset_id: str
    """The dataset that accepted candidates go into."""
    task_id: str | None
    """The task it generates examples for; null if there is none."""
    name: str
    """A name for people to read."""
    target: PromptTarget
    """The model to use."""
    guidance: Guidance
    """Instructions added to each step, after those of the template."""
    template: OneOf["bugs_seen", "edge_cases", "general", "safety"]
    """Built-in instructions to start from."""
    prompt: PromptChoice | None
    """The prompt that writes outputs; null if the task's instruction does."""
    topics: int
    """Number of topics in the tree."""
    runs: list[OrderedRun]
    """Its runs, oldest first."""
    version: int
    """Grows by 1 with every change; for If-Match."""
    created_at: dt.datetime
    """When it was created."""
    created_by: str
    """Who created it."""
    updated_at: dt.datetime
    """When it last changed."""
    updated_by: str
    """Who last changed it."""


class GenerationPage(Shape, frozen=True, kw_only=True):
    """One page of generations, newest first."""

    data: list[Generation]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class Guidance(Shape, frozen=True, kw_only=True):
    """Instructions for a model, added to those of the task, for each step."""

    inputs: str | None = None
    """Instructions for writing inputs."""
    outputs: str | None = None
    """Instructions for writing outputs."""
    topics: str | None = None
    """Instructions for naming topics."""


class NewJudge(Shape, frozen=True, kw_only=True):
    """A model that scores each candidate from 1 to 5 by the task's requirements."""

    minimum: float = 3
    """Drop candidates that score below this, 1 to 5."""
    target: ModelChoice | None = None
    """The model that judges. Default: the generation's own model."""


class NewTopic(Shape, frozen=True, kw_only=True):
    """`NewTopic`."""

    name: str
    """The topic's name; unique among its siblings."""
    parent: str | None = None
    """The topic above it. Default: the root."""


class OrderedRun(Shape, frozen=True, kw_only=True):
    """`OrderedRun`."""

    run_id: str
    """The run; read it under /operations."""
    kind: OneOf["documents", "generation", "topics"]
    """What the run does: name topics, write candidates from topics, or from documents."""


class PromptChoice(Shape, frozen=True, kw_only=True):
    """The prompt that writes outputs: a version by number, a label's versions by weight, or the latest."""

    prompt_id: str
    """The prompt to use."""
    label: str | None = None
    """Use the versions that carry this label, by their weights."""
    version: int | None = None
    """Use this version of the prompt."""


class PromptTarget(Shape, frozen=True, kw_only=True):
    """The model that answers: a connection's model by the provider's name, or one of yours by version or alias."""

    alias: str | None = None
    """An alias of your model."""
    connection_id: str | None = None
    """The connection to ask; goes with `model`."""
    model: str | None = None
    """A model of the connection, by the provider's name."""
    model_id: str | None = None
    """One of your models."""
    version: str | None = None
    """A version of your model."""


class TemperatureSpread(Shape, frozen=True, kw_only=True):
    """Temperatures from `min` to `max`, in equal steps over the rows."""

    max: float = 1
    """Temperature of the last row, 0 to 2."""
    min: float = 0.7
    """Temperature of the first row, 0 to 2."""


class TopicFinding(Shape, frozen=True, kw_only=True):
    """Why a model named no topics below this one; without a `topic_id`, below the root."""

    code: str
    """Machine-readable reason."""
    detail: str
    """The reason as a sentence."""
    call_id: str | None = None
    """The model call that failed."""
    topic_id: str | None = None
    """The topic that got no subtopics; null for the root."""


class TopicNode(Shape, frozen=True, kw_only=True):
    """A topic and the topics below it."""

    id: str
    """The topic's id."""
    name: str
    """The topic's name."""
    run_id: str | None
    """The run in which a model named it; null if a person did."""
    finding: TopicFinding | None
    """Why a model named no topics below it; null if nothing went wrong."""
    children: list[TopicNode]
    """The topics below it."""


class TopicRename(Shape, frozen=True, kw_only=True):
    """`TopicRename`."""

    id: str
    """The topic to rename."""
    name: str
    """Its new name."""


class TopicTree(Shape, frozen=True, kw_only=True):
    """The topics of a generation."""

    generation_id: str
    """The generation the tree belongs to."""
    version: int
    """The generation's version; for If-Match."""
    count: int
    """Number of topics in the tree."""
    finding: TopicFinding | None
    """Why a model named no topics below the root; null if nothing went wrong."""
    topics: list[TopicNode]
    """The topics of the first level."""


class UploadedDocument(Shape, frozen=True, kw_only=True):
    """An uploaded file, and how much of its text could be read."""

    id: str
    """The document's id."""
    generation_id: str
    """The generation it belongs to."""
    name: str | None
    """The file name it was uploaded with."""
    state: OneOf["read", "unreadable"]
    """`read` if text was extracted, else `unreadable`; see `findings`."""
    kind: OneOf["docx", "html", "markdown", "pdf", "text"] | None
    """The format it was read as; null if unreadable."""
    size: int
    """Size of the file in bytes."""
    pages: int | None
    """Number of pages; null where the format has none."""
    characters: int | None
    """Characters of extracted text; null if unreadable."""
    findings: list[Finding]
    """Problems with the file or with single pages."""
    created_at: dt.datetime
    """When it was uploaded."""
    created_by: str
    """Who uploaded it."""
