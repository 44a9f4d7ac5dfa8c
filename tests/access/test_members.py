"""People and machines: their names, roles and keys over HTTP."""

import ast
import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

import service
from service.access.actors import SYSTEM_ACTORS, fold_name, is_reserved
from service.access.auth import ApiKeyCache
from service.app import create_app
from service.composition import REGISTRY
from service.database import engine as database
from service.ledger.rebuild import rebuild
from service.server.metrics import METRICS_TEXT
from service.settings import Settings
from tests.conftest import as_owner
from tests.datasets.example_bodies import chat, five_stars
from tests.http_client import SETTINGS, client


async def invite(api: httpx.AsyncClient, name: str, role: str, **fields: Any) -> dict[str, Any]:
    answer = await api.post("/v1/members", json={"name": name, "role": role, "key": {}, **fields})
    assert answer.status_code == 201, answer.text
    member: dict[str, Any] = answer.json()
    return member


async def expect_refusal(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), answer.text
    return body


async def test_a_member_has_a_name_a_role_and_a_first_key(api: httpx.AsyncClient, app: Litestar) -> None:
    ann = await invite(api, "  Ann Lee ", "viewer", email="ann@example.com")
    assert (ann["name"], ann["role"], ann["kind"], ann["email"]) == ("Ann Lee", "viewer", "person", "ann@example.com")
    async with client(app, ann["secret"]) as hers:
        me = (await hers.get("/v1/me")).json()
        assert (await hers.post("/v1/datasets", json={"name": "x"})).status_code == 403
        assert (await hers.get("/v1/datasets")).status_code == 200
    assert (me["name"], me["role"], me["kind"], me["member_id"]) == ("Ann Lee", "viewer", "person", ann["id"])
    assert (me["key_id"], me["key_name"]) == (ann["api_key"]["id"], "Ann Lee")
    assert (await api.get(f"/v1/members/{ann['id']}")).json() == {
        name: value for name, value in ann.items() if name not in {"api_key", "secret"}
    }


@pytest.mark.parametrize(
    "name",
    [
        *("tuneledger", "Tuneledger ", "TUNE LEDGER", "\uff54\uff55\uff4eeledger", "tune\u200bledger", "command line"),
        *("Command-Line", "commandline", "first  start", "first_start", "Tuneledger itself", "the command line"),
    ],
)
async def test_m4_nobody_is_called_like_the_system(api: httpx.AsyncClient, name: str) -> None:
    for path, body in (("members", {"role": "viewer"}), ("api-keys", {"scopes": ["tasks:read"]})):
        problem = await expect_refusal(
            await api.post(f"/v1/{path}", json={"name": name, **body}), 400, "invalid_request"
        )
        assert (problem["errors"][0]["pointer"], problem["errors"][0]["code"]) == ("/name", "reserved")


def test_every_name_that_the_system_acts_under_is_reserved() -> None:
    files = [path for path in Path(service.__file__).parent.rglob("*.py") if path.name != "actors.py"]
    literals = {
        keyword.value.value
        for path in files
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "actor" and isinstance(keyword.value, ast.Constant)
    }
    assert literals - {None} <= SYSTEM_ACTORS.keys()
    assert all(is_reserved(name) for name in SYSTEM_ACTORS)
    assert not [path for path in files if 'ACTOR = "' in path.read_text()]


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "a\nb", "a\u0007", "x" * 201])
async def test_a_name_can_be_seen_and_is_one_line(api: httpx.AsyncClient, name: str) -> None:
    body = await expect_refusal(
        await api.post("/v1/members", json={"name": name, "role": "viewer"}), 400, "invalid_request"
    )
    assert body["errors"][0]["pointer"] == "/name"


async def test_two_members_do_not_share_a_name_however_it_is_written(api: httpx.AsyncClient) -> None:
    await invite(api, "Bob", "viewer")
    for name in ("bob", " BOB ", "\uff22ob", "b\u200bob"):
        await expect_refusal(await api.post("/v1/members", json={"name": name, "role": "viewer"}), 409, "conflict")
    assert fold_name("Ann   Lee") == fold_name("ann\u00a0LEE")


