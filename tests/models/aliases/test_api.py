import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import REGISTRY
from service.database.engine import metadata
from service.ledger.rebuild import rebuild
from tests.conftest import as_owner
from tests.models.world import World


async def move_alias(world: World, path: str, version: str, **fields: str) -> httpx.Response:
    answer = await world.api.put(f"{path}/aliases/production", json={"version": version, **fields})
    assert answer.status_code == 200, answer.text
    return answer


async def test_an_alias_stands_at_a_version_and_is_read_by_it(world: World) -> None:
    path = await world.model("v1", "v1")
    answer = await move_alias(world, path, "v1.1", reason="10% better")
    assert (answer.json()["aliases"], answer.headers["ETag"]) == ({"production": "v1.1"}, '"4"')
    assert (await world.read(path)) == answer.json()
    version = await world.read(f"{path}/versions/production")
    assert (version["version"], version["aliases"]) == ("v1.1", ["production"])
    assert (await world.read(f"{path}/versions/v1.0"))["aliases"] == []


async def test_the_history_of_an_alias_is_told_newest_first(world: World) -> None:
    path = await world.model("v1", "v1")
    await move_alias(world, path, "v1.0", reason="first")
    await move_alias(world, path, "v1.1", reason="better")
    await world.api.put(f"{path}/aliases/staging", json={"version": "v1.0"})
    await world.api.post(f"{path}/rollback", json={"alias": "production", "reason": "slower"})
    history = f"{path}/aliases/production/history"
    moves = (await world.read(history))["data"]
    rows = [(move["version"], move["previous"], move["reason"], move["rollback"]) for move in moves]
    assert rows == [("v1.0", "v1.1", "slower", True), ("v1.1", "v1.0", "better", False), ("v1.0", None, "first", False)]
    first = await world.read(history, limit=2)
    rest = await world.read(history, limit=2, cursor=first["next_cursor"])
    assert first["data"] + rest["data"] == moves


async def test_moving_an_alias_again_to_the_same_version_changes_nothing(world: World) -> None:
    path = await world.model("v1")
    first = await move_alias(world, path, "v1.0", reason="first")
    again = await move_alias(world, path, "v1.0", reason="again")
    assert (again.json(), again.headers["ETag"]) == (first.json(), first.headers["ETag"])
    assert len((await world.read(f"{path}/aliases/production/history"))["data"]) == 1


async def test_an_alias_is_rolled_back_once_however_often_the_request_is_repeated(world: World) -> None:
    path = await world.model("v1", "v1", "v1")
    for version in ("v1.0", "v1.1", "v1.2"):
        await move_alias(world, path, version)
    body, headers = {"alias": "production"}, {"Idempotency-Key": "back"}
    first, again = [await world.api.post(f"{path}/rollback", json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, first.json()["aliases"]) == (200, {"production": "v1.1"})
    assert again.content == first.content
    assert (await world.read(path))["aliases"] == {"production": "v1.1"}


async def test_a_rollback_names_where_it_goes_and_is_refused_where_it_cannot(world: World) -> None:
    path = await world.model("v1", "v1", "v1")
    for version in ("v1.0", "v1.1"):
        await move_alias(world, path, version)
    body = {"alias": "production", "to": "v1.2"}
    never = await world.api.post(f"{path}/rollback", json=body)
    assert (never.status_code, never.json()["errors"][0]["pointer"]) == (422, "/to")
    back = await world.api.post(f"{path}/rollback", json=body | {"to": "v1.0"})
    assert back.json()["aliases"] == {"production": "v1.0"}
    assert (await world.api.post(f"{path}/rollback", json={"alias": "production"})).status_code == 409
    assert (await world.api.post(f"{path}/rollback", json={"alias": "staging"})).status_code == 404


async def test_an_alias_moved_by_somebody_else_meanwhile_is_left_alone(world: World) -> None:
    path = await world.model("v1", "v1")
    seen = (await world.api.get(path)).headers["ETag"]
    await move_alias(world, path, "v1.1")
    headers = {"If-Match": seen}
    answers = [
        await world.api.put(f"{path}/aliases/production", json={"version": "v1.0"}, headers=headers),
        await world.api.post(f"{path}/rollback", json={"alias": "production"}, headers=headers),
    ]
    assert {answer.status_code for answer in answers} == {412}
    assert (await world.read(path))["aliases"] == {"production": "v1.1"}


@pytest.mark.parametrize(
    ("alias", "body", "status", "pointer"),
    [
        ("production", {"version": "v7.0"}, 422, "/version"),
        ("production", {"version": "staging"}, 400, "/version"),
        ("production", {}, 400, "/version"),
        ("v1.0", {"version": "v1.0"}, 400, "alias"),
        ("Production", {"version": "v1.0"}, 400, "alias"),
    ],
)
async def test_a_wrong_move_names_its_field(
    world: World, alias: str, body: dict[str, str], status: int, pointer: str
) -> None:
    refused = await world.api.put(f"{await world.model('v1')}/aliases/{alias}", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (status, pointer), refused.text


async def test_an_alias_that_never_was_has_no_history(world: World) -> None:
    assert (await world.api.get(f"{await world.model('v1')}/aliases/nobody/history")).status_code == 404


async def test_the_models_tables_follow_from_the_log_alone(world: World, engine: AsyncEngine) -> None:
    path = await world.model("v1", "v1")
    await move_alias(world, path, "v1.0", reason="first")
    await move_alias(world, path, "v1.1")
    await world.api.post(f"{path}/rollback", json={"alias": "production"})
    await world.api.patch(f"{path}/versions/v1.0", json={"notes": "Dry."})
    await world.api.patch(path, json={"name": "renamed", "description": "x"})
    await world.model(name="headlines")
    async with as_owner(engine) as owner:
        report = await rebuild(owner, REGISTRY, metadata, verify=True)
    assert report.clean, report.tables
