"""Imports from a source, each a real server: where from, which revision and digest are recorded, secrets never."""

import asyncio
import gc
import gzip
import hashlib
import json
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy.ext.asyncio import AsyncEngine

from service.ledger.tables import events
from tests.datasets.example_bodies import Json, add, chat, list_examples, make_dataset, ok
from tests.datasets.import_files import chat_lines, ended, read_import, tables_follow_from_the_log, working
from tests.sources.file_server import FileServer, serve_files

SECRET = "s3cret-of-the-source"
LINES = chat_lines(range(3))
COMMIT = "c0ffee" * 6 + "abcd"


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serve_files() as server:
        yield server


async def fetch(api: httpx.AsyncClient, dataset: str, source: Json, **query: str) -> Json:
    """The import from a source once it has ended."""
    answer = await api.post(f"/v1/datasets/{dataset}/imports/fetch", json={"source": source}, params=query)
    assert answer.status_code == 202, answer.text
    operation = await ended(api, (await ok(answer))["id"])
    return {**await read_import(api, operation["id"]), "error": operation["error"]}


async def refuse(api: httpx.AsyncClient, dataset: str, source: Json) -> tuple[str, str]:
    """Code and pointer of the refusal."""
    answer = await api.post(f"/v1/datasets/{dataset}/imports/fetch", json={"source": source})
    assert answer.status_code == 422, answer.text
    [fault] = answer.json()["errors"]
    return fault["code"], fault["pointer"]


async def test_a_file_at_an_address_is_followed_and_its_secrets_are_not_kept(
    api: httpx.AsyncClient, engine: AsyncEngine, server: FileServer
) -> None:
    dataset = await make_dataset(api)
    server.files = {
        "/a": server.url.replace("127.0.0.1", "127.0.0.2") + "/x",
        "/rows.jsonl": gzip.compress(LINES),
        "/b": "/rows.jsonl",
    }
    source = {"type": "url", "url": f"{server.url}/b?sig={SECRET}", "headers": {"Authorization": SECRET}}
    async with working(engine):
        import_ = await fetch(api, dataset, source)
        assert (import_["state"], import_["added"], import_["name"]) == ("succeeded", 3, "b")
        assert import_["sha256"] == hashlib.sha256(server.files["/rows.jsonl"]).hexdigest()  # type: ignore[arg-type]
        assert import_["source"] == {"type": "url", "location": f"{server.url}/b", "revision": '"tag"'}
        assert [headers.get("Authorization") for _, headers in server.asked] == [SECRET, SECRET]
        server.files["/rows.jsonl"] = b"%PDF-1.7"
        assert (await fetch(api, dataset, source))["error"]["code"] == "wrong_kind"
    async with engine.connect() as connection:
        assert SECRET not in str((await connection.execute(events.select())).all())
    preview = await api.post(
        f"/v1/datasets/{dataset}/imports/fetch", json={"source": source}, params={"dry_run": "true"}
    )
    assert preview.status_code == 400
    await tables_follow_from_the_log(engine)


async def test_addresses_are_held_to_the_rules_of_connections(api: httpx.AsyncClient, server: FileServer) -> None:
    dataset = await make_dataset(api)
    server.files = {"/inside": "http://10.0.0.1/secrets", "/loop": "/loop", "/gone": 410}
    refused = [
        ("http://169.254.169.254/latest/meta-data", "source_failed"),
        ("http://[::1]:80/", "source_failed"),
        ("https://user:password@example.com/", "source_failed"),
        *((f"{server.url}/{name}", "source_failed") for name in ("inside", "loop", "gone", "unknown")),
        ("http://127.0.0.1:1/", "source_failed"),
    ]
    for url, code in refused:
        assert await refuse(api, dataset, {"type": "url", "url": url}) == (code, "/source/url"), url
    endpoint = "https://10.0.0.1"
    for store in (
        {"type": "s3", "bucket": "b", "path": "p"},
        {"type": "gcs", "bucket": "b", "path": "p"},
        {"type": "azure", "account": "abc", "container": "c", "path": "p"},
    ):
        assert await refuse(api, dataset, {**store, "endpoint": endpoint}) == ("source_failed", "/source/endpoint")
    hub = {"type": "hub", "dataset": "a/b", "endpoint": endpoint}
    assert await refuse(api, dataset, hub) == ("source_failed", "/source/dataset")
    unknown = await api.post(f"/v1/datasets/{dataset[:-4]}0000/imports/fetch", json={"source": hub})
    assert unknown.status_code == 404


