"""The history in words: a phrase for every event there is, and the accounts people ask for."""

import importlib
import pkgutil
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import service
from service.audit.history_templates import TEMPLATES
from service.audit.history_text import split_type_name, write_sentence
from service.ledger.decider import Decider
from service.ledger.readers.feed import FeedEvent
from tests.audit.test_streams_of_work import pending_tune
from tests.datasets.example_bodies import five_stars
from tests.datasets.import_files import import_file, working


def deciders() -> list[Decider[Any, Any]]:
    """Of every context there is."""
    every = [module_info.name for module_info in pkgutil.walk_packages(service.__path__, "service.")]
    # What trains runs where the extra `local` is, and decides nothing.
    names = [name for name in every if not name.endswith("__main__") and ".providers.local." not in name]
    modules = [importlib.import_module(name) for name in names]
    known = {id(value): value for module in modules for value in vars(module).values() if isinstance(value, Decider)}
    return list(known.values())


def event(type_: str, *, actor: str = "labeling-app", **data: Any) -> FeedEvent:
    return FeedEvent(
        seq=1,
        stream="toy",
        stream_id=UUID(int=1),
        version=1,
        type=type_,
        data=msgspec.Raw(msgspec.json.encode(data)),
        actor=actor,
        request_id="r",
        recorded_at=datetime(2026, 3, 1, tzinfo=UTC),
        leaf="",
    )


def test_every_event_has_a_phrase_and_every_phrase_an_event() -> None:
    types = {type_ for decider in deciders() for type_ in decider.types}
    assert sorted(types - TEMPLATES.keys()) == [], "say in service/audit/history_templates.py what these are called"
    assert sorted(TEMPLATES.keys() - types) == []


def test_a_type_belongs_to_one_kind_of_stream() -> None:
    """Which is what lets the feed look for a kind of stream by its types."""
    types = [type_ for decider in deciders() for type_ in decider.types]
    assert sorted(types) == sorted(set(types))


def test_every_field_a_phrase_names_is_a_field_of_its_event() -> None:
    decoders = {type_: decoder for decider in deciders() for type_, decoder in decider._decoders.items()}
    for type_, phrase in TEMPLATES.items():
        fields = {field.encode_name for field in msgspec.structs.fields(decoders[type_].type)}
        marks = [part.split("}")[0] for part in phrase.split("{")[1:]]
        named = {name for mark in marks for name in mark.rstrip("#?").split(".")[0].split("+")}
        assert named <= fields, (type_, named - fields)


@pytest.mark.parametrize("type_", sorted(TEMPLATES))
def test_a_phrase_holds_without_what_it_would_say(type_: str) -> None:
    sentence = write_sentence(event(type_))
    assert " by *labeling-app*" in sentence
    assert not set("{}[]|") & set(sentence)


def test_a_sentence_says_what_by_whom_and_why() -> None:
    repaired = event("ExampleRepaired", content="c1", replaced="c0", reason="the name was\nmisspelt.")
    assert write_sentence(repaired) == ("repaired by *labeling-app*: output changed, because the name was misspelt")
    edited = event("ExampleEdited", tags=["a"], content="c1")
    assert write_sentence(edited) == "edited by *labeling-app*: content, tags changed"
    rated = event("ExampleRated", rater="ada", rating={"stars": 4}, score=4.5)
    assert write_sentence(rated) == "rated by *labeling-app*: 4.5 by ada"
    moved = event(
        "AliasMoved", actor="tuneledger", alias="production", model_version="v1.0", previous="v1.1", rollback=True
    )
    assert write_sentence(moved) == ("alias moved by Tuneledger itself: production to v1.0 from v1.1, as a rollback")


def test_an_event_of_tomorrow_is_told_by_its_name() -> None:
    assert split_type_name("CheckpointSealed") == "checkpoint sealed"
    assert write_sentence(event("CheckpointSealed", reason="due")) == "checkpoint sealed by *labeling-app*, because due"


def test_what_people_wrote_is_no_part_of_the_phrase() -> None:
    sentence = write_sentence(
        event("DatasetVersionFrozen", name="{digest}[x]|", examples=3, digest="d", notes="{name}")
    )
    assert sentence == "version frozen by *labeling-app*: {digest}[x]| with 3 examples ({name})"


async def line_of(api: httpx.AsyncClient, **params: Any) -> list[str]:
    page = (await api.get("/v1/history", params=params)).json()
    return [line["sentence"] for line in page["data"]]


async def example(api: httpx.AsyncClient) -> tuple[str, str]:
    """A dataset and an example of it that was rated and repaired."""
    dataset = (await api.post("/v1/datasets", json={"name": "news"})).json()["id"]
    content = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    response = await api.post(f"/v1/datasets/{dataset}/examples", json={"content": content, "split": "train"})
    id_ = response.json()["id"]
    await api.post(f"/v1/datasets/{dataset}/versions", json={"name": "v1"})
    rated = await api.put(f"/v1/examples/{id_}/rating", json={**five_stars(2), "reason": "dull"})
    assert rated.is_success, rated.text
    repair = {"instruction": "Longer.", "output": "c", "reason": "too short"}
    repaired = await api.post(f"/v1/examples/{id_}/repair", json=repair)
    assert repaired.is_success, repaired.text
    return dataset, id_


