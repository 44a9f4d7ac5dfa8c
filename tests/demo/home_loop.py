"""The loop with a small real model in every part: it generates examples, judges itself, and is judged."""

from collections import Counter
from typing import Any

from rich.console import Console

from service.demo.demo_client import Client
from service.demo.terminal_tables import print_lines, print_table
from tests.demo.news_sections import finish

TOPICS = ("football", "elections")
PER_TOPIC = 2
JUDGED_ROWS = 3
TASK = {
    "instruction": "Name the section of a newspaper that a short news summary belongs to.",
    "requirements": [{"name": "a section", "instruction": "The answer is the name of a section, and nothing else."}],
}
JUDGE = {"kind": "rubric", "label": "judge", "scale": "pass_fail", **TASK}


async def show_loop(
    client: Client, frozen: dict[str, str], *, base: dict[str, str], tuned: dict[str, str], console: Console
) -> None:
    """Generate with the base model, then have it judge both. Prints what came of it, whatever it is."""
    judge = {name: base[name] for name in ("connection_id", "model")}
    await _generate(client, judge, console)
    await _judge(client, frozen, judge=judge, targets=[base, tuned], console=console)


async def _generate(client: Client, model: dict[str, str], console: Console) -> None:
    task = await client.post("/tasks", {"name": "sections-at-home", **TASK})
    dataset = await client.post("/datasets", {"name": "generated-at-home", "task_id": task["id"]})
    guidance = {"inputs": "Each is a news summary of 20 to 40 words."}
    made = {"dataset_id": dataset["id"], "name": "at home", "target": model, "guidance": guidance}
    path = f"/generations/{(await client.post('/generations', made))['id']}"
    await client.patch(f"{path}/topics", {"add": [{"name": name} for name in TOPICS]})
    run = {"inputs_per_topic": PER_TOPIC, "max_tokens": 32, "judge": {"minimum": 1}}
    started = await client.post(f"{path}/run", run)
    await finish(client, f"/operations/{started['id']}", what="the generation")
    candidates = await client.list_all(f"{path}/candidates")
    counts = Counter(" ".join(filter(None, (each["state"], each["code"]))) for each in candidates)
    lines = [f"{count} {state}" for state, count in counts.most_common()]
    for each in candidates[:4]:
        texts = [message["content"] for message in (each["content"] or {"messages": []})["messages"]]
        lines.append(f"{each['score'] or '-'}: {' → '.join(' '.join(text.split())[:90] for text in texts)}")
    print_lines(console, f"Generated for {len(TOPICS)} topics, {PER_TOPIC} each, and judged by itself", lines)


async def _judge(
    client: Client, frozen: dict[str, str], *, judge: dict[str, str], targets: list[Any], console: Console
) -> None:
    body = {
        "name": "judged at home",
        "dataset_id": frozen["dataset_id"],
        "version": frozen["dataset_version"],
        "split": "test",
        "limit": JUDGED_ROWS,
        "targets": targets,
        "scorers": [{"name": "exact_match"}],
        "judges": [{"target": judge, **JUDGE}],
        "temperature": 0,
        "max_tokens": 16,
    }
    started = await client.post("/evaluations", body)
    ended = await finish(client, f"/operations/{started['id']}", what="the judged evaluation")
    detail = await client.get(f"/evaluations/{ended['result']['evaluation_id']}")
    lines = []
    for figures in detail["summaries"]:
        exact, judged = figures["scores"]["exact_match"], figures["scores"]["judge"]
        mean = "-" if judged["mean"] is None else f"{judged['mean']:.2f}"
        lines.append([figures["target"], f"{exact['mean']:.2f}", mean, f"{judged['scored']}/{figures['rows']}"])
    print_table(console, "Judged by the base model", ["target", "exact match", "judge", "readable verdicts"], lines)
