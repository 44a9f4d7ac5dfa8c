"""The bulk path and the single path write the same rows, whatever is written."""

import hashlib
import json
from itertools import count as count_up
from typing import Any
from uuid import UUID

import httpx
import msgspec
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import REGISTRY
from service.database.engine import new_id
from service.database.rows import fetch_column, fetch_value
from service.datasets.examples.projection import examples, revisions
from service.datasets.imports.staging_area import IS_DUPLICATE
from service.ledger.bulk import Chunk, compose_chunk, delete_staged
from service.ledger.tables import contents, events
from tests.datasets.example_bodies import (
    OUTPUT_SCHEMA,
    Json,
    add_many,
    chat,
    delete,
    edit,
    five_stars,
    list_examples,
    make_dataset,
    make_task,
    ok,
    rate,
    repair,
)
from tests.datasets.import_files import count, import_file, tables_follow_from_the_log, working

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30)
WORDS = st.text("abcé🦊/'\"%\\", min_size=1, max_size=8)
ANSWERS = st.sampled_from(['{"title":"T"}', '{"title":1}', '{"stars":2}']) | TEXTS.filter(
    lambda text: not text.isspace()
)
ROWS = st.fixed_dictionaries(
    {"question": TEXTS, "answer": ANSWERS, "split": st.sampled_from(["train", "validation", "test"])},
    optional={
        "tags": st.lists(WORDS, max_size=4),
        "rating": st.integers(1, 5),
        "metadata": st.dictionaries(WORDS, st.integers() | WORDS | st.none(), max_size=3),
        "external_id": WORDS,
    },
)
DIFFERENT = st.lists(
    ROWS, min_size=1, max_size=12, unique_by=(lambda row: row["question"], lambda row: row.get("external_id", object()))
)
NAMES = count_up()
# What two datasets with the same content may differ in.
OWN = {"id", "dataset_id", "example_id", "stream_id", "seq", "seq_from", "source", "fingerprint", "leaf", "request_id"}
OWN |= {"created_at", "changed_at", "recorded_at"}
SHOWN_OWN = {"id", "dataset_id", "source", "created_at", "updated_at"}


def line(row: Json) -> bytes:
    beside = {name: row[name] for name in ("tags", "rating", "metadata", "external_id", "split") if name in row}
    return json.dumps({**chat(row["question"], row["answer"]), **beside}).encode() + b"\n"


def body(row: Json) -> Json:
    beside: Json = {name: row[name] for name in ("tags", "metadata", "external_id", "split") if name in row}
    rating = {"rating": five_stars(row["rating"])} if "rating" in row else {}
    return {"content": chat(row["question"], row["answer"]), **beside, **rating}


async def read_tables(engine: AsyncEngine, dataset_id: str) -> dict[str, list[Json]]:
    """What the tables say of a dataset's examples, in their order, with texts in place of digests."""
    here = sa.select(examples.c.id).where(examples.c.dataset_id == UUID(dataset_id))
    async with engine.connect() as connection:
        texts = (await connection.execute(sa.select(contents).where(contents.c.subject.in_(here)))).all()
        for text in texts:
            assert bytes(text.digest) == hashlib.sha256(text.salt + text.body).digest()
        bodies = {bytes(text.digest): text.body.decode() for text in texts}
        queries = {
            "examples": sa.select(examples).where(examples.c.id.in_(here)).order_by(examples.c.id),
            "revisions": sa.select(revisions).where(revisions.c.example_id.in_(here)).order_by(revisions.c.example_id),
            "events": sa.select(events).where(events.c.stream_id.in_(here)).order_by(events.c.seq),
        }
        rows = {name: (await connection.execute(query)).mappings().all() for name, query in queries.items()}
    tables = {name: [row_in_words(dict(row), bodies) for row in table_rows] for name, table_rows in rows.items()}
    return {**tables, "contents": [{"body": text} for text in sorted(bodies.values())]}


def _shared(example: Json) -> Json:
    return {name: value for name, value in example.items() if name not in SHOWN_OWN}


def row_in_words(row: Json, texts: dict[bytes, str]) -> Json:
    return {name: _in_words(value, texts) for name, value in row.items() if name not in OWN}


