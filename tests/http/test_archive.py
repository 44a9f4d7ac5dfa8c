"""Archived tasks, models, prompts and queues: out of lists, closed to changes, readable, and brought back."""

from collections.abc import Callable

import httpx
import msgspec
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.datasets.example_bodies import Json, add, head, make_dataset, ok
from tests.datasets.import_files import tables_follow_from_the_log
from tests.labeling.annotator_clients import CATEGORIES, Desk, annotator, open_desk
from tests.prompts.prompt_bodies import add_version, make_prompt, move

CHAT = [{"role": "user", "content": "Hello?"}]
EVENTS = {"task": "Task", "model": "Model", "prompt": "Prompt", "queue": "Queue"}
NOUNS = pytest.mark.parametrize("noun", EVENTS)


class Shelf:
    """Makes things of one noun and lists them."""

    def __init__(self, api: httpx.AsyncClient, noun: str, desk: Desk) -> None:
        self.api, self.noun, self.desk = api, noun, desk
        self.collection = f"/v1/datasets/{desk.dataset}/queues" if noun == "queue" else f"/v1/{noun}s"

    async def make(self, name: str) -> str:
        """The path of a new thing."""
        body = {"name": name, **({"instruction": "Write one."} if self.noun == "task" else {})}
        return f"/v1/{self.noun}s/{(await ok(await self.api.post(self.collection, json=body)))['id']}"

    async def names(self, **query: str) -> list[str]:
        rows = (await ok(await self.api.get(self.collection, params=query)))["data"]
        return [row["name"] for row in rows if row["id"] != self.desk.task]


async def open_shelf(api: httpx.AsyncClient, noun: str) -> Shelf:
    return Shelf(api, noun, await open_desk(api))


async def archive(api: httpx.AsyncClient, path: str, reason: str | None = None) -> Json:
    return await ok(await api.post(f"{path}/archive", json={"reason": reason}))


def is_archived(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.json()["code"]) == (409, "archived") and "unarchive" in answer.json()["detail"]


@NOUNS
async def test_what_is_archived_leaves_the_lists_and_comes_back(
    api: httpx.AsyncClient, engine: AsyncEngine, noun: str
) -> None:
    shelf = await open_shelf(api, noun)
    typo, _ = await shelf.make("helo"), await shelf.make("hello")
    archived = await archive(api, typo, "a typo")
    assert archived["archived_at"] is not None
    before = await head(api)
    assert await archive(api, typo) == archived
    assert await head(api) == before
    assert await shelf.names() == ["hello"]
    assert await shelf.names(archived="true") == ["helo"]
    assert await shelf.names(archived="all") == ["helo", "hello"]
    assert (await ok(await api.get(typo))) == archived
    past = await ok(await api.get(typo, params={"as_of": str(before - 1)}))
    assert (past["archived_at"], past["name"]) == (None, "helo")
    events = (await ok(await api.get("/v1/history", params={"resource": f"{noun}:{typo.rsplit('/')[-1]}"})))["data"]
    assert "archived" in events[-1]["sentence"]
    assert "a typo" in msgspec.json.encode(events[-1]).decode()
    assert (await ok(await api.post(f"{typo}/unarchive", json={})))["archived_at"] is None
    assert await shelf.names() == ["helo", "hello"]
    await tables_follow_from_the_log(engine)


@NOUNS
async def test_the_name_of_what_is_archived_is_free(api: httpx.AsyncClient, noun: str) -> None:
    shelf = await open_shelf(api, noun)
    first = await shelf.make("news")
    await archive(api, first)
    second = await shelf.make("news")
    refused = await api.post(f"{first}/unarchive", json={})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (409, "/name")
    await archive(api, second)
    await ok(await api.post(f"{first}/unarchive", json={}))


@NOUNS
async def test_archiving_is_the_workspaces_own(api: httpx.AsyncClient, stranger: httpx.AsyncClient, noun: str) -> None:
    path = await (await open_shelf(api, noun)).make("mine")
    for verb in ("archive", "unarchive"):
        assert (await stranger.post(f"{path}/{verb}", json={})).status_code == 404


