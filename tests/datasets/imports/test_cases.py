"""What others brought: every input of the shared cases and every real file does what the reports call right."""

import asyncio
import json
import os
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.examples.chat_content import decode, find_faults
from service.datasets.imports.containers import FileHints, Unreadable
from service.datasets.imports.file_rows import ReadOptions, open_file
from service.datasets.imports.shapes.row import BadRow, Row
from tests.datasets.example_bodies import add_many, make_dataset
from tests.datasets.imports.formats.format_reader import stream

SHARED = Path(os.environ.get("SHARED_FILES", Path(__file__).parents[4] / "shared"))
CASES, DATA = SHARED / "cases", SHARED / "data"
pytestmark = pytest.mark.skipif(not CASES.exists(), reason="the cases stand beside the checkout, and are not there")

# file: (format, good rows, bad rows) or the code of a file that is refused as a whole
EXPECTED: dict[str, tuple[str, int, int] | str] = {
    "a02_utf16le_bom.jsonl": ("openai-chat", 3, 0),
    "a04_utf16le_nobom.jsonl": ("openai-chat", 3, 0),
    "a05_cp1252.csv": ("csv", 2, 0),
    "a05b_cp1252_late.jsonl": ("openai-chat", 44, 0),
    "a07b_cr_only.csv": ("csv", 2, 0),
    "a10_bom_in_middle.jsonl": ("openai-chat", 2, 0),
    "b01_sharegpt.jsonl": ("sharegpt", 2, 0),
    "b02_prompt_completion.jsonl": ("prompt-completion", 3, 0),
    "b03_openai_dpo.jsonl": ("openai-preference", 1, 0),
    "b04_trl_dpo_strings.jsonl": ("trl-preference", 1, 0),
    "b04b_trl_dpo_lists.jsonl": ("trl-preference", 1, 0),
    "b04c_messages_chosen_rejected.jsonl": ("trl-preference", 1, 0),
    "b04d_uf_binarized.jsonl": ("trl-preference", 1, 0),
    "b05_kto.jsonl": ("kto", 2, 0),
    "b07_pretty_objects.jsonl": ("openai-chat", 3, 0),
    "b08_wrapped.json": ("openai-chat", 3, 0),
    "b10_python_repr.jsonl": "python_repr",
    "b11_nan.jsonl": ("openai-chat", 1, 2),
    "b12_gz.jsonl.gz": ("openai-chat", 3, 0),
    "b14_excel.xlsx": "unreadable_file",
    "b16_id_and_source.jsonl": ("openai-chat", 1, 0),
    "b21_question_answer.jsonl": ("question-answer", 1, 0),
    "b23_llamafactory_v1.jsonl": ("typed-parts", 1, 0),
    "b24_glaive_sharegpt.json": ("sharegpt", 1, 0),
    "c02_args_object.jsonl": ("openai-chat", 1, 0),
    "c03_args_not_json.jsonl": ("openai-chat", 1, 0),  # the three are for the checks to find
    "c04_missing_tool_result.jsonl": ("openai-chat", 1, 0),
    "c05_undeclared_tool.jsonl": ("openai-chat", 1, 0),
    "c10_function_call.jsonl": ("openai-chat", 1, 0),
    "c11_developer.jsonl": ("openai-chat", 1, 0),
    "c12_sdk_dump.jsonl": ("openai-chat", 1, 0),
    "c13_reasoning_content.jsonl": ("openai-chat", 1, 0),
    "c14b_weight_float.jsonl": ("openai-chat", 2, 0),
    "c14h_all_weight0.jsonl": ("openai-chat", 1, 0),
    "c15b_blank_answer.jsonl": ("openai-chat", 0, 1),
    "c20_duplicate_keys.jsonl": ("openai-chat", 0, 1),
    "c23b_same_rows_ids.jsonl": ("openai-chat", 80, 0),
    "c24_extid_v1.jsonl": ("openai-chat", 5, 0),
    "c24_extid_v2.jsonl": ("openai-chat", 5, 0),
    "c24b_extid_twice.jsonl": ("openai-chat", 2, 0),
    "c25_split_names.jsonl": ("openai-chat", 3, 0),
    "c26_rating_float.jsonl": ("openai-chat", 2, 2),
    "c30_hf_null_columns.jsonl": ("openai-chat", 1, 0),
    "d02_semicolon.csv": ("csv", 2, 0),
    "d02c_sep_line.csv": ("csv", 1, 0),
    "d03_tab.tsv": ("csv", 1, 0),
    "d04_pandas_index.csv": ("csv", 2, 0),
    "d05_prompt_completion.csv": ("prompt-completion", 1, 0),
    "d05b_header_case.csv": ("csv", 1, 0),
    "d05c_extra_columns.csv": ("csv", 1, 0),
    "d06_no_header.csv": "no_header",
    "d07_excel_empty_cols.csv": ("csv", 1, 0),
    "d10_rating_float.csv": ("csv", 4, 0),
    "d20_multiturn_cell.csv": ("openai-chat", 1, 0),
    "e04_alpaca_list_output.json": ("alpaca", 1, 0),
    "e07_alpaca_chosen.json": ("alpaca", 1, 0),
    "e10_alpaca_objects.json": ("alpaca", 1, 0),
}
REAL_FILES = {
    "alpaca_en_demo.json": ("alpaca", 999),
    "dpo_en_demo.json": ("sharegpt", 300),
    "glaive_toolcall_en_demo.json": ("sharegpt", 300),
    "reason_tool_use_demo_50.jsonl": ("typed-parts", 50),
}