def _in_words(value: Any, texts: dict[bytes, str]) -> Any:
    if isinstance(value, bytes):
        return texts[value]
    if isinstance(value, str) and len(value) == 64 and bytes.fromhex(value) in texts:
        return texts[bytes.fromhex(value)]
    if isinstance(value, dict):
        return row_in_words(value, texts)
    return value


@given(DIFFERENT)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_file_is_written_as_the_same_examples_one_by_one(
    api: httpx.AsyncClient, engine: AsyncEngine, rows: list[Json]
) -> None:
    number = next(NAMES)
    task = await make_task(api, name=f"task {number}", output_schema=OUTPUT_SCHEMA)
    bulk, single = [await make_dataset(api, f"{way} {number}", task_id=task["id"]) for way in ("bulk", "single")]
    async with working(engine):
        import_ = await import_file(api, bulk, b"".join(map(line, rows)), on_invalid="mark")
    assert import_["added"] == len(rows)
    for row in rows:
        marked = {**body(row), "on_invalid": "mark"}
        await ok(await api.post(f"/v1/datasets/{single}/examples", json=marked))
    ways = [await read_tables(engine, dataset) for dataset in (bulk, single)]
    assert ways[0] == ways[1]
    assert len(ways[0]["events"]) == len(rows)
    shown = [
        [{k: v for k, v in row.items() if k not in SHOWN_OWN} for row in await list_examples(api, d)]
        for d in (bulk, single)
    ]
    assert shown[0] == shown[1]


async def test_the_tables_follow_from_the_log_after_imports_and_changes(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    dataset = await make_dataset(api)
    rows: list[Json] = [{"question": f"{n}?", "answer": "Yes.", "split": "train", "tags": ["a"]} for n in range(40)]
    async with working(engine):
        await import_file(api, dataset, b"".join(map(line, rows)))
        await import_file(api, dataset, b"".join(map(line, rows[20:])) + line({**rows[0], "question": "New?"}))
    first = [row["id"] for row in await list_examples(api, dataset)]
    await edit(api, first[0], content=chat("Edited?"), metadata={"a": 1})
    await rate(api, first[1], 4)
    await repair(api, first[2], "Better.")
    await delete(api, first[3])
    await add_many(api, dataset, [body(row) for row in rows[:5]])
    assert len(await list_examples(api, dataset)) == 45
    await tables_follow_from_the_log(engine)


async def test_staged_rows_leave_no_room_taken(engine: AsyncEngine, owner: AsyncEngine) -> None:
    fill = sa.text(
        "insert into ledger.staged select :ws, :batch, n, gen_random_uuid(), '{}', null, '', '{}',"
        " array[convert_to(repeat(md5(n::text), 40), 'UTF8')] from generate_series(1, 15000) n"
    )
    workspace_id, ended, other = new_id(), new_id(), new_id()
    async with owner.begin() as connection:
        for batch in (ended, other):
            await connection.execute(fill, {"ws": workspace_id, "batch": batch})
    for batch, left in ((ended, 15_000), (other, 0)):
        await delete_staged(owner, workspace_id, batch)
        assert await count(engine, "ledger.staged") == left
    assert await fetch_value(engine, "select pg_relation_size('ledger.staged')") == 0


async def test_a_chunk_is_planned_without_comparing_each_row_with_each(engine: AsyncEngine) -> None:
    """A join filter in a loop over what the statement itself has made: 5,000 rows are 25 million comparisons."""
    chunk = Chunk(
        batch=new_id(),
        after=0,
        through=5_000,
        stream="example",
        type="ExampleAdded",
        own_stream="import",
        own_type="ImportAdvanced",
        own_version=1,
        before=0,
    )
    projections = [*REGISTRY["example"], *REGISTRY["import"]]
    statement = compose_chunk(
        projections, types=[chunk.type, chunk.own_type], duplicate=IS_DUPLICATE, dialect=engine.dialect
    )
    envelope = {"workspace_id": new_id(), "actor": "a", "request_id": "r", "key_id": None, "dataset_id": new_id()}
    values = {**envelope, **msgspec.structs.asdict(chunk)}
    planned = await fetch_column(engine, f"explain {statement.sql}", statement.arguments(values))
    assert not [step for step in planned if "Join Filter" in step], "\n".join(planned)
