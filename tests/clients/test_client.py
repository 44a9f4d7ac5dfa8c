"""The client against a living server: files, lists, ETags, waiting."""

import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.living import KEY, Living
from tuneledger import AsyncTuneledger, Tuneledger
from tuneledger.errors import (
    APIConnectionError,
    AuthenticationError,
    OperationFailedError,
    PreconditionFailedError,
    TuneledgerError,
    UnprocessableEntityError,
    WaitTimeoutError,
)
from tuneledger.types import Assistant, Content, Dataset, NewExample, System, User

ROW = b'{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}\n'


def content(question: str) -> Content:
    return Content(messages=[System(content="Be brief."), User(content=question), Assistant(content="Yes.")])


@pytest.fixture
def client(server: Living) -> Iterator[Tuneledger]:
    with Tuneledger(KEY, base_url=server.url) as opened:
        yield opened


@pytest.fixture
def dataset(client: Tuneledger, request: pytest.FixtureRequest) -> Dataset:
    return client.datasets.create(name=request.node.name)


def test_every_page_of_a_list_is_read(client: Tuneledger, dataset: Dataset) -> None:
    rows = [NewExample(content=content(f"Is {number} even?"), external_id=str(number)) for number in range(7)]
    batch = client.datasets.examples.create_many(dataset.id, examples=rows)
    listed = client.datasets.examples.list(dataset.id, limit=3)
    assert [one.id for one in listed] == [one.id for one in batch.data]
    assert [len(page.data) for page in listed.pages()] == [3, 3, 1]
    assert listed.first().next_cursor is not None


def test_what_was_written_comes_back_as_the_same_structs(client: Tuneledger, dataset: Dataset) -> None:
    example = client.datasets.examples.create(dataset.id, content=content("Is it?"), metadata={"a": None})
    read_back = client.examples.get(example.id)
    assert read_back.content == content("Is it?")
    assert read_back.metadata == {"a": None}
    assert isinstance(read_back.content.messages[1], User)
    assert read_back.content.messages[1].role == "user"


def test_an_etag_is_remembered_by_what_was_read_and_told_by_what_was_listed(
    client: Tuneledger, dataset: Dataset
) -> None:
    client.datasets.examples.create(dataset.id, content=content("Is it?"))
    [listed] = client.datasets.examples.list(dataset.id)
    changed = client.examples.update(listed.id, tags=["first"], if_match=listed)
    assert (listed.etag, changed.etag) == ('"1"', '"2"')
    with pytest.raises(PreconditionFailedError):
        client.examples.update(listed.id, tags=["second"], if_match=listed)
    assert client.examples.update(listed.id, tags=["second"], if_match=changed).tags == ["second"]
    with pytest.raises(ValueError, match="has no ETag"):
        client.examples.update(listed.id, tags=["third"], if_match=content("Is it?"))


