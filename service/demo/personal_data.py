"""A person who survives a new key, and a person whose texts are erased with a receipt."""

from rich.console import Console

from service.demo.demo_client import Client, open_client, wait_until
from service.demo.progress_printer import ProgressPrinter
from service.demo.stage import DemoFailed
from service.demo.steps.record_proof import WalkResult


async def rotate_key(us: Client, url: str, walk_result: WalkResult, console: Console) -> None:
    """Let a new member rate an example with one key and again with its successor: it stays one rating, hers."""
    path = f"/examples/{walk_result.edited_id}"
    name = f"carol ({walk_result.name})"
    printer = ProgressPrinter(console)
    with printer.progress, printer.step("Rotate a person's key", total=2) as step:
        member = await us.post("/members", {"name": name, "role": "editor", "email": "carol@example.org", "key": {}})
        await _rate(url, member["secret"], path, stars=3)
        step.advance()
        successor = await us.post(f"/api-keys/{member['api_key']['id']}/rotate", {})
        await _rate(url, successor["secret"], path, stars=4)
        step.advance()
        rating = (await us.get(path))["rating"]["raters"][name]
        if rating["overall"]["value"] != 4:  # noqa: PLR2004 - her second rating
            raise DemoFailed(f"The rating by {name} is {rating} after a new key.")
        step.note("two keys, one person, one rating: 4 stars")


async def erase_person(us: Client, walk_result: WalkResult, console: Console) -> str:
    """Erase a person's texts from a frozen dataset. Returns the id of the erasure, whose receipt stays."""
    person = f"visitor of {walk_result.name}"
    printer = ProgressPrinter(console)
    with printer.progress:
        with printer.step("Erase a person's texts") as step:
            dataset = await us.post("/datasets", {"name": f"{walk_result.name}-visitors"})
            await us.post(
                f"/datasets/{dataset['id']}/examples", {"examples": [_build_visit(person), _build_visit(None)]}
            )
            await us.post(f"/datasets/{dataset['id']}/versions", {"name": "v1"})
            order = {"reason": "The visitor asked for it.", "confirm": True}
            erasure = await us.post(f"/subjects/{person}/erase", order)
            path = f"/erasures/{erasure['id']}"

            async def is_complete() -> bool:
                return bool((await us.get(path))["state"] == "complete")

            await wait_until(is_complete, what="the erasure")
            step.note("text and salt are gone, the log and its proofs stay")
        with printer.step("Read the receipt") as step:
            receipt = await us.get(path)
            texts = sum(group["count"] for group in receipt["erased"])
            versions = len(receipt["held_by"]["dataset_versions"])
            step.note(f"{texts} erased, {versions} version incomplete, signed")
    return str(erasure["id"])


def _build_visit(person: str | None) -> dict[str, object]:
    messages = [
        {"role": "user", "content": "Write a headline about a visit to the lighthouse."},
        {"role": "assistant", "content": f"{person or 'Somebody'} climbs all 200 steps"},
    ]
    return {"content": {"messages": messages}, "metadata": {"subject": person} if person else {}}


async def _rate(url: str, secret: str, path: str, *, stars: int) -> None:
    async with open_client(url, secret) as client:
        await client.put(f"{path}/rating", {"overall": {"type": "stars", "value": stars}})
