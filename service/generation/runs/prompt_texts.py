"""What models are asked at each step, and the shape that their answers are to have. Pure."""

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
MAX_FAILED_LENGTH = 1_000  # characters of a failed example that are shown


def closed_object(**properties: Schema) -> Schema:
    """An object of just these fields, as strict structured output wants it."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


TEXT: Schema = {"type": "string"}
TOPICS = closed_object(topics={"type": "array", "items": TEXT})
PAIRS = closed_object(pairs={"type": "array", "items": closed_object(question=TEXT, answer=TEXT)})
PROMPT = closed_object(prompt=TEXT)
JUDGMENT = closed_object(reason=TEXT, score={"type": "integer", "enum": list(STARS)})


def inputs_schema(task: TaskState | None) -> Schema:
    """Inputs follow the task's schema where strict structured output can hold it; else they are texts."""
    schema = task.input_schema if task else None
    return closed_object(inputs={"type": "array", "items": schema if schema and is_strict(schema) else TEXT})


def is_strict(schema: Any) -> bool:
    """Whether every object of the schema is closed and requires all its fields, and nothing is referred to."""
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


def topics_messages(
    task: TaskState | None,
    guidance: Sequence[str],
    here: TopicPath,
    *,
    count: int,
    known: Sequence[str],
    bugs: Sequence[str],
) -> tuple[Message, ...]:
    subject = f"subtopics of {here.path[-1]}" if here.path else "topics that inputs of the task can be about"
    wish = f"Name {count} {subject}: each in a few words, and none like another."
    return (
        _system("You plan training data for a task.", task, guidance, bugs),
        User(content=_joined(_topic(here), wish, _avoid(known), 'Answer with JSON: {"topics": ["…"]}')),
    )


def inputs_messages(
    task: TaskState | None,
    guidance: Sequence[str],
    here: TopicPath,
    *,
    count: int,
    category: str | None,
    known: Sequence[str],
    bugs: Sequence[str],
) -> tuple[Message, ...]:
    wish = f"Write {count} inputs that a user could send, each different from the others. Write no answers to them."
    schema = task.input_schema if task else None
    return (
        _system("You write inputs for a task, as real users would send them.", task, guidance, bugs),
        User(
            content=_joined(
                _topic(here),
                wish,
                f"The right answer to each of them is the category {category}." if category else "",
                f"Each input is JSON of this schema: {_json(schema)}" if schema else "",
                _avoid(known),
                'Answer with JSON: {"inputs": ["…"]}',
            )
        ),
    )


def repair_messages(asked: Sequence[Message], text: str, faults: Sequence[Fault]) -> tuple[Message, ...]:
    """The same question once more, with what is wrong with the answer."""
    told = "\n".join(f"- {fault.pointer or 'the whole'}: {fault.detail}" for fault in faults[:MAX_FAULTS_SHOWN])
    wish = f"This does not match the schema:\n{told}\nAnswer again with the whole JSON, corrected, and nothing else."
    return (*asked, Assistant(content=text), User(content=wish))


def input_repair_messages(schema: Schema, text: str) -> tuple[Message, ...]:
    """To be followed by the input and its faults."""
    return (User(content=f"Write an input about this as JSON of the schema {_json(schema)}:\n\n{text}"),)


def judge_messages(task: TaskState | None, question: str, answer: str) -> tuple[Message, ...]:
    """A judge's question. The rubric is the task's requirements, the most important first."""
    rules = sorted(task.requirements, key=lambda each: each.priority) if task else []
    rubric = "\n".join(f"- {each.name}: {each.instruction}" for each in rules)
    system = _joined(
        "You judge an answer strictly, from 1 (useless) to 5 (nothing to be improved).",
        f"The task: {task.instruction}" if task else "",
        f"Requirements, the most important first:\n{rubric}" if rubric else "",
    )
    wish = 'Answer with JSON: {"reason": "…", "score": 1 to 5}'
    return (System(content=system), User(content=f"Input:\n{question}\n\nAnswer:\n{answer}\n\n{wish}"))


def pairs_messages(chunk: Chunk, instruction: str | None, *, count: int) -> tuple[Message, ...]:
    wish = (
        f"Write {count} questions that the text answers, each with its answer. Say nothing that the text does not say."
    )
    return (_reader(chunk, instruction), _text(chunk, wish, '{"pairs": [{"question": "…", "answer": "…"}]}'))


def style_messages(chunk: Chunk, instruction: str | None) -> tuple[Message, ...]:
    wish = "Write the prompt that would have led a writer to exactly this text: its subject, form, length and tone."
    return (_reader(chunk, instruction), _text(chunk, wish, '{"prompt": "…"}'))


def _reader(chunk: Chunk, instruction: str | None) -> System:
    headings = f"The text stands under the headings {' > '.join(chunk.path)}." if chunk.path else ""
    return System(content=_joined("You make training data of a text.", headings, instruction or ""))


def _text(chunk: Chunk, wish: str, shape: str) -> User:
    return User(content=_joined(f"Text:\n{chunk.text}", wish, f"Answer with JSON: {shape}"))


def _system(role: str, task: TaskState | None, guidance: Sequence[str], bugs: Sequence[str]) -> System:
    shown = "\n\n".join(bug[:MAX_FAILED_LENGTH] for bug in bugs)
    return System(
        content=_joined(
            role,
            f"The task: {task.instruction}" if task else "",
            *guidance,
            f"Examples that failed:\n\n{shown}" if shown else "",
        )
    )


def _topic(here: TopicPath) -> str:
    return f"Topic: {' > '.join(here.path)}" if here.path else ""


def _avoid(known: Sequence[str]) -> str:
    return "There are already:\n" + "\n".join(f"- {name}" for name in known) if known else ""


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
