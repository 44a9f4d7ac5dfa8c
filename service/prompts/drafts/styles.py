"""Build a prompt from a task, in several styles. Pure.

Text from the task or from examples is escaped: braces in it open no variable.
"""

from collections.abc import Iterator, Sequence

import msgspec

from service.prompts.domain import Style
from service.prompts.versions.definitions import PromptTurn, PromptVariable
from service.prompts.versions.templates import escape
from service.tasks.domain import TaskState
from service.tasks.ontology import Question, iterate_questions

# How many examples each style shows by default.
EXAMPLE_COUNTS: dict[Style, int] = {"few_shot": 4, "multi_shot": 25, "repairs": 10}
MAX_EXAMPLE_CHARACTERS = 200_000  # all examples together
STEPS = "Think step by step, and write your reasoning down before you answer."
INPUT = "input"


class DraftExample(msgspec.Struct, frozen=True, kw_only=True):
    """An example to show. A repaired one also has the old answer (`wrong`) and the reason for its repair."""

    question: str
    answer: str
    wrong: str | None = None
    feedback: str | None = None


def build_messages(task: TaskState, style: Style, lessons: Sequence[DraftExample] = ()) -> tuple[PromptTurn, ...]:
    """A system message and the user's input. The style `training` has the instruction only."""
    parts = [task.instruction] if style == "training" else list(_write_parts(task, style, lessons))
    system = "\n\n".join(escape(part) for part in parts)
    return (PromptTurn(role="system", content=system), PromptTurn(role="user", content=f"{{{{{INPUT}}}}}"))


def build_variables(task: TaskState) -> tuple[PromptVariable, ...]:
    described = "JSON of the task's input schema." if task.input_schema is not None else "What the task is done on."
    return (PromptVariable(name=INPUT, description=described),)


def is_json_answer(task: TaskState, style: Style) -> bool:
    """Whether the whole answer is JSON. With chain_of_thought, text precedes it."""
    return task.output_schema is not None and style != "chain_of_thought"


def count_fitting(lessons: Sequence[DraftExample]) -> int:
    """How many of the lessons fit into MAX_EXAMPLE_CHARACTERS."""
    size = 0
    for number, lesson in enumerate(lessons):
        size += sum(len(text or "") for text in msgspec.structs.astuple(lesson))
        if size > MAX_EXAMPLE_CHARACTERS:
            return number
    return len(lessons)


def _write_parts(task: TaskState, style: Style, lessons: Sequence[DraftExample]) -> Iterator[str]:
    yield task.instruction
    if task.requirements:
        # Sorting keeps the author's order within a priority.
        ordered = sorted(task.requirements, key=lambda requirement: requirement.priority)
        lines = [f"{n}. {each.name}: {each.instruction}" for n, each in enumerate(ordered, start=1)]
        yield "\n".join(["A good answer meets these requirements, the most important first:", *lines])
    yield from _write_choices(task)
    if task.output_schema is not None:
        yield _write_schema(task, style)
    if style == "chain_of_thought":
        yield task.thinking_instruction or STEPS
        yield "Then write a line that says only `Answer:`, and your answer below it."
    if lessons:
        yield "\n\n".join(
            ["Examples:", *(_write_example(n, lesson, style) for n, lesson in enumerate(lessons, start=1))]
        )


def _write_choices(task: TaskState) -> Iterator[str]:
    if task.categories:
        names = [f"- {name}" for name in task.categories]
        yield "\n".join(["Answer with one of these categories, and with nothing else:", *names])
        if task.fallback_category is not None:
            yield f"If none of them fits, answer {task.fallback_category}."
    elif task.questions:
        yield "\n\n".join(["Answer these questions:", *map(_write_question, iterate_questions(task.questions))])


def _write_question(question: Question) -> str:
    several = "one or more of" if question.choice == "multiple" else "one of"
    lines = [f"{question.name} ({several} these{'' if question.required else ', or none'}):"]
    lines += [question.instruction] if question.instruction else []
    lines += [f"- {each.name}{f': {each.description}' if each.description else ''}" for each in question.categories]
    lines += [f"If none of them fits: {question.fallback}."] if question.fallback else []
    return "\n".join(lines)


def _write_schema(task: TaskState, style: Style) -> str:
    schema = msgspec.json.format(msgspec.json.encode(task.output_schema), indent=2).decode()
    what = "The answer itself is JSON" if style == "chain_of_thought" else "Answer with JSON alone"
    return f"{what} that matches this JSON Schema:\n{schema}"


def _write_example(number: int, lesson: DraftExample, style: Style) -> str:
    lines = [f"Example {number}", f"Input: {lesson.question}"]
    if style == "repairs" and lesson.wrong is not None:
        lines.append(f"An answer that was not good enough: {lesson.wrong}")
        if lesson.feedback:
            lines.append(f"What was to be better: {lesson.feedback}")
        lines.append(f"The better answer: {lesson.answer}")
    else:
        lines.append(f"Answer: {lesson.answer}")
    return "\n".join(lines)