async def test_a_new_key_of_a_person_keeps_their_name_and_their_rating(api: httpx.AsyncClient, app: Litestar) -> None:
    """first-day, friction 3: a person survives the end of a key."""
    ben = await invite(api, "ben", "reviewer")
    dataset = (await api.post("/v1/datasets", json={"name": "d"})).json()["id"]
    example = (await api.post(f"/v1/datasets/{dataset}/examples", json={"content": chat("a")})).json()["id"]
    async with client(app, ben["secret"]) as old:
        assert (await old.put(f"/v1/examples/{example}/rating", json=five_stars(2))).is_success
    rotated = (await api.post(f"/v1/api-keys/{ben['api_key']['id']}/rotate", json={})).json()
    assert (rotated["member"], rotated["name"]) == ("ben", "ben")
    async with client(app, ben["secret"]) as old:
        assert (await old.get("/v1/me")).status_code == 401
    async with client(app, rotated["secret"]) as new:
        assert (await new.put(f"/v1/examples/{example}/rating", json=five_stars(5))).is_success
    rating = (await api.get(f"/v1/examples/{example}")).json()["rating"]
    assert (list(rating["raters"]), rating["average"]) == (["ben"], 5.0)
    entries = (await api.get(f"/v1/examples/{example}/history")).json()["data"]
    assert [entry["key_id"] for entry in entries[1:]] == [ben["api_key"]["id"], rotated["id"]]
    lines = (await api.get("/v1/history", params={"actor": "ben"})).json()["data"]
    assert [line["key_id"] for line in lines] == [ben["api_key"]["id"], rotated["id"]]
    assert lines[0]["sentence"].startswith("rated by *ben*")


async def test_a_machine_whose_key_was_revoked_gets_another_by_its_name(api: httpx.AsyncClient) -> None:
    body = {"name": "worker", "scopes": ["datasets:read"]}
    first = (await api.post("/v1/api-keys", json=body)).json()
    await expect_refusal(await api.post("/v1/api-keys", json=body), 409, "conflict")
    await api.delete(f"/v1/api-keys/{first['id']}")
    second = await api.post("/v1/api-keys", json=body)
    assert (second.status_code, second.json()["member_id"]) == (201, first["member_id"])
    wider = await api.post("/v1/api-keys", json={**body, "name": "WORKER", "scopes": ["datasets:write"]})
    assert (await expect_refusal(wider, 422, "unprocessable"))["errors"][0]["code"] == "beyond_role"


async def test_a_person_gets_a_key_by_id_and_not_by_chance(api: httpx.AsyncClient) -> None:
    ann = await invite(api, "ann", "viewer")
    taken = await api.post("/v1/api-keys", json={"name": "ann", "scopes": ["tasks:read"]})
    assert ann["id"] in (await expect_refusal(taken, 409, "conflict"))["detail"]
    more = await api.post("/v1/api-keys", json={"member_id": ann["id"], "name": "laptop", "scopes": ["tasks:read"]})
    assert (more.status_code, more.json()["member"]) == (201, "ann")
    beyond = await api.post("/v1/api-keys", json={"member_id": ann["id"], "scopes": ["tasks:write"]})
    assert (await expect_refusal(beyond, 422, "unprocessable"))["errors"][0]["pointer"] == "/scopes"
    own = (await api.post("/v1/api-keys", json={})).json()
    assert (own["member"], own["scopes"]) == ("first key", ["admin"])
    listed = (await api.get("/v1/api-keys", params={"member_id": ann["id"]})).json()["data"]
    assert [key["name"] for key in listed] == ["ann", "laptop"]
    absent = await api.post("/v1/api-keys", json={"member_id": str(database.new_id()), "name": "x"})
    assert (await expect_refusal(absent, 422, "unprocessable"))["errors"][0]["code"] == "no_such_member"


