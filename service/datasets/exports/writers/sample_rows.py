"""Sample conversations, each with one thing that not every format can carry, for the matrix of formats. Pure."""

from typing import Any
from uuid import UUID

import msgspec

from service.datasets.exports.writers.written_example import Json, WrittenExample

USER, ANSWER = {"role": "user", "content": "What is the capital?"}, {"role": "assistant", "content": "It is Oslo."}
SYSTEM: Json = {"role": "system", "content": "Be short."}
PIXEL = "data:image/png;base64,iVBORw0KGgo="
AUDIO: Json = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
FUNCTION: Json = {"name": "weather", "description": "Tells it.", "parameters": {"type": "object", "properties": {}}}


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation, and what is special about it."""

    name: str
    title: str
    content: Json
    score: float | None = None

    def to_example(self) -> WrittenExample:
        return WrittenExample(id=UUID(int=1), content=self.content, score=self.score)


def _chat(*messages: Json, **beside: Any) -> Json:
    return {"messages": list(messages), **beside}


def _ask(*parts: Json) -> Json:
    return {"role": "user", "content": [{"type": "text", "text": "What is this?"}, *parts]}


def _call(*ids: str, arguments: str = '{"city":"Oslo"}', **more: Any) -> Json:
    calls = [{"id": id_, "type": "function", "function": {"name": "weather", "arguments": arguments}} for id_ in ids]
    return {"role": "assistant", **more, "tool_calls": calls}


def _results(*ids: str) -> list[Json]:
    return [{"role": "tool", "content": f"4 degrees, says {id_}", "tool_call_id": id_} for id_ in ids]


def _tool(**more: Any) -> Json:
    return {"type": "function", "function": FUNCTION | more}


_CALLS = (USER, _call("call_1"), *_results("call_1"), ANSWER)
_BETTER = {"chosen": ANSWER, "rejected": {"role": "assistant", "content": "It is Rome."}}
_CONVERSATIONS: tuple[Sample, ...] = tuple(
    Sample(name=name, title=title, content=content, score=5.0)
    for name, title, content in (
        ("question", "one question, one answer", _chat(USER, ANSWER)),
        ("system", "a system turn", _chat(SYSTEM, USER, ANSWER)),
        ("two_questions", "two user turns in a row", _chat(USER, USER, ANSWER)),
        ("turns", "several turns", _chat(USER, ANSWER, {"role": "user", "content": "Sure?"}, ANSWER)),
        (
            "mid_system",
            "a system turn in the middle",
            _chat(USER, ANSWER, {"role": "system", "content": "Rhyme."}, USER, ANSWER),
        ),
        ("developer", "a developer turn", _chat({"role": "developer", "content": "Be short."}, USER, ANSWER)),
        ("weight", "a weight of 0", _chat(USER, {**ANSWER, "weight": 0}, USER, ANSWER)),
        ("reasoning", "reasoning", _chat(USER, {**ANSWER, "reasoning": "Norway's, so Oslo."})),
        ("name", "a speaker's name", _chat({**USER, "name": "ann"}, ANSWER)),
        ("tools", "declared tools", _chat(USER, ANSWER, tools=[_tool()])),
        ("strict", "a strict tool", _chat(*_CALLS, tools=[_tool(strict=True)])),
        ("calls", "a tool call and its result", _chat(*_CALLS, tools=[_tool()])),
        (
            "parallel",
            "parallel tool calls",
            _chat(USER, _call("call_1", "call_2"), *_results("call_1", "call_2"), ANSWER, tools=[_tool()]),
        ),
        (
            "text_and_call",
            "text beside a tool call",
            _chat(USER, _call("call_1", content="I look."), *_results("call_1"), ANSWER, tools=[_tool()]),
        ),
        (
            "arguments",
            "arguments that are no JSON",
            _chat(USER, _call("call_1", arguments="{city"), *_results("call_1"), ANSWER, tools=[_tool()]),
        ),
        ("option", "`parallel_tool_calls`", _chat(*_CALLS, tools=[_tool()], parallel_tool_calls=False)),
        ("last_call", "an answer that only calls a tool", _chat(USER, _call("call_1"), tools=[_tool()])),
        ("image", "an image", _chat(_ask({"type": "image_url", "image_url": {"url": PIXEL}}), ANSWER)),
        (
            "audio",
            "audio",
            _chat(_ask({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}), ANSWER),
        ),
        (
            "video",
            "a video",
            _chat(_ask({"type": "video_url", "video_url": {"url": "https://x.example/a.mp4"}}), ANSWER),
        ),
        ("file", "a file", _chat(_ask({"type": "file", "file": {"file_id": "file-1"}}), ANSWER)),
        ("preference", "a preference", _chat(USER, **_BETTER)),
        ("answer_only", "an answer without a question", _chat(ANSWER)),
        ("unanswered", "a question without an answer", _chat(USER)),
    )
)


def _to_preference(sample: Sample) -> Sample:
    """The same as a preference: the answer is the better one."""
    *asked, answer = sample.content["messages"]
    content = {**sample.content, "messages": asked, "chosen": answer, "rejected": _BETTER["rejected"]}
    return Sample(name=f"{sample.name}_preference", title=f"{sample.title}, as a preference", content=content)


_PREFERENCES = tuple(
    _to_preference(sample)
    for sample in _CONVERSATIONS
    if len(sample.content["messages"]) > 1 and "chosen" not in sample.content
)
_UNRATED = Sample(name="unrated", title="no rating", content=_chat(USER, ANSWER))
SAMPLES: tuple[Sample, ...] = (*_CONVERSATIONS, *_PREFERENCES, _UNRATED)
