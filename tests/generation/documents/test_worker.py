"""Documents to candidates: files are kept and read once, findings are theirs, pairs stand on their chunk."""

from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import new_id
from service.generation.candidates.domain import CandidateMade
from service.generation.documents.worker import check_grounding
from service.generation.groundedness import measure_grounding
from tests.datasets.example_bodies import Json, ok, pointers
from tests.datasets.import_files import tables_follow_from_the_log
from tests.generation.documents import document_files as making_documents
from tests.generation.generation_runs import candidates, make_generation, run_to_end, run_worker, start_run
from tests.inference.run_world import wait_for_end
from tests.prompts.batch_runs import CHAT, CHATS
from tests.tunes.sandbox import Sandbox

RIVERS = """# Rivers

## The Elbe

The Elbe rises in the Giant Mountains at a height of 1386 metres. It flows through Dresden and Hamburg.
Barges carried salt and timber on the Elbe for centuries. The river reaches the North Sea near Cuxhaven.

## The Danube

The Danube rises in the Black Forest where two small streams meet. It flows through ten countries to the Black Sea.
Budapest and Vienna stand on its banks. Its delta shelters pelicans and sturgeons in great numbers.
"""


async def send(api: httpx.AsyncClient, generation_id: str, data: bytes | str, name: str, **headers: str) -> Json:
    content = data if isinstance(data, bytes) else data.encode()
    return await ok(
        await api.post(
            f"/v1/generations/{generation_id}/documents", params={"name": name}, content=content, headers=headers
        )
    )


async def test_a_document_is_kept_with_what_was_read_of_it(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    generation = await make_generation(api, None)
    sent = await send(api, generation["id"], RIVERS, "rivers.md")
    assert (sent["state"], sent["kind"], sent["findings"], sent["size"]) == ("read", "markdown", [], len(RIVERS))
    assert await ok(await api.get(f"/v1/documents/{sent['id']}")) == sent
    other = await send(api, generation["id"], "Plain.", "note.txt")
    listed = await ok(await api.get(f"/v1/generations/{generation['id']}/documents"))
    assert [row["id"] for row in listed["data"]] == [sent["id"], other["id"]]
    assert "Giant Mountains" not in (await api.get("/v1/events?limit=1000")).text
    await tables_follow_from_the_log(engine)


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "empty.txt", "empty"),
        (b"%PDF-1.7\nrubbish", "broken.pdf", "not_readable"),
        (b"PK\x03\x04rubbish", "broken.docx", "not_readable"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "picture.pdf", "unsupported"),
        (bytes(range(256)) * 8, "noise.txt", "unsupported"),
    ],
)
async def test_a_file_that_cannot_be_read_is_a_finding(
    api: httpx.AsyncClient, data: bytes, name: str, code: str
) -> None:
    generation = await make_generation(api, None)
    sent = await send(api, generation["id"], data, name)
    assert (sent["state"], [finding["code"] for finding in sent["findings"]][-1:]) == ("unreadable", [code])
    refused = await api.post(f"/v1/generations/{generation['id']}/pairs", json={"document_ids": [sent["id"]]})
    assert (refused.status_code, pointers(refused)) == (422, ["/document_ids/0"])


async def test_a_file_that_lies_about_its_type_is_read_as_what_it_is(api: httpx.AsyncClient) -> None:
    generation = await make_generation(api, None)
    page = b"<!doctype html><html><body><h1>News</h1><p>Rain fell on the town all day.</p></body></html>"
    sent = await send(api, generation["id"], page, "report.pdf")
    assert (sent["state"], sent["kind"], sent["findings"][0]["code"]) == ("read", "html", "type_mismatch")


