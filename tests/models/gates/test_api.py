"""The gate over HTTP. What evaluations say is put in by the test, as the application puts in where to ask for it."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import open_ledger
from service.models.gates.domain import NO_FACTS, Facts, GatePolicy
from tests.datasets.import_files import tables_follow_from_the_log
from tests.http_client import OPERATOR_KEY, SETTINGS, SHARED, client
from tests.models.measurements import facts, measured
from tests.models.world import World


class Known:
    """What is known of whatever version is asked for, and who asked."""

    def __init__(self) -> None:
        self.facts = NO_FACTS
        self.asked: list[tuple[str, str | None, str | None]] = []
        self.meanwhile: list[tuple[str, dict[str, Any]]] = []
        self.api: httpx.AsyncClient

    async def __call__(
        self,
        engine: AsyncEngine,
        workspace_id: UUID,
        model_id: UUID,
        version: str,
        policy: GatePolicy | None,
        *,
        current: str | None,
    ) -> Facts:
        self.asked.append((version, policy.evaluation.scorer if policy else None, current))
        while self.meanwhile:
            path, body = self.meanwhile.pop()
            assert (await self.api.put(path, json=body)).status_code == 200
        return self.facts


@pytest.fixture
def known() -> Known:
    return Known()


@pytest.fixture
async def world(known: Known, api: httpx.AsyncClient, engine: AsyncEngine) -> AsyncIterator[World]:
    async with client(SHARED.over(engine, SETTINGS, gate_facts=known), OPERATOR_KEY) as opened:
        known.api = opened
        yield await World(opened, open_ledger(engine)).begin()


def asking(world: World, **fields: Any) -> dict[str, Any]:
    return {"evaluation": {"scorer": "exact_match", "dataset_id": world.dataset["id"]}, **fields}


async def create_gated_model(world: World, *versions: str, **fields: Any) -> str:
    """A model with a gate before production, its first version there already; its path."""
    path = await world.model(*(versions or ("v1", "v1")))
    await move_alias(world, path, "v1.0")
    answer = await world.api.put(f"{path}/gate", json={"policy": asking(world, **fields)})
    assert answer.status_code == 200, answer.text
    return path


async def move(world: World, path: str, version: str, alias: str = "production", **fields: Any) -> httpx.Response:
    return await world.api.put(f"{path}/aliases/{alias}", json={"version": version, **fields})


async def move_alias(world: World, path: str, version: str, **fields: Any) -> dict[str, Any]:
    answer = await move(world, path, version, **fields)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def moves(world: World, path: str) -> list[dict[str, Any]]:
    moves_made: list[dict[str, Any]] = (await world.read(f"{path}/aliases/production/history"))["data"]
    return moves_made


def falls_short(answer: httpx.Response) -> list[str]:
    assert (answer.status_code, answer.json()["code"]) == (409, "gate_refused"), answer.text
    return [fault["code"] for fault in answer.json()["errors"]]


async def with_scopes(world: World, *scopes: str) -> dict[str, str]:
    api_key = await world.create("/v1/api-keys", {"name": " ".join(scopes), "scopes": list(scopes)})
    return {"Authorization": f"Bearer {api_key['secret']}"}


async def test_a_gate_is_set_read_and_told_in_the_history(world: World) -> None:
    path = await world.model("v1")
    assert await world.read(f"{path}/gate") == {"model_id": path.rsplit("/", 1)[1], "policy": None}
    body = {"policy": asking(world, human_rating={}), "reason": "two bad weeks"}
    answer = await world.api.put(f"{path}/gate", json=body)
    shown = await world.api.get(f"{path}/gate")
    assert (shown.json(), shown.headers["ETag"]) == (answer.json(), answer.headers["ETag"])
    policy = shown.json()["policy"]
    assert policy["evaluation"]["split"] == "test"
    assert {name: policy[name] for name in ("protects", "over_base", "over_current", "format_validity")} == {
        "protects": ["production"],
        "over_base": 0.1,
        "over_current": 0.0,
        "format_validity": 0.95,
    }
    assert policy["human_rating"] == {"stars": 4.0, "ratings": 1}
    last = (await world.read(f"{path}/history"))["data"][-1]
    assert (last["type"], last["reason"]) == ("GateSet", "two bad weeks")
    assert last["changes"] == {"gate": {"before": None, "after": policy}}


async def test_a_gate_is_taken_away_with_null(world: World) -> None:
    path = await create_gated_model(world)
    answer = await world.api.put(f"{path}/gate", json={"policy": None})
    assert (answer.status_code, answer.json()["policy"]) == (200, None)
    await move_alias(world, path, "v1.1")
    assert (await moves(world, path))[0]["ruling"] is None


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"over_base": "much"}, "/policy/over_base"),
        ({"over_base": 101}, "/policy/over_base"),
        ({"over_current": -2}, "/policy/over_current"),
        ({"format_validity": 95}, "/policy/format_validity"),
        ({"human_rating": {"stars": 6}}, "/policy/human_rating/stars"),
        ({"human_rating": {"ratings": 0}}, "/policy/human_rating/ratings"),
        ({"cost_per_thousand": {"amount": "-1"}}, "/policy/cost_per_thousand/amount"),
        ({"cost_per_thousand": {"amount": "much"}}, "/policy/cost_per_thousand/amount"),
        ({"cost_per_thousand": {"amount": "1", "currency": "euro"}}, "/policy/cost_per_thousand/currency"),
        ({"latency_p95_ms": 0}, "/policy/latency_p95_ms"),
        ({"protects": []}, "/policy/protects"),
        ({"protects": ["v1.0"]}, "/policy/protects/0"),
        ({"evaluation": {"scorer": "f1"}}, "/policy/evaluation/dataset_id"),
        ({"evaluation": {"scorer": "f1", "suite": "x", "split": "dev"}}, "/policy/evaluation/split"),
        ({"evaluation": {"suite": "nightly"}}, "/policy/evaluation/scorer"),
        ({"overbase": 0.2}, "/policy/overbase"),
    ],
)
async def test_a_wrong_number_of_a_policy_is_named(world: World, fields: dict[str, Any], pointer: str) -> None:
    path = await world.model()
    refused = await world.api.put(f"{path}/gate", json={"policy": asking(world, **fields)})
    assert (refused.status_code, [fault["pointer"] for fault in refused.json()["errors"]]) == (400, [pointer])


async def test_a_gate_asks_only_for_data_that_is_there(world: World, stranger: httpx.AsyncClient) -> None:
    path = await world.model()
    theirs = (await stranger.post("/v1/datasets", json={"name": "theirs"})).json()["id"]
    for wanted in ({"dataset_id": theirs}, {"dataset_id": world.dataset["id"], "dataset_version": "v9"}):
        body = {"policy": {"evaluation": {"scorer": "exact_match", **wanted}}}
        assert (await world.api.put(f"{path}/gate", json=body)).status_code == 404


async def test_without_an_evaluation_nothing_is_promoted(
    world: World, known: Known, api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    path = await create_gated_model(world)
    assert falls_short(await move(world, path, "v1.1")) == [
        "evaluation",
        "over_base",
        "over_current",
        "format_validity",
    ]
    assert known.asked == [("v1.1", "exact_match", "v1.0")]
    # The application as it is when nobody passes anything in: it knows of no evaluation, and says so.
    assert "evaluation" in falls_short(await api.put(f"{path}/aliases/production", json={"version": "v1.1"}))
    assert (await world.read(path))["aliases"] == {"production": "v1.0"}
    await tables_follow_from_the_log(engine)


async def test_a_better_version_is_promoted_and_the_facts_are_kept(
    world: World, known: Known, engine: AsyncEngine
) -> None:
    path = await create_gated_model(world)
    known.facts = facts()
    assert (await move_alias(world, path, "v1.1", reason="better"))["aliases"] == {"production": "v1.1"}
    last, first = await moves(world, path)
    assert (first["ruling"], first["overridden"]) == (None, False)
    assert (last["ruling"]["passed"], last["overridden"], last["reason"]) == (True, False, "better")
    checks = {check["name"]: (check["wanted"], round(check["found"], 6)) for check in last["ruling"]["checks"]}
    assert checks["over_base"] == (0.1, 0.1)
    assert checks["format_validity"] == (0.95, 0.97)
    assert last["ruling"]["facts"]["versions"]["v1.1"]["score"]["value"] == 0.55
    assert last["ruling"]["facts"]["versions"]["v1.1"]["cost_per_thousand"] == {"amount": "0.30", "currency": "USD"}
    await tables_follow_from_the_log(engine)


async def test_a_refusal_names_the_numbers_and_leaves_the_alias_where_it_was(world: World, known: Known) -> None:
    path = await create_gated_model(world)
    known.facts = facts(base=measured(0.53))
    refused = await move(world, path, "v1.1")
    [fault] = refused.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/version", "over_base")
    assert fault["detail"] == "v1.1 scores 0.55, the base model 0.53: +3.774%; at least +10% is required."
    assert len(await moves(world, path)) == 1


async def test_moving_to_where_it_stands_asks_no_gate(world: World, known: Known) -> None:
    path = await create_gated_model(world)
    await move_alias(world, path, "v1.0")
    assert known.asked == []
    assert len(await moves(world, path)) == 1


async def test_only_protected_aliases_ask_the_gate(world: World, known: Known) -> None:
    path = await create_gated_model(world)
    await move_alias(world, path, "v1.1", alias="staging")
    assert known.asked == []


async def test_an_override_needs_its_scope_and_a_reason_and_is_recorded_as_one(world: World) -> None:
    path = await create_gated_model(world)
    body = {"version": "v1.1", "override": True, "reason": "the old one is down"}
    writes = await with_scopes(world, "models:write")
    refused = await world.api.put(f"{path}/aliases/production", json=body, headers=writes)
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    silent = await move(world, path, "v1.1", override=True)
    assert (silent.status_code, silent.json()["errors"][0]["pointer"]) == (400, "/reason")
    assert len(await moves(world, path)) == 1
    overrides = await with_scopes(world, "models:write", "models:override")
    done = await world.api.put(f"{path}/aliases/production", json=body, headers=overrides)
    assert done.json()["aliases"] == {"production": "v1.1"}
    last = (await moves(world, path))[0]
    assert (last["overridden"], last["ruling"]["passed"], last["reason"]) == (True, False, "the old one is down")


async def test_who_may_not_override_a_gate_cannot_take_it_away_either(world: World) -> None:
    path = await create_gated_model(world)
    writes = await with_scopes(world, "models:write")
    for policy in (None, asking(world, over_base=None)):
        refused = await world.api.put(f"{path}/gate", json={"policy": policy}, headers=writes)
        assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    other = await world.model(name="other")
    first = await world.api.put(f"{other}/gate", json={"policy": asking(world)}, headers=writes)
    assert first.status_code == 200


async def test_a_protected_alias_goes_back_without_facts_and_says_what_to_and_why(
    world: World, known: Known, engine: AsyncEngine
) -> None:
    path = await create_gated_model(world)
    known.facts = facts()
    await move_alias(world, path, "v1.1")
    known.facts, known.asked = NO_FACTS, []
    silent = await world.api.post(f"{path}/rollback", json={"alias": "production"})
    assert (silent.status_code, silent.json()["errors"][0]["pointer"]) == (400, "/reason")
    back = await world.api.post(f"{path}/rollback", json={"alias": "production", "reason": "complaints"})
    assert back.status_code == 200, back.text
    assert back.json()["rollback"] == {
        "alias": "production",
        "returned_to": "v1.0",
        "returned_from": "v1.1",
        "reason": "complaints",
    }
    assert known.asked == []
    last = (await moves(world, path))[0]
    assert (last["version"], last["previous"], last["reason"], last["rollback"]) == ("v1.0", "v1.1", "complaints", True)
    await tables_follow_from_the_log(engine)


async def test_a_check_says_what_a_move_would_and_moves_nothing(world: World, known: Known) -> None:
    path = await create_gated_model(world)
    wish = {"version": "v1.1", "alias": "production"}
    before = (await world.api.get(path)).headers["ETag"]
    short = await world.api.post(f"{path}/gate/check", json=wish)
    assert (short.status_code, short.json()["allowed"], short.json()["ruling"]["passed"]) == (200, False, False)
    known.facts = facts()
    would = (await world.api.post(f"{path}/gate/check", json=wish)).json()
    assert (would["allowed"], would["protected"], would["current"]) == (True, True, "v1.0")
    assert (await world.api.get(path)).headers["ETag"] == before
    await move_alias(world, path, "v1.1")
    assert (await moves(world, path))[0]["ruling"] == would["ruling"]


async def test_a_check_of_what_no_gate_protects_is_allowed_whatever_it_says(world: World) -> None:
    path = await create_gated_model(world)
    answer = (await world.api.post(f"{path}/gate/check", json={"version": "v1.1", "alias": "staging"})).json()
    assert (answer["protected"], answer["allowed"], answer["ruling"]["passed"]) == (False, True, False)
    free = await world.model("v1", name="free")
    answer = (await world.api.post(f"{free}/gate/check", json={"version": "v1.0", "alias": "production"})).json()
    assert (answer["protected"], answer["allowed"], answer["ruling"]) == (False, True, None)


async def test_a_check_of_a_version_that_is_not_there_names_it(world: World, stranger: httpx.AsyncClient) -> None:
    path = await create_gated_model(world)
    body = {"version": "v7.0", "alias": "production"}
    refused = await world.api.post(f"{path}/gate/check", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/version")
    assert (await move(world, path, "v7.0")).status_code == 422
    assert (await stranger.post(f"{path}/gate/check", json=body)).status_code == 404


async def test_a_policy_that_changes_while_facts_are_gathered_is_the_one_that_decides(
    world: World, known: Known
) -> None:
    path = await create_gated_model(world)
    known.facts = facts()
    known.meanwhile = [(f"{path}/gate", {"policy": asking(world, over_base=0.5)})]
    assert falls_short(await move(world, path, "v1.1")) == ["over_base"]
    assert len(known.asked) == 2


async def test_an_alias_that_moves_while_facts_are_gathered_is_compared_with_where_it_stands(
    world: World, known: Known
) -> None:
    path = await create_gated_model(world, "v1", "v1", "v1")
    known.facts = facts(versions=facts().versions | {"v1.2": measured(0.9, format_validity=1.0)})
    known.meanwhile = [(f"{path}/aliases/production", {"version": "v1.2"})]
    assert falls_short(await move(world, path, "v1.1")) == ["over_current"]
    assert [current for version, _, current in known.asked if version == "v1.1"] == ["v1.0", "v1.2"]


async def test_a_model_that_changed_since_it_was_read_is_not_promoted(world: World, known: Known) -> None:
    path = await create_gated_model(world)
    known.facts = facts()
    stale = await world.api.put(f"{path}/aliases/production", json={"version": "v1.1"}, headers={"If-Match": '"2"'})
    assert stale.status_code == 412
    seen = (await world.api.get(path)).headers["ETag"]
    done = await world.api.put(f"{path}/aliases/production", json={"version": "v1.1"}, headers={"If-Match": seen})
    assert done.status_code == 200
