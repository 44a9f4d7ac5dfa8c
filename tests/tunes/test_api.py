import uuid
from typing import Any

import httpx
import pytest

from tests.tunes.conftest import Desk, ok
from tests.tunes.sandbox import MODEL


def nowhere(desk: Desk) -> Any:
    """A connection that nobody asks: no worker runs here."""
    return desk.connected(kind="openai")


async def test_one_request_records_all_its_tunes_and_a_repeat_gets_the_same_answer(
    desk: Desk, api: httpx.AsyncClient
) -> None:
    targets = [{"connection_id": await nowhere(desk), "base_model": f"model {n}", "suffix": f"s{n}"} for n in range(3)]
    body = {**await desk.frozen(), "targets": targets, "notes": "why not", "bump": "major", "model": "headlines"}
    made = await api.post("/v1/tunes", json=body, headers={"Idempotency-Key": "once"})
    again = await api.post("/v1/tunes", json=body, headers={"Idempotency-Key": "once"})
    assert (made.status_code, again.status_code, again.json()) == (201, 201, made.json())
    sweep = made.json()
    assert (await ok(await api.get(made.headers["location"]))) == sweep
    assert [tune["suffix"] for tune in sweep["tunes"]] == ["s0", "s1", "s2"]
    assert {(tune["model"], tune["bump"], tune["notes"]) for tune in sweep["tunes"]} == {
        ("headlines", "major", "why not")
    }
    assert len((await ok(await api.get("/v1/tunes")))["data"]) == 3
    for tune in sweep["tunes"]:
        assert await desk.tune(tune["id"]) == tune


async def test_numbers_stay_what_they_are(desk: Desk) -> None:
    wanted = {"n_epochs": 3, "learning_rate_multiplier": 0.5, "batch_size": "auto"}
    asked = await desk.asked(await nowhere(desk), hyperparameters=wanted)
    shown = (await desk.tune(asked["id"]))["hyperparameters"]
    assert shown == asked["hyperparameters"] == wanted
    assert isinstance(shown["n_epochs"], int)


async def test_tunes_are_listed_newest_first_in_pages_and_by_what_they_are(desk: Desk, api: httpx.AsyncClient) -> None:
    connection_id, frozen = await nowhere(desk), await desk.frozen()
    tunes = [await desk.asked(connection_id, of=frozen, model=f"line {n % 2}") for n in range(4)]
    other = await desk.asked(connection_id)
    await api.post(f"/v1/tunes/{tunes[0]['id']}/cancel")
    ids = [tune["id"] for tune in [other, *reversed(tunes)]]
    first = await ok(await api.get("/v1/tunes?limit=2"))
    second = await ok(await api.get(f"/v1/tunes?limit=3&cursor={first['next_cursor']}"))
    assert [tune["id"] for tune in first["data"] + second["data"]] == ids
    assert second["next_cursor"] is None

    async def found(query: str) -> list[str]:
        return [tune["id"] for tune in (await ok(await api.get(f"/v1/tunes?{query}")))["data"]]

    assert await found("state=cancelled") == [tunes[0]["id"]]
    assert await found(f"dataset_id={other['dataset_id']}") == [other["id"]]
    assert await found(f"sweep_id={tunes[1]['sweep_id']}") == [tunes[1]["id"]]
    assert await found("model=line 1&state=pending") == [tunes[3]["id"], tunes[1]["id"]]
    assert (await api.get("/v1/tunes?state=odd")).status_code == 400
    assert (await api.get("/v1/tunes?model=%00")).status_code == 400
    assert (await api.get("/v1/tunes?cursor=odd")).status_code == 400


@pytest.mark.parametrize(
    ("change", "status", "pointer"),
    [
        ({"targets": []}, 400, "/targets"),
        ({"method": "alchemy"}, 400, "/method"),
        ({"seed": -1}, 400, "/seed"),
        ({"dataset_version": "v9"}, 404, None),
        ({"dataset_id": str(uuid.uuid4())}, 404, None),
        ({"splits": {"train": "test"}}, 422, "/splits/train"),
        ({"splits": {"train": "train", "validation": "train"}}, 422, "/splits/validation"),
        ({"method": "dpo"}, 422, "/method"),
        ({"surprise": 1}, 400, "/surprise"),
    ],
)
async def test_what_cannot_be_tuned_is_refused(
    desk: Desk, api: httpx.AsyncClient, change: dict[str, Any], status: int, pointer: str | None
) -> None:
    target = {"connection_id": await nowhere(desk), "base_model": "gpt-4o-mini-2024-07-18"}
    refused = await api.post("/v1/tunes", json={**await desk.frozen(), "targets": [target]} | change)
    assert refused.status_code == status, refused.text
    assert [fault["pointer"] for fault in refused.json().get("errors", [])] == ([pointer] if pointer else [])
    assert (await ok(await api.get("/v1/tunes")))["data"] == []


@pytest.mark.parametrize(
    "target",
    [
        {"base_model": ""},
        {"hyperparameters": {"": 1}},
        {"hyperparameters": {"n_epochs": 1e300}},
        {"suffix": "x" * 65},
        {"connection_id": "not an id"},
    ],
)
async def test_a_target_that_makes_no_sense_is_refused(
    desk: Desk, api: httpx.AsyncClient, target: dict[str, Any]
) -> None:
    body = {"dataset_id": str(uuid.uuid4()), "dataset_version": "v1"}
    whole = {"connection_id": str(uuid.uuid4()), "base_model": MODEL} | target
    refused = await api.post("/v1/tunes", json=body | {"targets": [whole]})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"].startswith("/targets/0/")


async def test_a_stale_cancel_is_refused(desk: Desk, api: httpx.AsyncClient) -> None:
    asked = await desk.asked(await nowhere(desk))
    stale = await api.post(f"/v1/tunes/{asked['id']}/cancel", headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    assert (await desk.tune(asked["id"]))["state"] == "pending"


async def test_another_workspace_sees_nothing(desk: Desk, stranger: httpx.AsyncClient) -> None:
    connection_id, frozen = await nowhere(desk), await desk.frozen()
    asked = await desk.asked(connection_id, of=frozen)
    path = f"/v1/tunes/{asked['id']}"
    reads = [path, f"/v1/sweeps/{asked['sweep_id']}", *(f"{path}/{what}" for what in ("events", "metrics"))]
    reads += [f"{path}/{what}" for what in ("checkpoints", "history")]
    assert [(await stranger.get(read)).status_code for read in reads] == [404] * 6
    assert [(await stranger.post(f"{path}/{verb}")).status_code for verb in ("cancel", "retry")] == [404] * 2
    assert (await stranger.get("/v1/tunes")).json()["data"] == []
    body = {**frozen, "targets": [{"connection_id": connection_id, "base_model": MODEL}]}
    assert (await stranger.post("/v1/tunes", json=body)).status_code == 404
    theirs = await Desk(stranger).frozen()
    crossed = await stranger.post("/v1/tunes", json={**theirs, "targets": body["targets"]})
    assert (crossed.status_code, crossed.json()["errors"][0]["pointer"]) == (404, "/targets/0/connection_id")
