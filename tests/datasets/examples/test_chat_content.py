"""The canonical content of an example: what is refused and where, and bytes that stay what they are."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.datasets.examples.chat_content import (
    MAX_DEPTH,
    Assistant,
    Content,
    User,
    decode,
    encode_and_check,
    encode_canonical,
    find_faults,
    get_output_text,
    get_prompt,
    replace_output,
)
from service.errors import Fault, Invalid

USER = {"role": "user", "content": "Weather in Oslo?"}
ANSWER = {"role": "assistant", "content": "4 degrees"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo"}'}}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "4C"}


def content(*messages: dict[str, Any], **more: Any) -> Content:
    return decode(json.dumps({"messages": messages, **more}).encode())


def decode_fault(data: bytes) -> Fault:
    with pytest.raises(Invalid) as refusal:
        decode(data)
    (fault,) = refusal.value.errors
    return fault


def summarize(faults: list[Fault]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in faults]


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


def with_parameters(parameters: bytes) -> bytes:
    tool = b'{"type":"function","function":{"name":"f","parameters":' + parameters + b"}}"
    return b'{"messages":[{"role":"assistant","content":"x"}],"tools":[' + tool + b"]}"


def test_a_conversation_with_tools_is_written_as_openai_writes_it() -> None:
    line = (
        '{"messages":[{"role":"system","content":"Be brief","name":"s"},{"role":"user","content":[{"type":"text",'
        '"text":"Où?"},{"type":"image_url","image_url":{"url":"https://example.org/a.png","detail":"low"}}]},'
        '{"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"w","arguments":"{}"}}],'
        '"weight":0},{"role":"tool","content":"4C","tool_call_id":"call_1"},{"role":"assistant","content":"4C",'
        '"reasoning":"as it says","weight":1}],"tools":[{"type":"function","function":{"name":"w","parameters":'
        '{"type":"object","properties":{"z":{},"a":{}}},"strict":true}}],"parallel_tool_calls":false}'
    ).encode()
    assert encode_canonical(decode(line)) == line
    assert find_faults(decode(line)) == []


def test_nulls_spaces_empty_lists_and_field_order_do_not_change_the_bytes() -> None:
    plain = b'{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}'
    loose = b"""{"tools": [], "messages": [{"content": "\\u0061", "role": "user", "name": null},
        {"weight": null, "content": "b", "tool_calls": [], "role": "assistant"}]}"""
    assert encode_canonical(decode(loose)) == plain


@given(st.lists(st.tuples(st.text(min_size=1), st.text(min_size=1)), min_size=1))
def test_any_text_comes_back_from_its_bytes(turns: list[tuple[str, str]]) -> None:
    messages = [
        message for question, answer in turns for message in (User(content=question), Assistant(content=answer))
    ]
    original = Content(messages=tuple(messages))
    assert decode(encode_canonical(original)) == original
    assert json.loads(encode_canonical(original))["messages"][-1]["content"] == turns[-1][1]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (b"", "", "malformed"),
        (b"not json", "", "malformed"),
        (b"[]", "", "wrong_type"),
        (b"{}", "/messages", "required"),
        (b'{"messages":null}', "/messages", "wrong_type"),
        (b'{"messages":[{"content":"a"}]}', "/messages/0/role", "required"),
        (b'{"messages":[{"role":"robot","content":"a"}]}', "/messages/0/role", "invalid_value"),
        (b'{"messages":[{"role":"user","content":5}]}', "/messages/0/content", "wrong_type"),
        (b'{"messages":[{"role":"user","content":null}]}', "/messages/0/content", "wrong_type"),
        (b'{"messages":[{"role":"user","content":"a","weight":1}]}', "/messages/0/weight", "unknown_field"),
        (b'{"messages":[{"role":"assistant","content":"a","weight":2}]}', "/messages/0/weight", "invalid_value"),
        (b'{"messages":[{"role":"user","content":[{"type":"text"}]}]}', "/messages/0/content/0/text", "required"),
        (b'{"messages":[],"a/b~":1}', "/a~1b~0", "unknown_field"),
        (b'{"messages":[{"role":"user","content":"\\ud800"}]}', "/messages/0/content", "lone_surrogate"),
        (b'{"messages":[{"role":"user","content":"\\udc00x"}]}', "/messages/0/content", "lone_surrogate"),
        (b'{"messages":[{"role":"user","content":"\xff"}]}', "", "not_utf8"),
        (with_parameters(b'{"a":1e999}'), "/tools/0/function/parameters", "invalid_value"),
        (with_parameters(b'{"a":' + b"9" * 5_000 + b"}"), "/tools/0/function/parameters", "invalid_value"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(body: bytes, pointer: str, code: str) -> None:
    fault = decode_fault(body)
    assert (fault.pointer, fault.code) == (pointer, code)
    assert "\ud800" not in fault.detail


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_nesting_beyond_the_stack_is_a_fault(depth: int) -> None:
    assert decode_fault(with_parameters(nested(depth))).code == "too_deep"


def test_nesting_is_limited_at_a_depth_that_does_not_depend_on_the_stack() -> None:
    assert find_faults(decode(with_parameters(nested(MAX_DEPTH)))) == []
    faults = find_faults(decode(with_parameters(nested(MAX_DEPTH + 1))))
    assert summarize(faults) == [("/tools/0/function/parameters", "too_deep")]


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([], [("/messages", "empty")]),
        ([USER], [("/messages/0/role", "no_answer")]),
        ([USER, {"role": "assistant"}], [("/messages/1/content", "empty")]),
        ([USER, {"role": "assistant", "content": ""}], [("/messages/1/content", "empty")]),
        ([{"role": "user", "content": []}, ANSWER], [("/messages/0/content", "empty")]),
        ([USER, RESULT, ANSWER], [("/messages/1/tool_call_id", "unknown_call")]),
        ([USER, RESULT], [("/messages/1/role", "no_answer"), ("/messages/1/tool_call_id", "unknown_call")]),
        ([USER, {"role": "assistant", "tool_calls": [CALL]}, RESULT, ANSWER], []),
        ([USER, {"role": "assistant", "tool_calls": [CALL]}], []),
    ],
)
def test_the_rules_of_a_conversation(messages: list[dict[str, Any]], expected: list[tuple[str, str]]) -> None:
    assert summarize(find_faults(content(*messages))) == expected


def test_a_preference_needs_both_answers_and_none_in_the_messages() -> None:
    assert find_faults(content(USER, chosen=ANSWER, rejected=ANSWER)) == []
    assert summarize(find_faults(content(USER, chosen=ANSWER))) == [("/rejected", "required")]
    assert summarize(find_faults(content(USER, ANSWER, chosen=ANSWER, rejected=ANSWER))) == [
        ("/messages/1/role", "two_answers")
    ]
    assert summarize(find_faults(content(USER, chosen=ANSWER, rejected={"role": "assistant"}))) == [
        ("/rejected/content", "empty")
    ]


def test_faults_point_into_the_body_the_content_came_in() -> None:
    assert summarize(find_faults(content(), at="/examples/3/content")) == [("/examples/3/content/messages", "empty")]


def test_a_nul_is_refused_wherever_it_hides_and_a_backslash_before_u0000_is_not() -> None:
    assert summarize(find_faults(content({"role": "user", "content": "a\0"}, ANSWER))) == [
        ("/messages/0/content", "nul_character")
    ]
    hidden = find_faults(decode(with_parameters(b'{"k\\u0000":1}')))
    assert summarize(hidden) == [("/tools/0/function/parameters/k\ufffd", "nul_character")]
    assert find_faults(content({"role": "user", "content": "\\u0000"}, ANSWER)) == []


def test_a_lone_surrogate_from_our_own_code_is_a_fault_too() -> None:
    data, faults = encode_and_check(replace_output(content(USER, ANSWER), "\ud83d"))
    assert (data, summarize(faults)) == (b"", [("/messages/1/content", "lone_surrogate")])


def test_a_repair_replaces_the_last_answer_and_nothing_before_it() -> None:
    before = content(USER, ANSWER, USER, {**ANSWER, "weight": 0, "reasoning": "hm"})
    after = replace_output(before, "better")
    assert get_output_text(before) == "4 degrees"
    assert get_output_text(after) == "better"
    assert get_prompt(after) == get_prompt(before) == before.messages[:3]
    assert after.messages[-1] == Assistant(content="better", weight=0, reasoning="hm")


def test_a_repaired_tool_call_becomes_text() -> None:
    before = content(USER, {"role": "assistant", "tool_calls": [CALL]})
    assert get_output_text(before) == ""
    assert replace_output(before, "4").messages[-1] == Assistant(content="4")


def test_the_answer_of_a_preference_is_the_chosen_one() -> None:
    before = content(USER, chosen={"role": "assistant", "content": [{"type": "text", "text": "good"}]}, rejected=ANSWER)
    after = replace_output(before, "best")
    assert get_output_text(before) == "good"
    assert (get_output_text(after), after.rejected) == ("best", before.rejected)
    assert get_prompt(before) == before.messages


def test_a_conversation_without_an_answer_gets_one() -> None:
    after = replace_output(content(USER), "4")
    assert get_prompt(content(USER)) == content(USER).messages
    assert (get_output_text(content(USER)), get_output_text(after), find_faults(after)) == ("", "4", [])


def test_structs_cannot_be_changed_in_place() -> None:
    with pytest.raises(AttributeError):
        msgspec.structs.replace(content(USER, ANSWER)).messages = ()  # type: ignore[misc]
