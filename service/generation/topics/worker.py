"""The work of naming topics: level by level, each topic of a level is asked about once."""

from typing import Any

from service.generation import domain as generations
from service.generation.documents.readers.builder import one_line
from service.generation.domain import GENERATION, Generation
from service.generation.runs import failed_examples as bugs
from service.generation.runs.json_answers import NamedTopics
from service.generation.runs.model_answers import Lost, structured
from service.generation.runs.presets import told
from service.generation.runs.prompt_texts import TOPICS, about_topics
from service.generation.runs.run_context import Setting, setting
from service.generation.runs.spec import TopicsOrder, unpacked
from service.generation.topics import domain as topics
from service.generation.topics.domain import LONGEST_NAME, Place, Topic, TopicFinding
from service.inference.executor import Job

KIND = "topics"


async def name_topics(job: Job) -> dict[str, Any]:
    order = unpacked(job.order, TopicsOrder)
    at = await setting(job, order)
    failed = await bugs.as_texts(job.engine, job.workspace_id, order.dataset_id, order.bugs)
    frontier = [topics.place(at.generation.topics, order.parent)]
    named: list[Topic] = []
    lost: list[TopicFinding] = []
    for level in range(order.depth):
        found: dict[Place, list[Topic] | TopicFinding] = {}

        async def one(here: Place, found: dict[Place, list[Topic] | TopicFinding] = found) -> None:
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
        frontier = [Place(id=topic.id, path=(*paths[topic.parent], topic.name)) for topic in level_named]
    await job.advance(job.done, job.done)
    return {"topics": len(named), "failed": len(lost)}


def _list(found: list[Topic] | TopicFinding) -> list[Topic]:
    return found if isinstance(found, list) else []


async def _named(
    job: Job, order: TopicsOrder, at: Setting, here: Place, failed: list[str]
) -> list[Topic] | TopicFinding:
    known = [topic.name for topic in topics.children(at.generation.topics, here.id)]
    guidance = told(at.generation.template, at.generation.guidance, "topics")
    messages = about_topics(at.task, guidance, here, count=order.count, known=known, bugs=failed)
    got = await structured(job, f"topics/{here.key}", order.served, messages, schema=TOPICS, kind=NamedTopics)
    if isinstance(got, Lost):
        return TopicFinding(topic_id=here.id, code=got.code, detail=got.detail, call_id=got.call_id)
    names: dict[str, str] = {}
    for said in got.value.topics:
        name = one_line(said)[:LONGEST_NAME].strip()
        if name:
            names.setdefault(topics.known_by(name), name)
    for name in known:
        names.pop(topics.known_by(name), None)
    if not names:
        detail = "The model named no topic that is not there already."
        return TopicFinding(topic_id=here.id, code="no_topics", detail=detail, call_id=got.call_id)
    return [
        Topic(id=topics.topic_id(job.run_id, here.id, name), name=name, parent=here.id, run_id=job.run_id)
        for name in list(names.values())[: order.count]
    ]


async def _record(job: Job, named: list[Topic], findings: list[TopicFinding]) -> None:
    def decide(now: Generation | None) -> list[generations.GenerationEvent]:
        return generations.suggest(now, run_id=job.run_id, named=named, findings=findings)

    generation_id = unpacked(job.order, TopicsOrder).generation_id
    await job.ledger.change(GENERATION, generation_id, decide, caller=job.caller)