async def test_the_account_of_an_example(api: httpx.AsyncClient) -> None:
    _, id_ = await example(api)
    sentences = [
        "added by *first key*: from human to train",
        "rated by *first key*: 2 by first key, because dull",
        "repaired by *first key*: output changed, because too short",
    ]
    assert await line_of(api, resource=f"/v1/examples/{id_}") == sentences
    page = (await api.get("/v1/history", params={"resource": f"example:{id_}"})).json()
    assert [line["sentence"] for line in page["data"]] == sentences
    assert page["data"][2]["reason"] == "too short"
    assert page["lineage"] == f"/v1/examples/{id_}/lineage"
    assert (await api.get(page["lineage"])).status_code == 200


async def test_everything_one_key_did(api: httpx.AsyncClient) -> None:
    response = await api.post("/v1/api-keys", json={"name": "labeling-app", "scopes": ["datasets:write"]})
    theirs = {"Authorization": f"Bearer {response.json()['secret']}"}
    await example(api)
    await api.post("/v1/datasets", json={"name": "theirs"}, headers=theirs)
    assert await line_of(api, actor="labeling-app") == ["dataset created by *labeling-app*: theirs"]


async def test_an_account_comes_in_pages(api: httpx.AsyncClient) -> None:
    await example(api)
    whole = (await api.get("/v1/history", params={"actor": "first key"})).json()["data"]
    pages: list[Any] = []
    params: dict[str, Any] = {"actor": "first key", "limit": 2}
    while params.get("cursor", "") is not None:
        page = (await api.get("/v1/history", params=params)).json()
        pages += page["data"]
        params["cursor"] = page["next_cursor"]
    assert pages == whole
    assert len(whole) == 5


async def test_a_stranger_reads_nothing_of_it(api: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    dataset, id_ = await example(api)
    assert await line_of(stranger, resource=f"/v1/examples/{id_}") == []
    hidden = await stranger.get(f"/v1/datasets/{dataset}/changes", params={"from": "0"})
    assert hidden.status_code == 404


async def test_the_history_needs_its_scope(api: httpx.AsyncClient) -> None:
    response = await api.post("/v1/api-keys", json={"name": "other", "scopes": ["datasets:write"]})
    headers = {"Authorization": f"Bearer {response.json()['secret']}"}
    assert (await api.get("/v1/history", headers=headers)).status_code == 403


async def test_who_changed_what_between_two_versions(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset, id_ = await example(api)
    response = await api.post("/v1/api-keys", json={"name": "cleaner", "scopes": ["datasets:write"]})
    theirs = {"Authorization": f"Bearer {response.json()['secret']}"}
    await api.patch(f"/v1/examples/{id_}", json={"tags": ["x"]}, headers=theirs)
    await api.post(f"/v1/datasets/{dataset}/versions", json={"name": "v2"})
    await api.request("DELETE", f"/v1/examples/{id_}", headers=theirs)
    path = f"/v1/datasets/{dataset}/changes"
    between = {"from": "v1", "to": "v2"}
    page = (await api.get(path, params={**between, "by_actor": True})).json()
    assert [line["sentence"].split(":")[0] for line in page["data"]] == [
        "rated by *first key*",
        "repaired by *first key*",
        "edited by *cleaner*",
    ]
    assert [(a["actor"], a["changes"], a["examples"]) for a in page["authors"]] == [
        ("first key", 2, 1),
        ("cleaner", 1, 1),
    ]
    theirs_only = (await api.get(path, params={**between, "actor": "cleaner"})).json()["data"]
    assert [line["type"] for line in theirs_only] == ["ExampleEdited"]
    after = (await api.get(path, params={"from": "v2"})).json()["data"]
    assert [line["type"] for line in after] == ["ExampleDeleted"]
    first = (await api.get(path, params={"from": "0", "limit": 2})).json()
    rest = (await api.get(path, params={"from": "0", "cursor": first["next_cursor"]})).json()
    types = [line["type"] for line in first["data"] + rest["data"]]
    assert types == ["ExampleAdded", "ExampleRated", "ExampleRepaired", "ExampleEdited", "ExampleDeleted"]
    other = await api.post("/v1/datasets", json={"name": "other"})
    assert (await api.get(f"/v1/datasets/{other.json()['id']}/changes", params={"from": "0"})).json()["data"] == []


async def test_real_events_of_several_contexts_read_as_sentences(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    tune = await pending_tune(api)
    await api.post(f"/v1/tunes/{tune}/cancel", json={"reason": "wrong base"})
    dataset = (await api.post("/v1/datasets", json={"name": "more"})).json()["id"]
    row = b'{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}\n'
    async with working(engine):
        await import_file(api, dataset, row)
    sentences = await line_of(api, limit=1000)
    assert "tune requested by *first key*: sandbox-small on version v1, 12 examples" in sentences
    assert "tune cancelled by *first key*, because wrong base" in sentences
    assert "import finished by *first key*: 1 examples added, 0 were there" in sentences
    assert "workspace created by the first start: default" in sentences