async def test_files_that_are_too_large_or_forms_are_refused(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = await make_generation(api, None)
    path = f"/v1/generations/{generation['id']}/documents"
    form = await api.post(path, files={"file": b"text"})
    assert form.status_code == 415
    monkeypatch.setattr("service.generation.documents.commands.MAX_BYTES", 1_000)
    large = await api.post(path, content=b"x" * 1_001)
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    assert (await ok(await api.get(path)))["data"] == []


async def test_pairs_stand_on_their_chunk_and_say_where(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    generation = await make_generation(api, sandbox)
    document = await send(api, generation["id"], RIVERS, "rivers.md")
    before = await sandbox.count("done", CHAT)
    path = f"/v1/generations/{generation['id']}"
    order = {"document_ids": [document["id"]], "pairs_per_chunk": 2, "chunk_words": 30}
    operation = await run_to_end(api, engine, f"{path}/pairs", **order)
    chunks = operation["result"]["chunks"]
    assert chunks > 1
    assert (operation["result"]["proposed"], operation["progress"]["done"]) == (2 * chunks, chunks)
    assert await sandbox.count("done", CHAT) - before == chunks
    rows = await candidates(api, generation["id"], document_id=document["id"])
    for row in rows:
        place = row["document"]
        assert row["grounding"] > 0
        assert measure_grounding(row["content"]["messages"][-1]["content"], RIVERS) == 1
        assert 0 <= place["start"] < place["end"]
    elbe = next(row for row in rows if "Elbe" in row["metadata"].get("heading", ""))
    accepted = await ok(await api.post(f"{path}/accept", json={"candidate_ids": [elbe["id"]]}))
    example = await ok(await api.get(f"/v1/examples/{accepted['data'][0]['example_id']}"))
    assert example["source"] == {
        "type": "document",
        "generation_id": generation["id"],
        "candidate_id": elbe["id"],
        "model": generation["target"]["model"],
        **{name: elbe["document"][name] for name in ("document_id", "start", "end")},
    }
    assert example["metadata"] == {"heading": elbe["metadata"]["heading"], "document": "rivers.md"}
    await tables_follow_from_the_log(engine)


async def test_the_page_of_a_pdf_goes_with_its_pairs(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    generation = await make_generation(api, sandbox)
    lines = ["The lighthouse keeper lit the lamp each evening at six.", "Ships from Rotterdam passed it by night."]
    pages = [making_documents.drawn([making_documents.line(text)]) for text in lines]
    document = await send(api, generation["id"], making_documents.pdf(*pages), "harbour.pdf")
    assert (document["kind"], document["pages"]) == ("pdf", 2)
    await run_to_end(api, engine, f"/v1/generations/{generation['id']}/pairs", document_ids=[document["id"]])
    assert {row["document"]["page"] for row in await candidates(api, generation["id"])} == {1}


async def test_a_style_pair_is_the_text_and_the_prompt_that_leads_to_it(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    generation = await make_generation(api, sandbox)
    document = await send(api, generation["id"], RIVERS, "rivers.md")
    path = f"/v1/generations/{generation['id']}/pairs"
    operation = await run_to_end(api, engine, path, document_ids=[document["id"]], mode="style", chunk_words=50)
    rows = await candidates(api, generation["id"])
    assert len(rows) == operation["result"]["chunks"]
    for row in rows:
        question, text = (message["content"] for message in row["content"]["messages"])
        assert question
        assert text in RIVERS.replace("## ", "").replace("# ", "")
        assert list(row["calls"]) == ["style"]


async def test_what_no_model_can_make_of_a_chunk_fails_alone(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    generation = await make_generation(api, sandbox)
    document = await send(api, generation["id"], RIVERS, "rivers.md")
    await sandbox.meets("truncated_json", path=CHATS, contains="Giant Mountains", times=10)
    path = f"/v1/generations/{generation['id']}/pairs"
    operation = await run_to_end(api, engine, path, document_ids=[document["id"]], chunk_words=30, pairs_per_chunk=1)
    result = operation["result"]
    assert (result["reasons"], result["proposed"]) == ({"not_json": 1}, result["chunks"] - 1)
    [failed] = await candidates(api, generation["id"], state="failed")
    assert (failed["document"]["document_id"], failed["metadata"]["document"]) == (document["id"], "rivers.md")


def test_an_answer_that_is_not_grounded_is_dropped() -> None:
    event = CandidateMade(generation_id=new_id(), origin="document", subject=new_id())
    half = "Dresden lies in Saxony"
    outcome = check_grounding(event, half, RIVERS, minimum=0.3)
    assert (outcome.state, outcome.code, outcome.grounding) == ("proposed", None, 0.3333)
    short = check_grounding(event, half, RIVERS, minimum=0.5)
    assert (short.state, short.code, short.grounding) == ("dropped", "not_grounded", 0.3333)
    none = check_grounding(event, "Kilimanjaro stands in Tanzania", "The Elbe.", minimum=0.0)
    assert (none.state, none.code, none.grounding) == ("dropped", "not_grounded", 0.0)


@pytest.mark.parametrize(
    ("answer", "share"),
    [
        ("The Elbe flows through Dresden.", 1.0),
        ("Dresden, Leipzig", 0.5),
        ("Kilimanjaro stands in Tanzania", 0.0),
        ("No.", 0.0),
        ("1386", 1.0),
        ("", 0.0),
    ],
)
def test_grounding_is_the_share_of_telling_words(answer: str, share: float) -> None:
    assert measure_grounding(answer, "At 1386 metres the Elbe rises; it flows through Dresden.") == share


async def test_documents_have_to_be_the_generations_own(api: httpx.AsyncClient) -> None:
    generation, other = await make_generation(api, None), await make_generation(api, None)
    theirs = await send(api, other["id"], RIVERS, "rivers.md")
    path = f"/v1/generations/{generation['id']}/pairs"
    lost = await api.post(path, json={"document_ids": [theirs["id"], str(uuid4())]})
    assert (lost.status_code, pointers(lost)) == (422, ["/document_ids/0", "/document_ids/1"])


async def test_a_document_that_was_erased_fails_its_run_no_further_than_itself(
    api: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine
) -> None:
    generation = await make_generation(api, sandbox)
    gone = await send(api, generation["id"], RIVERS, "gone.md")
    kept_document = await send(api, generation["id"], RIVERS, "kept.md")
    body = {"document_ids": [gone["id"], kept_document["id"]], "pairs_per_chunk": 1}
    run_id = await start_run(api, f"/v1/generations/{generation['id']}/pairs", **body)
    async with engine.begin() as connection:
        await connection.execute(sa.text("delete from ledger.contents where subject = :id"), {"id": gone["id"]})
    async with run_worker(engine):
        operation = await wait_for_end(api, run_id)
    assert operation["result"]["reasons"] == {"erased": 1}
    assert operation["result"]["proposed"] >= 1