async def test_a_demotion_takes_effect_on_keys_that_are_there(api: httpx.AsyncClient, app: Litestar) -> None:
    eve = await invite(api, "eve", "admin")
    async with client(app, eve["secret"]) as hers:
        assert (await hers.post("/v1/datasets", json={"name": "a"})).status_code == 201
        changed = await api.patch(f"/v1/members/{eve['id']}", json={"role": "viewer", "reason": "left the team"})
        assert (changed.json()["role"], changed.headers["etag"]) == ("viewer", '"2"')
        assert (await hers.post("/v1/datasets", json={"name": "b"})).status_code == 403
        assert (await hers.get("/v1/me")).json()["scopes"] == (await roles(api))["viewer"]
    stale = await api.patch(f"/v1/members/{eve['id']}", json={"role": "editor"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    entries = (await api.get(f"/v1/members/{eve['id']}/history")).json()["data"]
    assert [entry["type"] for entry in entries] == ["MemberInvited", "MemberChanged"]
    assert entries[1]["changes"]["role"] == {"before": "admin", "after": "viewer"}


async def roles(api: httpx.AsyncClient) -> dict[str, list[str]]:
    return {each["role"]: each["scopes"] for each in (await api.get("/v1/roles")).json()["data"]}


async def test_suspending_stops_all_keys_within_a_second_also_elsewhere(
    api: httpx.AsyncClient, app: Litestar, engine: AsyncEngine
) -> None:
    eve = await invite(api, "eve", "editor")
    elsewhere = ApiKeyCache(engine)
    await elsewhere.identify(f"Bearer {eve['secret']}")
    suspended = await api.post(f"/v1/members/{eve['id']}/suspend", json={"reason": "on leave"})
    assert suspended.json()["suspended"] is True
    async with client(app, eve["secret"]) as hers:
        assert "suspended" in (await expect_refusal(await hers.get("/v1/me"), 401, "unauthenticated"))["detail"]
        await asyncio.sleep(1.05)
        with pytest.raises(Exception, match="suspended"):
            await elsewhere.identify(f"Bearer {eve['secret']}")
        again = await api.post(f"/v1/members/{eve['id']}/reinstate", json={})
        assert again.json()["suspended"] is False
        assert (await hers.get("/v1/me")).status_code == 200


async def test_m5_nobody_ends_a_key_that_can_do_more(api: httpx.AsyncClient, app: Litestar) -> None:
    narrow = (await api.post("/v1/api-keys", json={"name": "keeper", "scopes": ["access:write"]})).json()["secret"]
    worker = (await api.post("/v1/api-keys", json={"name": "worker", "scopes": ["access:read"]})).json()["id"]
    mine = (await api.get("/v1/me")).json()
    async with client(app, narrow) as keeper:
        await expect_refusal(await keeper.delete(f"/v1/api-keys/{mine['key_id']}"), 403, "holds_more")
        await expect_refusal(await keeper.post(f"/v1/api-keys/{mine['key_id']}/rotate", json={}), 403, "holds_more")
        await expect_refusal(await keeper.post(f"/v1/members/{mine['member_id']}/suspend", json={}), 403, "holds_more")
        await expect_refusal(
            await keeper.patch(f"/v1/members/{mine['member_id']}", json={"role": "viewer"}), 403, "holds_more"
        )
        await expect_refusal(await keeper.post("/v1/members", json={"name": "x", "role": "editor"}), 403, "holds_more")
        assert (await keeper.delete(f"/v1/api-keys/{worker}")).status_code == 200
    assert (await api.get("/v1/me")).status_code == 200


async def test_m5_the_last_owner_stays(api: httpx.AsyncClient, stranger: httpx.AsyncClient, app: Litestar) -> None:
    me = (await stranger.get("/v1/me")).json()
    assert me["role"] == "owner"
    admin = await invite(stranger, "second", "admin")
    async with client(app, admin["secret"]) as second:
        await expect_refusal(await second.delete(f"/v1/api-keys/{me['key_id']}"), 403, "holds_more")
    await expect_refusal(await stranger.delete(f"/v1/api-keys/{me['key_id']}"), 409, "conflict")
    await expect_refusal(await stranger.post(f"/v1/members/{me['member_id']}/suspend", json={}), 409, "conflict")
    await expect_refusal(
        await stranger.patch(f"/v1/members/{me['member_id']}", json={"role": "admin"}), 409, "conflict"
    )
    owner = await invite(stranger, "third", "owner")
    assert (await stranger.post(f"/v1/members/{me['member_id']}/suspend", json={})).status_code == 200
    async with client(app, owner["secret"]) as third:
        assert (await third.get("/v1/me")).json()["role"] == "owner"


async def test_m5_two_owners_who_demote_each_other_at_once_leave_one(api: httpx.AsyncClient, app: Litestar) -> None:
    me, other = (await api.get("/v1/me")).json(), await invite(api, "other", "owner")
    async with client(app, other["secret"]) as second:
        await second.get("/v1/me")
        answers = await asyncio.gather(
            api.patch(f"/v1/members/{other['id']}", json={"role": "admin"}),
            second.patch(f"/v1/members/{me['member_id']}", json={"role": "admin"}),
        )
        roles_now = [(await holder.get("/v1/me")).json()["role"] for holder in (api, second)]
    assert sorted(roles_now) == ["admin", "owner"], [answer.text for answer in answers]


async def test_a_rotated_key_works_until_its_grace_is_over(api: httpx.AsyncClient, app: Litestar) -> None:
    old = (await api.post("/v1/api-keys", json={"name": "ci", "scopes": ["tasks:read"]})).json()
    new = await api.post(f"/v1/api-keys/{old['id']}/rotate", json={"grace_seconds": 3_600})
    assert new.status_code == 201
    for secret in (old["secret"], new.json()["secret"]):
        async with client(app, secret) as holder:
            assert (await holder.get("/v1/me")).json()["name"] == "ci"
    shown = (await api.get(f"/v1/api-keys/{old['id']}")).json()
    assert (shown["successor_id"], shown["expires_at"] is not None) == (new.json()["id"], True)
    await expect_refusal(await api.post(f"/v1/api-keys/{old['id']}/rotate", json={}), 409, "conflict")


async def test_l17_a_key_says_when_it_was_last_used(api: httpx.AsyncClient, app: Litestar, engine: AsyncEngine) -> None:
    api_key = (await api.post("/v1/api-keys", json={"name": "ci", "scopes": ["tasks:read"]})).json()
    assert api_key["last_used_at"] is None
    async with client(app, api_key["secret"]) as holder:
        await holder.get("/v1/me")
    used = (await api.get(f"/v1/api-keys/{api_key['id']}")).json()["last_used_at"]
    assert used is not None
    await ApiKeyCache(engine).identify(f"Bearer {api_key['secret']}")  # another process, within the minute
    assert (await api.get(f"/v1/api-keys/{api_key['id']}")).json()["last_used_at"] == used


async def test_l17_keys_live_no_longer_than_is_set(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    limited = create_app(Settings(secret_key=SETTINGS.secret_key, key_max_days=30), engine)
    async with client(limited, str(api.headers["authorization"]).removeprefix("Bearer ")) as strict:
        api_key = (await strict.post("/v1/api-keys", json={"name": "ci", "scopes": ["tasks:read"]})).json()
        assert api_key["expires_at"] is not None
        body = {"name": "long", "scopes": ["tasks:read"], "expires_at": "2199-01-01T00:00:00Z"}
        errors = (await expect_refusal(await strict.post("/v1/api-keys", json=body), 400, "invalid_request"))["errors"]
        assert (errors[0]["pointer"], errors[0]["code"]) == ("/expires_at", "too_long")


async def test_l5_an_unknown_key_asks_the_database_once_a_second(
    app: Litestar, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(METRICS_TEXT, "seconds", 0)
    queries = 0

    def count(*_: Any) -> None:
        nonlocal queries
        queries += 1

    sa.event.listen(engine.sync_engine, "before_cursor_execute", count)
    async with client(app, "tl_" + "unknown" * 5) as nobody:
        before = (await nobody.get("/metrics")).text
        queries = 0
        for _ in range(20):
            assert (await nobody.get("/v1/me")).status_code == 401
        assert queries <= 2
        after = (await nobody.get("/metrics")).text
    assert _refusals(after) - _refusals(before) == 20


def _refusals(metrics: str) -> float:
    series = 'tuneledger_refused_keys_total{reason="unknown"} '
    return sum(float(line.removeprefix(series)) for line in metrics.splitlines() if line.startswith(series))


async def test_members_are_rebuilt_from_the_log(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    eve = await invite(api, "eve", "admin")
    await api.patch(f"/v1/members/{eve['id']}", json={"role": "viewer", "email": "eve@example.com"})
    await api.post(f"/v1/api-keys/{eve['api_key']['id']}/rotate", json={})
    await api.post(f"/v1/members/{eve['id']}/suspend", json={})
    async with as_owner(engine) as owner:
        report = await rebuild(owner, REGISTRY, database.metadata, verify=True)
    assert report.clean, report
