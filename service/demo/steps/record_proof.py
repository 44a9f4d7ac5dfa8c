"""What the record can say when the loop has been walked, checked now and asked again after a restart."""

import hashlib
import json
from typing import Any

import msgspec

from service.demo.demo_client import Answer, Client
from service.demo.progress_printer import Telling
from service.demo.stage import DemoFailed
from service.demo.steps import release as shipping
from service.demo.steps.collection import BETTER_HEADLINE, FIRST_HEADLINE
from service.demo.steps.release import ALIAS

CHANGED = "47 added, 1 edited, 1 removed"  # 48 came in, one of them middling


class Walked(msgspec.Struct, frozen=True, kw_only=True):
    """What the walk made, and what it saw on the way: v1's export when it was fresh, and what production said last."""

    name: str
    task_id: str
    dataset_id: str
    versions: list[Any]
    repaired_id: str
    edited_id: str
    connection_id: str
    tunes: list[Any]
    model_id: str
    first_export: str
    said: dict[str, str]


async def answers(
    client: Client, walked: Walked, more: list[tuple[Answer, str | None]], telling: Telling
) -> list[Answer]:
    """Ask what an auditor would, and take `more` along.

    Raises DemoFailed when the record says anything but what was done.
    """
    asked = [
        *(await _of_examples(client, walked)),
        *(await _of_versions(client, walked)),
        *(await _of_models(client, walked)),
        *more,
    ]
    with telling.step("Ask the record", total=len(asked)) as step:
        for one, wanted in asked:
            if wanted is not None and one.says != wanted:
                raise DemoFailed(f"{one.asks}: {one.says!r} instead of {wanted!r} ({one.path})")
            step.advance()
        step.note("history, diff, lineage, ruling, report, trail")
    return [one for one, _ in asked]


async def ask_again(client: Client, walked: Walked, known: list[Answer], telling: Telling) -> None:
    """The same questions after a restart. Raises DemoFailed unless every answer is the same, byte for byte."""
    with telling.step("Restart, and ask all again", total=len(known)) as step:
        for one in known:
            now = hashlib.sha256(await client.bytes_of(one.path)).hexdigest()
            if now != one.sha256:
                raise DemoFailed(f"{one.path} was answered differently after the restart.")
            step.advance()
        step.note("the same, byte for byte")
    said = await shipping.ask(client, walked.model_id, telling, alias=ALIAS)
    if said != walked.said["v1.1"]:
        raise DemoFailed(f"{ALIAS} says {said!r} after the restart.")


async def _of_examples(client: Client, walked: Walked) -> list[tuple[Answer, str | None]]:
    repaired, edited = f"/examples/{walked.repaired_id}", f"/examples/{walked.edited_id}"
    changes = "added, rated, rated, repaired, rated, rated"
    return [
        (await client.answer("What a repaired headline went through", f"{repaired}/history", _steps), changes),
        (await client.answer("What was learnt from it", f"{repaired}/lineage", _uses), None),
        (await client.answer("An edited headline as v1 froze it", f"{edited}?as_of=v1", _headline), FIRST_HEADLINE),
        (await client.answer("The same headline now", edited, _headline), BETTER_HEADLINE),
    ]


async def _of_versions(client: Client, walked: Walked) -> list[tuple[Answer, str | None]]:
    dataset, [v1, _] = f"/datasets/{walked.dataset_id}", walked.versions
    diff = f"{dataset}/diff?from=v1&to=v2&count=true&limit=1"
    exported = f"{dataset}/export?version=v1"
    return [
        (await client.answer("What changed from v1 to v2", diff, _changes), CHANGED),
        (await client.answer("The digest of v1", f"{dataset}/versions/v1", _digest), v1["digest"]),
        (await client.answer("v1, exported once more", exported, _sha256), walked.first_export),
    ]


async def _of_models(client: Client, walked: Walked) -> list[tuple[Answer, str | None]]:
    model = f"/models/{walked.model_id}"
    moves = "v1.0, v1.1, v1.0, v1.1, v1.0, v1.1"  # and back, and through the gate
    lineage = f"{model}/versions/v1.1/lineage?split=train&limit=1"
    return [
        (await client.answer("What v1.1 was made from", lineage, _origin), None),
        (await client.answer(f"Where {ALIAS} stood", f"{model}/aliases/{ALIAS}/history", _moves), moves),
        (await client.answer("Which version that is now", f"{model}/versions/{ALIAS}", _version), "v1.1"),
    ]


def _steps(body: bytes) -> str:
    return ", ".join(row["type"].removeprefix("Example").lower() for row in json.loads(body)["data"])


def _uses(body: bytes) -> str:
    rows = [(row, made) for row in json.loads(body)["data"] for made in row["model_versions"]]
    return ", ".join(f"{made['model']} {made['version']} by {row['dataset_version']}" for row, made in reversed(rows))


def _headline(body: bytes) -> str:
    return str(json.loads(body)["content"]["messages"][-1]["content"])


def _changes(body: bytes) -> str:
    return "{added} added, {edited} edited, {removed} removed".format(**json.loads(body)["changes"])


def _digest(body: bytes) -> str:
    return str(json.loads(body)["digest"])


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _origin(body: bytes) -> str:
    origin = json.loads(body)
    dataset = origin["dataset"]
    return f"{origin['base_model']} on {dataset['splits']['train']} examples of {dataset['version']}"


def _moves(body: bytes) -> str:
    return ", ".join(row["version"] for row in reversed(json.loads(body)["data"]))


def _version(body: bytes) -> str:
    return str(json.loads(body)["version"])