@pytest.mark.parametrize("kind", ["path", "bytes", "file", "iterable"])
def test_every_kind_of_file_can_be_sent(client: Tuneledger, dataset: Dataset, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(ROW * 3)
    opened = io.BytesIO(b"not this" + ROW * 3)
    opened.seek(8)
    files: dict[str, Any] = {"path": path, "bytes": ROW * 3, "file": opened, "iterable": iter([ROW, ROW * 2])}
    progress: list[tuple[int, int | None]] = []
    operation = client.datasets.imports.create(
        dataset.id, files[kind], on_progress=lambda done, total: progress.append((done, total))
    )
    done = client.operations.wait(operation, timeout=60)
    assert done.result
    assert (done.result["added"], done.result["duplicates"]) == (1, 2)
    assert progress[-1] == (len(ROW) * 3, None if kind == "iterable" else len(ROW) * 3)
    [imported] = client.datasets.imports.list(dataset.id)
    assert imported.name == ("rows.jsonl" if kind == "path" else None)


def test_an_import_that_fails_raises_with_its_operation(client: Tuneledger, dataset: Dataset) -> None:
    operation = client.datasets.imports.create(dataset.id, b"no rows at all\n")
    seen: list[str] = []
    with pytest.raises(OperationFailedError) as caught:
        client.operations.wait(operation.id, on_progress=lambda now: seen.append(now.state), timeout=60)
    assert caught.value.operation.state == "failed" == seen[-1]
    assert client.operations.wait(operation, check=False).error is not None


def test_waiting_has_an_end(client: Tuneledger, dataset: Dataset) -> None:
    ended = client.operations.wait(client.datasets.imports.create(dataset.id, ROW), timeout=60)
    body = client.raw(client.operations.get, ended.id).http_response.json()
    running = httpx.Response(200, json={**body, "state": "running"})
    with httpx.Client(transport=httpx.MockTransport(lambda _: running)) as http:
        slow = Tuneledger(KEY, http_client=http)
        with pytest.raises(WaitTimeoutError, match="is running after"):
            slow.operations.wait(ended, timeout=0.01)


def test_a_download_is_the_same_in_a_file_in_memory_and_by_line(
    client: Tuneledger, dataset: Dataset, tmp_path: Path
) -> None:
    client.datasets.examples.create_many(dataset.id, examples=[{"content": content(f"{n}\u2028")} for n in range(50)])
    export = client.datasets.export(dataset.id)
    progress: list[int] = []
    written = export.to_file(tmp_path / "out.jsonl", on_progress=lambda done, _: progress.append(done))
    assert written.read_bytes() == export.read() == b"".join(export.iter_bytes())
    assert list(export.iter_lines()) == export.read().decode().split("\n")[:-1]
    assert len(list(export.iter_lines())) == 50
    assert progress[-1] == written.stat().st_size
    assert list(tmp_path.iterdir()) == [written]


def test_a_refused_download_leaves_no_file(client: Tuneledger, dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(TuneledgerError):
        client.datasets.export(dataset.id, version="none").to_file(tmp_path / "out.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_the_answer_behind_a_value_is_at_hand(client: Tuneledger, dataset: Dataset) -> None:
    raw = client.raw(client.datasets.get, dataset.id)
    assert raw.parsed == dataset
    assert (raw.status_code, raw.headers["etag"]) == (200, '"1"')
    assert raw.request_id
    first = client.raw(client.datasets.list(limit=1).first)
    assert len(first.parsed.data) == 1
    with pytest.raises(TypeError, match="sends no request itself"):
        client.raw(client.datasets.list)


def test_a_repeated_key_gets_the_first_answer(client: Tuneledger) -> None:
    first = client.datasets.create(name="once", idempotency_key="once")
    again = client.raw(client.datasets.create, name="once", idempotency_key="once")
    assert again.parsed.id == first.id
    assert again.headers["idempotency-replayed"] == "true"


def test_faults_are_named(client: Tuneledger, dataset: Dataset) -> None:
    with pytest.raises(UnprocessableEntityError) as caught:
        client.datasets.examples.create(dataset.id, content={"messages": [{"role": "user", "content": "alone"}]})
    assert caught.value.errors[0].pointer.startswith("/content")
    assert caught.value.request_id in str(caught.value)


def test_a_wrong_key_and_no_server_are_told_apart(server: Living) -> None:
    with Tuneledger("tl_wrong", base_url=server.url) as stranger, pytest.raises(AuthenticationError):
        stranger.me()
    nobody = Tuneledger(KEY, base_url="http://127.0.0.1:9", max_retries=0)
    with nobody, pytest.raises(APIConnectionError):
        nobody.me()


def test_a_client_without_a_key_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TUNELEDGER_API_KEY", raising=False)
    with pytest.raises(TuneledgerError, match="TUNELEDGER_API_KEY"):
        Tuneledger()


async def test_the_awaited_client_does_the_same(server: Living, tmp_path: Path) -> None:
    async def rows() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield ROW

    async with AsyncTuneledger(KEY, base_url=server.url) as client:
        dataset = await client.datasets.create(name="awaited")
        operation = await client.datasets.imports.create(dataset.id, rows(), content_type="application/x-ndjson")
        states = [one.state async for one in client.operations.stream(operation.id)]
        assert states[-1] == "succeeded"
        assert (await client.operations.wait(operation)).state == "succeeded"
        listed = [one async for one in client.datasets.examples.list(dataset.id, limit=2)]
        raw = await client.raw(client.examples.get, listed[0].id)
        assert raw.parsed.etag == raw.headers["etag"]
        written = await client.datasets.export(dataset.id).to_file(tmp_path / "out.jsonl")
        assert len(written.read_text().splitlines()) == len(listed)