class Archived:
    """A model, a prompt and a queue that have all that can be done to one, on a desk with its dataset and task."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.policy: Json = {"evaluation": {"scorer": "exact_match", "dataset_id": desk.dataset}}

    async def begin(self) -> "Archived":
        api = self.desk.api
        account = {"name": "sandbox", "kind": "sandbox", "secret": "sk-x", "base_url": "http://127.0.0.1:9/v1"}
        connection = (await ok(await api.post("/v1/connections", json=account)))["id"]
        self.target = {"connection_id": connection, "model": "gpt-4o-mini"}
        self.elsewhere = {"connection_id": connection, "base_model": "gpt-4o-mini", "provider_model": "ft:x"}
        self.model = (await ok(await api.post("/v1/models", json={"name": "headlines"})))["id"]
        for version in ("v1.0", "v1.1"):
            await ok(await api.post(f"/v1/models/{self.model}/versions", json=self.elsewhere))
            await ok(await api.put(f"/v1/models/{self.model}/aliases/production", json={"version": version}))
        self.prompt = await make_prompt(api)
        await add_version(api, self.prompt)
        self.queue = (await self.desk.queue())["id"]
        return self

    def path(self, noun: str) -> str:
        return f"/v1/{noun}s/{self.desk.task if noun == 'task' else getattr(self, noun)}"


# What an archived thing refuses, with a body that is right in every respect; and what goes on.
REFUSED: dict[str, dict[str, Callable[[Archived], Json]]] = {
    "task": {"PATCH /v1/tasks/{task_id}": lambda _: {"description": "new"}},
    "model": {
        "PATCH /v1/models/{model_id}": lambda _: {"description": "new"},
        "POST /v1/models/{model_id}/versions": lambda it: it.elsewhere,
        "PATCH /v1/models/{model_id}/versions/{version}": lambda _: {"notes": "new"},
        "PUT /v1/models/{model_id}/aliases/{alias}": lambda _: {"version": "v1.0"},
        "POST /v1/models/{model_id}/rollback": lambda _: {"alias": "production"},
        "PUT /v1/models/{model_id}/gate": lambda it: {"policy": it.policy},
    },
    "prompt": {
        "PATCH /v1/prompts/{prompt_id}": lambda _: {"description": "new"},
        "POST /v1/prompts/{prompt_id}/versions": lambda _: {"messages": CHAT},
        "PUT /v1/prompts/{prompt_id}/labels/{label}": lambda _: {"version": 1},
        "POST /v1/prompts/{prompt_id}/runs": lambda it: {"dataset_id": it.desk.dataset, "target": it.target},
    },
    "queue": {
        "PATCH /v1/queues/{queue_id}": lambda _: {"blind": False},
        "POST /v1/queues/{queue_id}/examples": lambda _: {},
        "POST /v1/queues/{queue_id}/assign": lambda it: {
            "annotator": {"name": "bob"},
            "examples": it.desk.examples[2:3],
        },
    },
}
BRINGS_BACK = ("archive", "unarchive")
GOES_ON = {
    "POST /v1/models/{model_id}/completions",
    "DELETE /v1/models/{model_id}/versions/{version}/provider-model",
    "POST /v1/models/{model_id}/versions/{version}/export",
    "POST /v1/models/{model_id}/versions/{version}/notes/draft",
    "POST /v1/tasks/{task_id}/preview",
    "POST /v1/models/{model_id}/gate/check",
    "POST /v1/prompts/{prompt_id}/render",
    "POST /v1/prompts/{prompt_id}/run",
}


@NOUNS
async def test_what_is_archived_takes_no_changes(api: httpx.AsyncClient, app: Litestar, noun: str) -> None:
    it = await Archived(await open_desk(api)).begin()
    thing = it.path(noun)
    await archive(api, thing)
    before = await head(api)
    for route, build_body in REFUSED[noun].items():
        method, path = route.split()
        url = path.replace(f"/v1/{noun}s/{{{noun}_id}}", thing)
        url = url.format(version="v1.0", alias="staging", label="production")
        answer = await api.request(method, url, json=build_body(it))
        assert is_archived(answer), (route, answer.text)
    assert await head(api) == before
    written = {
        f"{method.upper()} {path}"
        for path, item in app.openapi_schema.to_schema()["paths"].items()
        for method in item
        if path.startswith(f"/v1/{noun}s/{{") and method not in ("get", "parameters")
        if not path.endswith(BRINGS_BACK)
    }
    # A new route says here whether an archived thing takes it.
    assert written - GOES_ON == set(REFUSED[noun])


async def test_nothing_new_names_an_archived_task(api: httpx.AsyncClient) -> None:
    it = await Archived(await open_desk(api)).begin()
    await archive(api, it.path("task"))
    named = {"name": "new", "task_id": it.desk.task}
    generation = {"dataset_id": it.desk.dataset, "target": it.target}
    for path, body in {
        "/v1/datasets": named,
        "/v1/models": named,
        "/v1/prompts": named,
        f"/v1/datasets/{await make_dataset(api, 'other')}/queues": named,
        f"/v1/datasets/{it.desk.dataset}/queues": {"name": "of the dataset's task"},
        "/v1/generations": generation,
    }.items():
        answer = await api.post(path, json=body)
        assert is_archived(answer), (path, answer.text)
        assert answer.json()["errors"][0]["pointer"] == "/task_id"
    for path in (f"/v1/datasets/{it.desk.dataset}", it.path("model"), it.path("prompt")):
        assert is_archived(await api.patch(path, json={"task_id": it.desk.task}))
    # What used it before goes on.
    await add(api, it.desk.dataset)
    await it.desk.say("ann", CATEGORIES[:1])
    await ok(await it.desk.submit((await it.desk.claim("ann"))[0], "sports"))


async def test_no_generation_chooses_an_archived_prompt_or_dataset(api: httpx.AsyncClient) -> None:
    it = await Archived(await open_desk(api)).begin()
    body = {"dataset_id": it.desk.dataset, "target": it.target, "prompt": {"prompt_id": it.prompt}}
    generation = f"/v1/generations/{(await ok(await api.post('/v1/generations', json=body)))['id']}"
    await archive(api, it.path("prompt"))
    assert is_archived(await api.post("/v1/generations", json=body))
    assert is_archived(await api.patch(generation, json={"prompt": {"prompt_id": it.prompt, "version": 1}}))
    await archive(api, f"/v1/datasets/{it.desk.dataset}")
    assert is_archived(await api.post("/v1/generations", json={**body, "prompt": None}))
    assert is_archived(await api.post(f"{generation}/topics", json={}))
    assert is_archived(await api.post(f"{generation}/accept", json={"matching": {}}))


async def test_an_archived_prompt_is_still_rendered(api: httpx.AsyncClient) -> None:
    prompt = await make_prompt(api)
    await add_version(api, prompt)
    await move(api, prompt, version=1)
    await archive(api, f"/v1/prompts/{prompt}")
    body = {"label": "production", "variables": {"summary": "x"}}
    assert (await ok(await api.post(f"/v1/prompts/{prompt}/render", json=body)))["messages"]


async def test_an_archived_queue_takes_no_work(api: httpx.AsyncClient, app: Litestar) -> None:
    desk = await open_desk(api)
    queue = await desk.queue()
    submitted, claimed = await desk.claim("ann", limit=2)
    await ok(await desk.submit(submitted, "sports"))
    await archive(api, f"/v1/queues/{queue['id']}")
    before = await head(api)
    assert is_archived(await desk.submit(claimed, "sports"))
    for claim, verb, body in (
        (claimed, "skip", {"reason": "no"}),
        (claimed, "release", {}),
        (submitted, "withdraw", {}),
        (submitted, "review", {"verdict": "accept"}),
    ):
        assert is_archived(await desk.give_back(claim, verb, **body)), verb
    named = {"queue_id": queue["id"], "annotator": {"name": "ann"}}
    assert is_archived(await api.post(f"/v1/datasets/{desk.dataset}/queue/claim", json=named))
    # It is not the dataset's open queue any more, and no annotator's.
    assert (await api.post(f"/v1/datasets/{desk.dataset}/queue/claim", json={})).status_code == 404
    assert await head(api) == before
    bob = await annotator(app, desk, "bob")
    assert (await ok(await bob.get("/v1/me/queue")))["data"] == []
    # The label that it gathered counts.
    assert (await desk.consensus(minimum=1))["labelled"] == 1
    await ok(await api.post(f"/v1/queues/{queue['id']}/unarchive", json={}))
    await ok(await desk.submit(claimed, "sports"))


async def test_the_queues_of_an_archived_dataset_take_no_work(api: httpx.AsyncClient) -> None:
    desk = await open_desk(api)
    queue = await desk.queue()
    submitted, claimed = await desk.claim("ann", limit=2)
    await ok(await desk.submit(submitted, "sports"))
    await archive(api, f"/v1/datasets/{desk.dataset}")
    before = await head(api)
    assign = {"annotator": {"name": "bob"}, "examples": desk.examples[2:3]}
    refused = [
        await desk.submit(claimed, "sports"),
        await desk.give_back(claimed, "skip", reason="no"),
        await desk.give_back(claimed, "release"),
        await desk.give_back(submitted, "withdraw"),
        await desk.give_back(submitted, "review", verdict="accept"),
        await api.post(f"/v1/queues/{queue['id']}/examples", json={}),
        await api.post(f"/v1/queues/{queue['id']}/assign", json=assign),
        await api.post(f"/v1/datasets/{desk.dataset}/consensus", json={"rule": "majority"}),
    ]
    assert all(map(is_archived, refused)), [answer.text for answer in refused]
    assert await head(api) == before