async def read(path: Path) -> tuple[str, list[Row | BadRow]]:
    data = await asyncio.to_thread(path.read_bytes)
    file = await open_file(stream([data]), ReadOptions(hints=FileHints(name=path.name)))
    return file.shape.name, [row async for batch in file.batches for row in batch]


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_case_does_what_its_report_calls_right(name: str) -> None:
    expected = EXPECTED[name]
    if isinstance(expected, str):
        with pytest.raises(Unreadable) as refused:
            await read(CASES / name)
        assert expected in {refused.value.code, *(fault.code for fault in refused.value.errors)}
        return
    shape, rows = await read(CASES / name)
    good = [row for row in rows if isinstance(row, Row)]
    assert (shape, len(good), len(rows) - len(good)) == expected, rows
    assert [fault for row in good for fault in find_faults(decode(row.content))] == []


@pytest.mark.parametrize("name", REAL_FILES)
async def test_a_real_file_comes_in_by_recognition_alone(name: str) -> None:
    shape, rows = await read(DATA / name)
    good = [row for row in rows if isinstance(row, Row)]
    assert (shape, len(good), len(rows)) == (*REAL_FILES[name], REAL_FILES[name][1]), rows
    assert all(row.original for row in good)


def test_every_file_is_in_the_table() -> None:
    inputs = {path.name for path in CASES.iterdir() if path.suffix not in {".md", ".py"}}
    assert inputs - {"g01_logs_bom.ndjson"} == EXPECTED.keys()  # that one is a log of requests
    assert {path.name for path in DATA.iterdir() if path.suffix != ".md"} == REAL_FILES.keys()


async def test_bodies_of_examples_are_taken_in_the_same_spellings(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    names = ("c10_function_call", "c11_developer", "c12_sdk_dump", "c13_reasoning_content", "c30_hf_null_columns")
    bodies = [json.loads((CASES / f"{name}.jsonl").read_text().splitlines()[0]) for name in names]
    added = await add_many(api, dataset, [{"content": body} for body in bodies])
    rows = [row for name in names for row in (await read(CASES / f"{name}.jsonl"))[1]]
    assert [json.dumps(each["content"]) for each in added] == [
        json.dumps(json.loads(row.content)) for row in rows if isinstance(row, Row)
    ]
    wrong = {"messages": [{"role": "user", "content": "?", "mood": 1, "refusal": None}]}
    refused = await api.post(f"/v1/datasets/{dataset}/examples", json={"content": wrong})
    assert refused.status_code == 400
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/content/messages/0/mood"]
