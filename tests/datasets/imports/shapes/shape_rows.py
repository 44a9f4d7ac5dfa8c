"""A row of each shape and the content that it is read into."""

import json
from typing import Any

Json = dict[str, Any]
QUESTION = {"role": "user", "content": "U"}
ANSWER = {"role": "assistant", "content": "A"}
CHAT = [{"role": "system", "content": "S"}, QUESTION, ANSWER]
PAIR = {"messages": [QUESTION], "chosen": ANSWER, "rejected": {"role": "assistant", "content": "B"}}
TOOL = {"type": "function", "function": {"name": "w", "parameters": {"type": "object"}}}
CALL = {"id": "c1", "type": "function", "function": {"name": "w", "arguments": '{"city":"Oslo"}'}}
NAMED_CALL = {**CALL, "id": "call_1"}


def with_tool(call: Json, result: Json | None = None, **beside: Any) -> Json:
    result = {"role": "tool", "content": "4", "tool_call_id": call["id"], **(result or {})}
    return {
        "messages": [QUESTION, {"role": "assistant", "tool_calls": [call]}, result, ANSWER],
        "tools": [TOOL],
        **beside,
    }


# name: (recognized as, row, content)
ROWS: dict[str, tuple[str, Json, Json]] = {
    "chat": ("openai-chat", {"messages": CHAT}, {"messages": CHAT}),
    "a dump of the SDK": (
        "openai-chat",
        {"messages": [QUESTION, {**ANSWER, "refusal": None, "annotations": [], "audio": None, "tool_calls": None}]},
        {"messages": [QUESTION, ANSWER]},
    ),
    "Hugging Face columns": (
        "openai-chat",
        {
            "messages": [
                {**QUESTION, "tool_calls": None, "tool_call_id": None},
                {"role": "assistant", "content": None, "tool_calls": [{**CALL, "index": None}], "name": None},
                {"role": "tool", "content": "4", "tool_call_id": "c1", "tool_calls": []},
                {**ANSWER, "weight": 1.0, "tool_calls": []},
            ],
            "tools": [
                {"type": "function", "function": {"name": "w", "strict": None, "parameters": {"type": "object"}}}
            ],
        },
        {**with_tool(CALL), "messages": [*with_tool(CALL)["messages"][:-1], {**ANSWER, "weight": 1}]},
    ),
    "reasoning_content": (
        "openai-chat",
        {"messages": [QUESTION, {**ANSWER, "reasoning_content": "R"}]},
        {"messages": [QUESTION, {**ANSWER, "reasoning": "R"}]},
    ),
    "developer": (
        "openai-chat",
        {"messages": [{"role": "developer", "content": "S"}, QUESTION, ANSWER]},
        {"messages": [{"role": "developer", "content": "S"}, QUESTION, ANSWER]},
    ),
    "function_call": (
        "openai-chat",
        {
            "messages": [
                QUESTION,
                {"role": "assistant", "content": None, "function_call": {"name": "w", "arguments": '{"city":"Oslo"}'}},
                {"role": "function", "name": "w", "content": "4"},
                ANSWER,
            ],
            "functions": [TOOL["function"]],
        },
        with_tool(NAMED_CALL, {"name": "w"}),
    ),
    "a chat template's tools": (
        "openai-chat",
        {
            "messages": [
                QUESTION,
                {
                    "role": "assistant",
                    "tool_calls": [{"function": {"name": "w", "arguments": {"city": "Oslo", "x": None}}}],
                },
                {"role": "tool", "name": "w", "content": {"c": 4}},
                ANSWER,
            ],
            "tools": json.dumps([TOOL]),
        },
        with_tool(NAMED_CALL, {"content": '{"c":4}', "name": "w"}),
    ),
    "media": (
        "openai-chat",
        {"messages": [{"role": "user", "content": "<image>What?"}, ANSWER], "images": ["a.png"]},
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "image_url", "image_url": {"url": "a.png"}},
                        {"type": "text", "text": "What?"},
                    ],
                },
                ANSWER,
            ]
        },
    ),
    "a cell of messages": ("openai-chat", {"messages": json.dumps(CHAT)}, {"messages": CHAT}),
    "OpenAI preference": (
        "openai-preference",
        {
            "input": {"messages": [QUESTION], "tools": [], "parallel_tool_calls": True},
            "preferred_output": [ANSWER],
            "non_preferred_output": [PAIR["rejected"]],
        },
        {**PAIR, "parallel_tool_calls": True},
    ),
    "OpenAI reinforcement": (
        "openai-rft",
        {"messages": CHAT[:2], "reference_answer": "A"},
        {"messages": CHAT},
    ),
    "prompt and completion": ("prompt-completion", {"prompt": "U", "completion": "A"}, {"messages": CHAT[1:]}),
    "prompt and response": ("prompt-completion", {"system": "S", "prompt": "U", "response": "A"}, {"messages": CHAT}),
    "lists of both": ("trl", {"prompt": CHAT[:2], "completion": [ANSWER]}, {"messages": CHAT}),
    "question and answer": ("question-answer", {"Question": "U", "Answer": "A"}, {"messages": CHAT[1:]}),
    "input and output": ("csv", {"Input": "U", "output": "A", "system": "S"}, {"messages": CHAT}),
    "Alpaca": (
        "alpaca",
        {"instruction": "I", "input": "U", "output": "A", "system": "S", "history": [["a", "b"]]},
        {
            "messages": [
                CHAT[0],
                {"role": "user", "content": "a"},
                {"role": "assistant", "content": "b"},
                {"role": "user", "content": "I\n\nU"},
                ANSWER,
            ]
        },
    ),
    "Alpaca with objects": (
        "alpaca",
        {"instruction": "I", "input": {"x": 1}, "output": 4},
        {"messages": [{"role": "user", "content": 'I\n\n{"x":1}'}, {"role": "assistant", "content": "4"}]},
    ),
    "Alpaca with two outputs": ("alpaca", {"instruction": "U", "output": ["A", "B"]}, PAIR),
    "Alpaca preference": ("alpaca", {"instruction": "U", "input": "", "chosen": "A", "rejected": "B"}, PAIR),
    "ShareGPT": (
        "sharegpt",
        {
            "conversations": [{"from": "human", "value": "U"}, {"from": "gpt", "value": "A", "weight": 0.0}],
            "system": "S",
            "tools": "[]",
        },
        {"messages": [*CHAT[:2], {**ANSWER, "weight": 0}]},
    ),
    "ShareGPT with tools": (
        "sharegpt",
        {
            "conversations": [
                {"from": "user", "value": "U"},
                {"from": "function_call", "value": '{"name": "w", "arguments": {"city": "Oslo"}}'},
                {"from": "observation", "value": "4"},
                {"from": "chatgpt", "value": "A"},
            ],
            "tools": json.dumps([TOOL["function"]]),
        },
        with_tool(NAMED_CALL),
    ),
    "ShareGPT preference": (
        "sharegpt",
        {
            "conversations": [{"from": "human", "value": "U"}],
            "chosen": {"from": "gpt", "value": "A"},
            "rejected": {"from": "gpt", "value": "B"},
        },
        PAIR,
    ),
    "preference of texts": ("trl-preference", {"prompt": "U", "chosen": "A", "rejected": "B"}, PAIR),
    "preference of lists": (
        "trl-preference",
        {"prompt": [QUESTION], "chosen": [ANSWER], "rejected": [PAIR["rejected"]]},
        PAIR,
    ),
    "preference with the prompt in it": (
        "trl-preference",
        {"chosen": [QUESTION, ANSWER], "rejected": [QUESTION, PAIR["rejected"]]},
        PAIR,
    ),
    "preference with the prompt in it and beside it": (
        "trl-preference",
        {"prompt": "U", "chosen": [QUESTION, ANSWER], "rejected": [QUESTION, PAIR["rejected"]]},
        PAIR,
    ),
    "preference of dialogues": (
        "trl-preference",
        {"chosen": "\n\nHuman: U\n\nAssistant: A", "rejected": "\n\nHuman: U\n\nAssistant: B"},
        PAIR,
    ),
    "preference of messages": ("trl-preference", PAIR, PAIR),
    "KTO": ("kto", {"prompt": "U", "completion": "A", "label": True}, {"messages": CHAT[1:]}),
    "Vertex": (
        "vertex",
        {
            "systemInstruction": {"role": "system", "parts": [{"text": "S"}]},
            "contents": [{"role": "user", "parts": [{"text": "U"}]}, {"role": "model", "parts": [{"text": "A"}]}],
        },
        {"messages": CHAT},
    ),
    "Vertex with tools": (
        "vertex",
        {
            "contents": [
                {"role": "user", "parts": [{"text": "U"}]},
                {"role": "model", "parts": [{"functionCall": {"name": "w", "args": {"city": "Oslo"}}}]},
                {"role": "user", "parts": [{"functionResponse": {"name": "w", "response": {"c": 4}}}]},
                {"role": "model", "parts": [{"text": "A"}]},
            ],
            "tools": [{"functionDeclarations": [{"name": "w", "parameters": {"type": "OBJECT"}}]}],
        },
        with_tool(NAMED_CALL, {"content": '{"c":4}', "name": "w"}),
    ),
    "Vertex preference": (
        "vertex-preference",
        {
            "contents": [{"role": "user", "parts": [{"text": "U"}]}],
            "completions": [
                {"score": 0, "completion": {"role": "model", "parts": [{"text": "B"}]}},
                {"score": 1, "completion": {"role": "model", "parts": [{"text": "A"}]}},
            ],
        },
        PAIR,
    ),
    "Bedrock": (
        "bedrock",
        {
            "schemaVersion": "bedrock-conversation-2024",
            "system": [{"text": "S"}],
            "messages": [
                {"role": "user", "content": [{"text": "U"}]},
                {"role": "assistant", "content": [{"text": "A"}]},
            ],
        },
        {"messages": CHAT},
    ),
    "Bedrock with tools": (
        "bedrock",
        {
            "schemaVersion": "bedrock-conversation-2024",
            "messages": [
                {"role": "user", "content": [{"text": "U"}]},
                {
                    "role": "assistant",
                    "content": [{"toolUse": {"toolUseId": "c1", "name": "w", "input": {"city": "Oslo"}}}],
                },
                {"role": "user", "content": [{"toolResult": {"toolUseId": "c1", "content": [{"text": "4"}]}}]},
                {"role": "assistant", "content": [{"text": "A"}]},
            ],
            "toolConfig": {"tools": [{"toolSpec": {"name": "w", "inputSchema": {"json": {"type": "object"}}}}]},
        },
        with_tool(CALL),
    ),
    "Cohere": (
        "cohere",
        {
            "messages": [
                {"role": "System", "content": "S"},
                {"role": "User", "content": "U"},
                {"role": "Chatbot", "content": "A"},
            ]
        },
        {"messages": CHAT},
    ),
    "typed parts": (
        "typed-parts",
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "value": "U"}], "loss_weight": 0.0},
                {
                    "role": "assistant",
                    "content": [
                        {"type": "reasoning", "value": "R"},
                        {"type": "tool_call", "value": '{"name": "w", "arguments": {"city": "Oslo"}}'},
                        {"type": "tool_call", "value": '{"name": "w", "arguments": {"city": "Rome"}}'},
                    ],
                },
                {"role": "tool", "content": [{"type": "text", "value": '[{"c": 4}, "no"]'}]},
                {"role": "assistant", "content": [{"type": "text", "value": "A"}], "loss_weight": 1.0},
            ]
        },
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "U"}]},
                {
                    "role": "assistant",
                    "reasoning": "R",
                    "tool_calls": [
                        NAMED_CALL,
                        {"id": "call_2", "type": "function", "function": {"name": "w", "arguments": '{"city":"Rome"}'}},
                    ],
                },
                {"role": "tool", "content": '{"c":4}', "tool_call_id": "call_1"},
                {"role": "tool", "content": "no", "tool_call_id": "call_2"},
                {"role": "assistant", "content": [{"type": "text", "text": "A"}], "weight": 1},
            ]
        },
    ),
    "raw text": ("text", {"text": "A"}, {"messages": [ANSWER]}),
    "our own": ("tuneledger", {"content": {"messages": CHAT}, "tags": ["a"]}, {"messages": CHAT}),
}
