"""Whatever is done to examples, in any order, they are what a plain dict says they are: now, then, and in versions."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from itertools import count
from typing import Any, ClassVar, TypeVar

import httpx
import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.datasets.example_bodies import (
    Json,
    add,
    chat,
    edit,
    export,
    freeze,
    head,
    list_examples,
    make_dataset,
    ok,
    rate,
    repair,
)
from tests.datasets.import_files import tables_follow_from_the_log
from tests.http_client import client

T = TypeVar("T")
NAMES = count()
CHOICE = st.integers(0, 10**6)
TEXTS = st.sampled_from(["a", "b", "Zoë 🦊", "c\nd", '{"e": 1}'])
TAGS = st.lists(st.sampled_from(["x", "y", "z"]), max_size=3)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """All that may be seen of an example in one state."""

    content: Json
    tags: list[str] = []
    metadata: Json | None = None
    stars: dict[str, int] = {}
    instruction: str | None = None
    deleted: bool = False

    @property
    def average(self) -> float | None:
        return sum(self.stars.values()) / len(self.stars) if self.stars else None


def read_state(example: Json) -> Said:
    raters = example["rating"]["raters"]
    state = Said(
        content=example["content"],
        tags=example["tags"],
        metadata=example["metadata"],
        stars={rater: rating["overall"]["value"] for rater, rating in raters.items()},
        instruction=example["repair"]["instruction"] if example["repaired"] else None,
    )
    assert example["rating"]["average"] == state.average
    return state


Snapshot = dict[str, Said]


class Examples(RuleBasedStateMachine):
    """Steps are sent to the application in the tests' event loop, which is another thread's."""

    loop: ClassVar[asyncio.AbstractEventLoop]
    raters: ClassVar[dict[str, httpx.AsyncClient]]

    def __init__(self) -> None:
        super().__init__()
        self.api = next(iter(self.raters.values()))
        self.states: dict[str, list[Said]] = {}
        self.splits: dict[str, str] = {}
        self.moments: dict[int, Snapshot] = {}
        self.versions: dict[str, tuple[Snapshot, bytes]] = {}
        self.dataset_id = self.do(make_dataset(self.api, f"dataset {next(NAMES)}"))

    def do(self, step: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(step, self.loop).result(30)

    @property
    def there(self) -> Snapshot:
        """What the model holds to be there now."""
        return {id_: states[-1] for id_, states in self.states.items() if not states[-1].deleted}

    def one_of(self, ids: Any, choice: int) -> str:
        every = sorted(ids)
        chosen: str = every[choice % len(every)]
        return chosen

    def changed(self, id_: str, answer: Json | None, **changes: Any) -> None:
        """A change that changes nothing makes no revision."""
        before = self.states[id_][-1]
        after = msgspec.structs.replace(before, **changes)
        if after != before:
            self.states[id_].append(after)
        if answer is not None:
            assert read_state(answer) == after
            assert answer["version"] == len(self.states[id_])

    @rule(question=TEXTS, answer=TEXTS, tags=TAGS)
    def add(self, question: str, answer: str, tags: list[str]) -> None:
        example = self.do(add(self.api, self.dataset_id, content=chat(question, answer), tags=tags))
        self.states[example["id"]] = [Said(content=chat(question, answer), tags=list(dict.fromkeys(tags)))]
        self.splits[example["id"]] = example["split"]
        assert read_state(example) == self.states[example["id"]][0]

    @precondition(lambda self: self.there)
    @rule(choice=CHOICE, question=TEXTS, answer=TEXTS)
    def edit_content(self, choice: int, question: str, answer: str) -> None:
        id_ = self.one_of(self.there, choice)
        content = chat(question, answer)
        ends: Json = {} if content == self.there[id_].content else {"stars": {}, "instruction": None}
        self.changed(id_, self.do(edit(self.api, id_, content=content)), content=content, **ends)

    @precondition(lambda self: self.there)
    @rule(choice=CHOICE, tags=TAGS, metadata=st.none() | st.dictionaries(TEXTS, st.integers(), max_size=2))
    def edit_the_rest(self, choice: int, tags: list[str], metadata: Json | None) -> None:
        id_ = self.one_of(self.there, choice)
        edited = self.do(edit(self.api, id_, tags=tags, metadata=metadata))
        self.changed(id_, edited, tags=list(dict.fromkeys(tags)), metadata=metadata)

    @precondition(lambda self: self.there)
    @rule(choice=CHOICE, stars=st.integers(1, 5), rater=st.integers(0, 1))
    def rate(self, choice: int, stars: int, rater: int) -> None:
        id_ = self.one_of(self.there, choice)
        name, api = list(self.raters.items())[rater]
        self.changed(id_, self.do(rate(api, id_, stars)), stars={**self.there[id_].stars, name: stars})

    @precondition(lambda self: self.there)
    @rule(choice=CHOICE, output=TEXTS)
    def repair(self, choice: int, output: str) -> None:
        id_ = self.one_of(self.there, choice)
        before = self.there[id_].content
        repaired = self.do(repair(self.api, id_, output))
        after = chat(before["messages"][0]["content"], output)
        changes = {} if after == before else {"content": after, "stars": {}, "instruction": "Better."}
        self.changed(id_, repaired, **changes)

    @precondition(lambda self: self.there)
    @rule(choice=CHOICE)
    def delete(self, choice: int) -> None:
        id_ = self.one_of(self.there, choice)
        assert self.do(self.api.delete(f"/v1/examples/{id_}")).status_code == 204
        self.changed(id_, None, deleted=True)
        assert self.do(self.api.get(f"/v1/examples/{id_}")).status_code == 404

    @precondition(lambda self: self.states)
    @rule(choice=CHOICE, revision=CHOICE)
    def restore(self, choice: int, revision: int) -> None:
        id_ = self.one_of(self.states, choice)
        version = revision % len(self.states[id_]) + 1
        then = self.states[id_][version - 1]
        sent = self.do(self.api.post(f"/v1/examples/{id_}/restore", json={"version": version}))
        assert sent.status_code == (422 if then.deleted else 200)
        if not then.deleted:
            self.changed(id_, sent.json(), **msgspec.structs.asdict(then))

    @rule(rating_gte=st.sampled_from([None, 2, 4]))
    def freeze(self, rating_gte: int | None) -> None:
        name = f"v{len(self.versions)}"
        held = {
            id_: state for id_, state in self.there.items() if rating_gte is None or (state.average or 0) >= rating_gte
        }
        filter_ = {} if rating_gte is None else {"rating_gte": rating_gte}
        if not held:
            body = {"name": name, "filter": filter_}
            refused = self.do(self.api.post(f"/v1/datasets/{self.dataset_id}/versions", json=body))
            assert refused.status_code == 422
            return
        assert self.do(freeze(self.api, self.dataset_id, name, filter=filter_))["examples"] == len(held)
        self.versions[name] = (held, self.do(export(self.api, self.dataset_id, version=name)))

    @rule()
    def remember(self) -> None:
        self.moments[self.do(head(self.api))] = self.there

    @precondition(lambda self: self.moments)
    @rule(choice=CHOICE)
    def look_back(self, choice: int) -> None:
        seq = sorted(self.moments)[choice % len(self.moments)]
        self.shows(self.moments[seq], as_of=seq)

    @precondition(lambda self: self.versions)
    @rule(choice=CHOICE)
    def export(self, choice: int) -> None:
        name = self.one_of(self.versions, choice)
        held, exported = self.versions[name]
        assert self.do(export(self.api, self.dataset_id, version=name)) == exported
        assert [json.loads(line) for line in exported.splitlines()] == [held[id_].content for id_ in sorted(held)]

    @invariant()
    def shows_what_is_there(self) -> None:
        self.shows(self.there)

    def shows(self, expected: Snapshot, **query: Any) -> None:
        examples = self.do(list_examples(self.api, self.dataset_id, **query))
        assert {row["id"]: read_state(row) for row in examples} == expected
        assert all(row["split"] == self.splits[row["id"]] for row in examples)

    def teardown(self) -> None:
        for id_, states in self.states.items():
            history = self.do(ok_json(self.api.get(f"/v1/examples/{id_}/history?limit=1000")))
            assert [entry["version"] for entry in history["data"]] == list(range(1, len(states) + 1))


async def ok_json(sent: Awaitable[httpx.Response]) -> Json:
    return await ok(await sent)


async def test_examples_are_what_a_plain_dict_says(api: httpx.AsyncClient, app: Litestar, engine: AsyncEngine) -> None:
    key = await ok(await api.post("/v1/api-keys", json={"name": "ben", "scopes": ["datasets:write", "datasets:read"]}))
    me = (await add(api, await make_dataset(api)))["created_by"]
    run: Callable[..., None] = run_state_machine_as_test
    async with client(app, key["secret"]) as ben:
        Examples.loop, Examples.raters = asyncio.get_running_loop(), {me: api, "ben": ben}
        limits = settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        )
        await asyncio.to_thread(run, Examples, settings=limits)
    await tables_follow_from_the_log(engine)
