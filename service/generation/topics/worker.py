"""The work of naming topics: level by level, each topic of a level is asked about once."""

from typing import Any

from service.generation import domain as generations
from service.generation.documents.readers.builder import to_one_line
from service.generation.domain import GENERATION, GenerationState
from service.generation.runs import failed_examples as bugs
from service.generation.runs.json_answers import NamedTopics
from service.generation.runs.model_answers import Rejection, ask_parsed
from service.generation.runs.presets import guidance_for
from service.generation.runs.prompt_texts import TOPICS, topics_messages
from service.generation.runs.run_context import RunContext, load_context
from service.generation.runs.spec import TopicsSpec, decode_spec
from service.generation.topics import domain as topics
from service.generation.topics.domain import MAX_NAME_LENGTH, Topic, TopicFinding, TopicPath
from service.inference.executor import Job

KIND = "topics"


async def name_topics(job: Job) -> dict[str, Any]:
    order = decode_spec(job.order, TopicsSpec)
    at = await load_context(job, order)
    failed = await bugs.load_failed_texts(job.engine, job.workspace_id, order.dataset_id, order.bugs)
    frontier = [topics.path_to(at.generation.topics, order.parent)]
    named: list[Topic] = []
    lost: list[TopicFinding] = []
    for level in range(order.depth):
        found: dict[TopicPath, list[Topic] | TopicFinding] = {}

        async def one(here: TopicPath, found: dict[TopicPath, list[Topic] | TopicFinding] = found) -> None:
            found[here] = await _named(job, order, at, here, failed)

        await job.each(
            frontier, one, total=job.done + len(frontier) * sum(order.count**n for n in range(order.depth - level))
        )
        level_named = [topic for here in frontier for topic in _list(found[here])]
        findings = [each for here in frontier if isinstance(each := found[here], TopicFinding)]
        await _record(job, level_named, findings)
        named += level_named
        lost += findings
        paths = {here.id: here.path for here in frontier}
        frontier = [TopicPath(id=topic.id, path=(*paths[topic.parent], topic.name)) for topic in level_named]
    await job.advance(job.done, job.done)
    return {"topics": len(named), "failed": len(lost)}


def _list(found: list[Topic] | TopicFinding) -> list[Topic]:
    return found if isinstance(found, list) else []


async def _named(
    job: Job, order: TopicsSpec, at: RunContext, here: TopicPath, failed: list[str]
) -> list[Topic] | TopicFinding:
    known = [topic.name for topic in topics.list_children(at.generation.topics, here.id)]
    guidance = guidance_for(at.generation.template, at.generation.guidance, "topics")
    messages = topics_messages(at.task, guidance, here, count=order.count, known=known, bugs=failed)
    got = await ask_parsed(job, f"topics/{here.key}", order.served, messages, schema=TOPICS, kind=NamedTopics)
    if isinstance(got, Rejection):
        return TopicFinding(topic_id=here.id, code=got.code, detail=got.detail, call_id=got.call_id)
    names: dict[str, str] = {}
    for said in got.value.topics:
        name = to_one_line(said)[:MAX_NAME_LENGTH].strip()
        if name:
            names.setdefault(topics.normalize_name(name), name)
    for name in known:
        names.pop(topics.normalize_name(name), None)
    if not names:
        detail = "The model named no topic that is not there already."
        return TopicFinding(topic_id=here.id, code="no_topics", detail=detail, call_id=got.call_id)
    return [
        Topic(id=topics.topic_id(job.run_id, here.id, name), name=name, parent=here.id, run_id=job.run_id)
        for name in list(names.values())[: order.count]
    ]


async def _record(job: Job, named: list[Topic], findings: list[TopicFinding]) -> None:
    def decide(now: GenerationState | None) -> list[generations.GenerationEvent]:
        return generations.add_suggestions(now, run_id=job.run_id, named=named, findings=findings)

    generation_id = decode_spec(job.order, TopicsSpec).generation_id
    await job.ledger.change(GENERATION, generation_id, decide, caller=job.caller)