async def test_a_dataset_of_the_hub_is_read_at_one_commit(
    api: httpx.AsyncClient, engine: AsyncEngine, server: FileServer
) -> None:
    dataset = await make_dataset(api)
    names = [".gitattributes", "README.md", "data/train-0.jsonl", "data/train-1.jsonl", "data/test.csv"]
    answer = {"sha": COMMIT, "siblings": [{"rfilename": name} for name in names]}
    at = f"/datasets/org/name/resolve/{COMMIT}/data"
    server.files = {
        "/api/datasets/org/name/revision/v1.0": json.dumps(answer).encode(),
        f"{at}/train-0.jsonl": "/cdn/0",
        "/cdn/0": LINES,
        f"{at}/train-1.jsonl": chat_lines(range(3, 5)),
        f"{at}/test.csv": b"question;answer\na;b\n",
    }
    hub = {"type": "hub", "dataset": "org/name", "revision": "v1.0", "endpoint": server.url, "token": SECRET}
    assert await refuse(api, dataset, hub) == ("source_failed", "/source/files")
    assert await refuse(api, dataset, {**hub, "files": ["nothing*"]}) == ("source_failed", "/source/files")
    async with working(engine):
        train = await fetch(api, dataset, {**hub, "files": ["data/train-*"]}, split="train")
        test = await fetch(api, dataset, {**hub, "files": ["data/test.csv"]}, split="test")
    assert (train["added"], test["added"]) == (5, 1)
    assert (train["source"]["revision"], train["source"]["files"]) == (COMMIT, names[2:4])
    assert train["source"]["location"] == f"{server.url}/datasets/org/name"
    assert {row["split"] for row in await list_examples(api, dataset)} == {"train", "test"}
    assert all(headers["Authorization"] == f"Bearer {SECRET}" for _, headers in server.asked)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # sockets of moto and boto3
@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_an_object_in_s3_is_read_with_given_keys_alone(
    api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = await make_dataset(api)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://10.0.0.1")  # ours would be that of the artifact store
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    try:
        endpoint = "http://{}:{}".format(*moto.get_host_and_port())
        await asyncio.to_thread(put_object, endpoint)
        keys = {"access_key_id": "id", "secret_access_key": SECRET}
        s3 = {"type": "s3", "bucket": "rows", "path": "a/rows.zip", "endpoint": endpoint, "credentials": keys}
        async with working(engine):
            import_ = await fetch(api, dataset, s3)
        assert (import_["added"], import_["name"]) == (3, "rows.zip")
        assert (import_["source"]["type"], import_["source"]["location"]) == ("s3", "s3://rows/a/rows.zip")
        assert import_["source"]["revision"]
        assert await refuse(api, dataset, {**s3, "path": "gone"}) == ("source_failed", "/source/path")
    finally:
        moto.stop()
        gc.collect()


def put_object(endpoint: str) -> None:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("rows.jsonl", LINES)
    s3: Any = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="id", aws_secret_access_key=SECRET
    )
    s3.create_bucket(Bucket="rows")
    s3.put_object(Bucket="rows", Key="a/rows.zip", Body=file.getvalue())
    s3.close()


async def test_objects_of_google_and_azure_are_read(
    api: httpx.AsyncClient, engine: AsyncEngine, server: FileServer
) -> None:
    dataset = await make_dataset(api)
    server.files = {"/rows/a/b.jsonl": LINES}
    gcs = {"type": "gcs", "bucket": "rows", "path": "a/b.jsonl", "endpoint": server.url}
    azure = {"type": "azure", "account": "acc", "container": "rows", "path": "a/b.jsonl", "endpoint": server.url}
    async with working(engine):
        from_gcs = await fetch(api, dataset, gcs)
        from_azure = await fetch(api, dataset, {**azure, "access_key": "c2VjcmV0"})
    assert (from_gcs["added"], from_gcs["source"]["location"]) == (3, "gs://rows/a/b.jsonl")
    assert (from_azure["unchanged"], from_azure["source"]["location"]) == (3, "az://acc/rows/a/b.jsonl")
    assert server.asked[1][1]["authorization"].startswith("SharedKey acc:")
    assert await refuse(api, dataset, {**gcs, "service_account": "{}"}) == ("source_failed", "/source/service_account")


async def test_another_dataset_is_read_at_a_moment_and_each_example_remembers_which_it_was(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    first, second = await make_dataset(api), await make_dataset(api, "other")
    example = await add(api, first, content=chat("Before?"), tags=["t"])
    seq = (await ok(await api.get("/v1/events", params={"limit": 1})))["data"]
    await add(api, first, content=chat("After?"))
    async with working(engine):
        import_ = await fetch(api, second, {"type": "dataset", "dataset_id": first})
    assert (import_["added"], import_["source"]["location"], bool(seq)) == (2, first, True)
    assert int(import_["source"]["revision"]) > 0
    rows = {row["content"]["messages"][0]["content"]: row for row in await list_examples(api, second)}
    assert rows["Before?"]["tags"] == ["t"]
    assert rows["Before?"]["source"]["origin"]["id"] == example["id"]
