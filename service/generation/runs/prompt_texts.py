"""The messages that ask a model at each step, and the schemas of its answers. Pure."""

from collections.abc import Sequence
from typing import Any

import msgspec

from service.datasets.examples.chat_content import Assistant, Message, System, User
from service.errors import Fault
from service.generation.documents.document import Chunk
from service.generation.topics.domain import TopicPath
from service.tasks.domain import TaskState

Schema = dict[str, Any]
STARS = (1, 2, 3, 4, 5)
MAX_FAULTS_SHOWN = 10
MAX_FAILED_LENGTH = 1_000  # characters shown of a failed example


def build_closed_object(**properties: Schema) -> Schema:
    """An object with exactly these fields, all required, as strict structured output needs it."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


TEXT: Schema = {"type": "string"}
TOPICS = build_closed_object(topics={"type": "array", "items": TEXT})
PAIRS = build_closed_object(pairs={"type": "array", "items": build_closed_object(question=TEXT, answer=TEXT)})
PROMPT = build_closed_object(prompt=TEXT)
JUDGMENT = build_closed_object(reason=TEXT, score={"type": "integer", "enum": list(STARS)})


def build_inputs_schema(task: TaskState | None) -> Schema:
    """Inputs follow the task's schema if strict structured output supports it; otherwise they are texts."""
    schema = task.input_schema if task else None
    return build_closed_object(inputs={"type": "array", "items": schema if schema and is_strict(schema) else TEXT})


def is_strict(schema: Any) -> bool:
    """Whether every object of the schema is closed and requires all its fields, and there is no $ref."""
    if isinstance(schema, list):
        return all(is_strict(each) for each in schema)
    if not isinstance(schema, dict):
        return True
    if "$ref" in schema or "$schema" in schema:
        return False
    fields = schema.get("properties")
    if isinstance(fields, dict) or schema.get("type") == "object":
        fields = fields or {}
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(fields):
            return False
    return all(is_strict(each) for each in schema.values())


def build_topics_messages(
    task: TaskState | None,
    guidance: Sequence[str],
    topic: TopicPath,
    *,
    count: int,
    known: Sequence[str],
    bugs: Sequence[str],
) -> tuple[Message, ...]:
    subject = f"subtopics of {topic.path[-1]}" if topic.path else "topics that inputs of the task can be about"
    wish = f"Name {count} {subject}: each in a few words, and none like another."
    return (
        _build_task_system("You plan training data for a task.", task, guidance, bugs),
        User(
            content=_join_parts(_write_topic(topic), wish, _write_known(known), 'Answer with JSON: {"topics": ["…"]}')
        ),
    )


def build_inputs_messages(
    task: TaskState | None,
    guidance: Sequence[str],
    topic: TopicPath,
    *,
    count: int,
    category: str | None,
    known: Sequence[str],
    bugs: Sequence[str],
) -> tuple[Message, ...]:
    wish = f"Write {count} inputs that a user could send, each different from the others. Write no answers to them."
    schema = task.input_schema if task else None
    return (
        _build_task_system("You write inputs for a task, as real users would send them.", task, guidance, bugs),
        User(
            content=_join_parts(
                _write_topic(topic),
                wish,
                f"The right answer to each of them is the category {category}." if category else "",
                f"Each input is JSON of this schema: {_encode(schema)}" if schema else "",
                _write_known(known),
                'Answer with JSON: {"inputs": ["…"]}',
            )
        ),
    )


def build_repair_messages(messages: Sequence[Message], text: str, faults: Sequence[Fault]) -> tuple[Message, ...]:
    """The same question again, followed by the answer and its faults."""
    lines = "\n".join(f"- {fault.pointer or 'the whole'}: {fault.detail}" for fault in faults[:MAX_FAULTS_SHOWN])
    wish = f"This does not match the schema:\n{lines}\nAnswer again with the whole JSON, corrected, and nothing else."
    return (*messages, Assistant(content=text), User(content=wish))


def build_input_repair_messages(schema: Schema, text: str) -> tuple[Message, ...]:
    """The question to which an input that does not match the schema is the answer."""
    return (User(content=f"Write an input about this as JSON of the schema {_encode(schema)}:\n\n{text}"),)


def build_judge_messages(task: TaskState | None, question: str, answer: str) -> tuple[Message, ...]:
    """Ask a judge for a score. The rubric is the task's requirements, most important first."""
    rules = sorted(task.requirements, key=lambda each: each.priority) if task else []
    rubric = "\n".join(f"- {each.name}: {each.instruction}" for each in rules)
    system = _join_parts(
        "You judge an answer strictly, from 1 (useless) to 5 (nothing to be improved).",
        f"The task: {task.instruction}" if task else "",
        f"Requirements, the most important first:\n{rubric}" if rubric else "",
    )
    wish = 'Answer with JSON: {"reason": "…", "score": 1 to 5}'
    return (System(content=system), User(content=f"Input:\n{question}\n\nAnswer:\n{answer}\n\n{wish}"))


def build_pairs_messages(chunk: Chunk, instruction: str | None, *, count: int) -> tuple[Message, ...]:
    wish = (
        f"Write {count} questions that the text answers, each with its answer. Say nothing that the text does not say."
    )
    return (
        _build_chunk_system(chunk, instruction),
        _build_chunk_user(chunk, wish, '{"pairs": [{"question": "…", "answer": "…"}]}'),
    )


def build_style_messages(chunk: Chunk, instruction: str | None) -> tuple[Message, ...]:
    wish = "Write the prompt that would have led a writer to exactly this text: its subject, form, length and tone."
    return (_build_chunk_system(chunk, instruction), _build_chunk_user(chunk, wish, '{"prompt": "…"}'))


def _build_chunk_system(chunk: Chunk, instruction: str | None) -> System:
    headings = f"The text stands under the headings {' > '.join(chunk.path)}." if chunk.path else ""
    return System(content=_join_parts("You make training data of a text.", headings, instruction or ""))


def _build_chunk_user(chunk: Chunk, wish: str, shape: str) -> User:
    return User(content=_join_parts(f"Text:\n{chunk.text}", wish, f"Answer with JSON: {shape}"))


def _build_task_system(role: str, task: TaskState | None, guidance: Sequence[str], bugs: Sequence[str]) -> System:
    shown = "\n\n".join(bug[:MAX_FAILED_LENGTH] for bug in bugs)
    return System(
        content=_join_parts(
            role,
            f"The task: {task.instruction}" if task else "",
            *guidance,
            f"Examples that failed:\n\n{shown}" if shown else "",
        )
    )


def _write_topic(topic: TopicPath) -> str:
    return f"Topic: {' > '.join(topic.path)}" if topic.path else ""


def _write_known(known: Sequence[str]) -> str:
    return "There are already:\n" + "\n".join(f"- {name}" for name in known) if known else ""


def _join_parts(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()
