"""Name topics, level by level. The model is asked once about each topic of a level."""

from typing import Any

from service.generation import domain as generations
from service.generation.documents.readers.builder import to_one_line
from service.generation.domain import GENERATION, GenerationState
from service.generation.runs.failed_examples import load_failed_texts
from service.generation.runs.json_answers import NamedTopics
from service.generation.runs.model_answers import Rejection, ask_parsed
from service.generation.runs.presets import list_guidance
from service.generation.runs.prompt_texts import TOPICS, build_topics_messages
from service.generation.runs.run_context import RunContext, load_context
from service.generation.runs.spec import TopicsSpec, decode_spec
from service.generation.topics import domain as topics
from service.generation.topics.domain import MAX_NAME_LENGTH, Topic, TopicFinding, TopicPath
from service.inference.executor import Job

KIND = "topics"
Outcomes = dict[TopicPath, list[Topic] | TopicFinding]


async def name_topics(job: Job) -> dict[str, Any]:
    spec = decode_spec(job.order, TopicsSpec)
    context = await load_context(job, spec)
    failed_examples = await load_failed_texts(job.engine, job.workspace_id, spec.dataset_id, spec.bugs)
    parents = [topics.find_path(context.generation.topics, spec.parent)]
    named = failed = 0
    for level in range(spec.depth):
        outcomes = await _name_level(job, spec, context, parents, failed_examples, levels_left=spec.depth - level)
        new_topics = [topic for parent in parents for topic in _topics_in(outcomes[parent])]
        findings = [outcome for parent in parents if isinstance(outcome := outcomes[parent], TopicFinding)]
        await _record(job, spec, new_topics, findings)
        named += len(new_topics)
        failed += len(findings)
        paths = {parent.id: parent.path for parent in parents}
        parents = [TopicPath(id=topic.id, path=(*paths[topic.parent], topic.name)) for topic in new_topics]
    await job.advance(job.done, job.done)
    return {"topics": named, "failed": failed}


async def _name_level(
    job: Job,
    spec: TopicsSpec,
    context: RunContext,
    parents: list[TopicPath],
    failed_examples: list[str],
    *,
    levels_left: int,
) -> Outcomes:
    outcomes: Outcomes = {}

    async def name(parent: TopicPath) -> None:
        outcomes[parent] = await _name_subtopics(job, spec, context, parent, failed_examples)

    questions = len(parents) * sum(spec.count**level for level in range(levels_left))
    await job.each(parents, name, total=job.done + questions)
    return outcomes


def _topics_in(outcome: list[Topic] | TopicFinding) -> list[Topic]:
    return outcome if isinstance(outcome, list) else []


async def _name_subtopics(
    job: Job, spec: TopicsSpec, context: RunContext, parent: TopicPath, failed_examples: list[str]
) -> list[Topic] | TopicFinding:
    known = [topic.name for topic in topics.list_children(context.generation.topics, parent.id)]
    guidance = list_guidance(context.generation.template, context.generation.guidance, "topics")
    messages = build_topics_messages(
        context.task, guidance, parent, count=spec.count, known=known, bugs=failed_examples
    )
    response = await ask_parsed(job, f"topics/{parent.key}", spec.served, messages, schema=TOPICS, kind=NamedTopics)
    if isinstance(response, Rejection):
        return TopicFinding(topic_id=parent.id, code=response.code, detail=response.detail, call_id=response.call_id)
    names = _find_new_names(response.value.topics, known)
    if not names:
        detail = "The model named no new topic."
        return TopicFinding(topic_id=parent.id, code="no_topics", detail=detail, call_id=response.call_id)
    return [
        Topic(id=topics.derive_topic_id(job.run_id, parent.id, name), name=name, parent=parent.id, run_id=job.run_id)
        for name in names[: spec.count]
    ]


def _find_new_names(answers: list[str], known: list[str]) -> list[str]:
    names: dict[str, str] = {}
    for answer in answers:
        name = to_one_line(answer)[:MAX_NAME_LENGTH].strip()
        if name:
            names.setdefault(topics.normalize_name(name), name)
    for name in known:
        names.pop(topics.normalize_name(name), None)
    return list(names.values())


async def _record(job: Job, spec: TopicsSpec, new_topics: list[Topic], findings: list[TopicFinding]) -> None:
    def decide(generation: GenerationState | None) -> list[generations.GenerationEvent]:
        return generations.add_suggestions(generation, run_id=job.run_id, named=new_topics, findings=findings)

    await job.ledger.change(GENERATION, spec.generation_id, decide, caller=job.caller)
