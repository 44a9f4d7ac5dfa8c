"""One of everything in a workspace, made over HTTP, so that tests of all routes have something to hit and to hide."""

import json
from typing import Any

import httpx

HEADLINE = {
    "messages": [
        {"role": "user", "content": "The council voted to plant a thousand trees."},
        {"role": "assistant", "content": "Council to plant a thousand trees"},
    ]
}


class World:
    """What is known of a workspace: its resources by the name that paths and bodies give to their ids."""

    def __init__(self, client: httpx.Client, *, key: str) -> None:
        self.client = client
        self.key = key
        self.known: dict[str, str] = {"seq": "1", "split": "train", "secret": "sk-of-nobody"}

    def create(self, path: str, body: Any, *, name: str | None = None) -> Any:
        """POST it, and remember the new thing's id under the name."""
        answer = self.client.post(f"/v1{path}", json=body)
        assert answer.is_success, (path, answer.text)
        if name:
            self.known[name] = answer.json()["id"]
        return answer.json()

    def put(self, path: str, body: Any) -> Any:
        answer = self.client.put(f"/v1{path}", json=body)
        assert answer.is_success, (path, answer.text)
        return answer.json()

    @property
    def head(self) -> int:
        """How many events there are."""
        page = self.client.get("/v1/events", params={"limit": 1_000}).json()
        assert page["next_cursor"] is None
        return int(page["reached"])

    @property
    def ids(self) -> set[str]:
        events = self.client.get("/v1/events", params={"limit": 1_000}).json()["data"]
        return {event["stream_id"] for event in events}


def furnish(world: World) -> World:
    """One of everything. A route with a new parameter in its path needs a line here."""
    known = world.known
    world.create("/api-keys", {"name": "spare", "scopes": ["audit:read"]}, name="key_id")
    world.create("/members", {"name": "ann", "role": "annotator"}, name="member_id")
    task = {"name": "headlines", "instruction": "Write a headline.", "categories": ["sports", "politics"]}
    world.create("/tasks", task, name="task_id")
    world.create("/datasets", {"name": "news", "task_id": known["task_id"]}, name="dataset_id")
    dataset = f"/datasets/{known['dataset_id']}"
    for _ in range(12):
        world.create(f"{dataset}/examples", {"content": HEADLINE, "split": "train"}, name="example_id")
    world.create(f"{dataset}/versions", {"name": "first"})
    known |= {"name": "first", "dataset_version": "first", "from": "first", "to": "first"}
    world.create(f"{dataset}/checks", {"version": "first"}, name="check_id")
    known["code"] = "duplicate"
    lines = f"{json.dumps(HEADLINE)}\n"
    headers = {"Content-Type": "application/x-ndjson"}
    imported = world.client.post(f"/v1{dataset}/imports", content=lines, headers=headers)
    assert imported.status_code == 202, imported.text
    known |= {"import_id": imported.json()["id"], "operation_id": imported.json()["id"]}
    change = {"action": {"type": "tag", "tags": ["swept"]}, "filter": "", "dry_run": True}
    world.create(f"{dataset}/bulk", change, name="bulk_id")
    world.create(f"{dataset}/fork", {"name": "fork"}, name="merge_id")
    _furnish_models(world)
    _furnish_prompts(world)
    _furnish_labels(world)
    _furnish_evaluations(world)
    _furnish_webhooks(world)
    away = {"name": "hub", "kind": "huggingface", "url": "http://127.0.0.1:9", "secret": "hf_test"}
    world.create("/integrations", away, name="integration_id")
    _furnish_generations(world)
    _furnish_erasures(world)
    return world


def _furnish_erasures(world: World) -> None:
    """Nobody is called that: to erase a person of another workspace is to erase nobody of one's own."""
    world.known |= {
        "key of /v1/subjects/{key}/erase": "nobody",
        "workspace_id": world.client.get("/v1/me").json()["workspace_id"],
    }
    body = {"reason": "asked for", "confirm": True}
    world.create(f"/examples/{world.known['example_id']}/erase", body, name="erasure_id")


def _furnish_webhooks(world: World) -> None:
    known = world.known
    known |= {"url": "https://receiver.example/hook"}
    world.create("/webhooks", {"url": known["url"]}, name="webhook_id")
    world.create(f"/webhooks/{known['webhook_id']}/test", None, name="delivery_id")


def _furnish_labels(world: World) -> None:
    dataset = f"/datasets/{world.known['dataset_id']}"
    world.create(f"{dataset}/labels", {"example_id": world.known["example_id"], "category": "sports"}, name="label_id")
    world.create(f"{dataset}/queues", {"name": "first pass"}, name="queue_id")
    claimed = world.create(f"{dataset}/queue/claim", {"annotator": {"name": "ann"}})
    world.known["assignment_id"] = claimed["data"][0]["assignment_id"]


def _furnish_models(world: World) -> None:
    known = world.known
    # Nobody listens there, and nothing in these tests works in the background.
    provider = {"name": "nowhere", "kind": "sandbox", "secret": "none", "base_url": "http://127.0.0.1:9"}
    world.create("/connections", provider, name="connection_id")
    target = {"connection_id": known["connection_id"], "base_model": "sandbox-small"}
    wanted = {"dataset_id": known["dataset_id"], "dataset_version": "first", "targets": [target]}
    sweep = world.create("/tunes", wanted)
    known |= {"sweep_id": sweep["id"], "tune_id": sweep["tunes"][0]["id"]}
    _furnish_machines(world)
    world.create("/models", {"name": "headline writer"}, name="model_id")
    trained = {"connection_id": known["connection_id"], "base_model": "sandbox-small", "provider_model": "ft:elsewhere"}
    world.create(f"/models/{known['model_id']}/versions", trained)
    known |= {"version": "v1.0", "alias": "production", "model": "headline writer:production"}
    world.put(f"/models/{known['model_id']}/aliases/production", {"version": "v1.0"})
    call = {"model_id": known["model_id"], "version": "v1.0", "input": "Trees?", "output": "Trees."}
    known["request_id"] = world.create("/requests", {"requests": [call]})["data"][0]["id"]
    world.create(f"/requests/{known['request_id']}/feedback", {"stars": 2})


def _furnish_machines(world: World) -> None:
    """A deployment, an entry of the catalogue, a budget. Only workers make artifacts, so there is none."""
    known = world.known
    machines = {"name": "machines", "kind": "together", "secret": "none", "base_url": "http://127.0.0.1:9"}
    rented = {"connection_id": world.create("/connections", machines)["id"], "model": "tuned"}
    world.create("/deployments", rented, name="deployment_id")
    entry: dict[str, Any] = {"id": "ours", "provider": "ours", "kind": None, "name": "Ours", "methods": []}
    known["entry_id"] = world.put("/base-models", entry)["entry_id"]
    known["budget_id"] = world.put("/budgets", {"amount": "1000000"})["id"]
    known |= {"artifact_id": known["deployment_id"], "kind": "openai", "amount": "1", "for": "trl"}


def _furnish_prompts(world: World) -> None:
    known = world.known
    world.create("/prompts", {"name": "headlines"}, name="prompt_id")
    target = {"connection_id": known["connection_id"], "model": "sandbox-small"}
    question = {"messages": [{"role": "user", "content": "{{news}}"}], "variables": [{"name": "news"}]}
    world.create(f"/prompts/{known['prompt_id']}/versions", {**question, "target": target})
    world.put(f"/prompts/{known['prompt_id']}/labels/production", {"version": 1})
    world.create(f"/prompts/{known['prompt_id']}/runs", {"dataset_id": known["dataset_id"]}, name="run_id")
    known |= {"number": "1", "before": "1", "after": "1", "label": "production"}
    known |= {"size": "1", "from_size": "1", "to_size": "1", "level": "0"}


def _furnish_evaluations(world: World) -> None:
    known = world.known
    target = {"connection_id": known["connection_id"], "model": "sandbox-small"}
    wanted = {"dataset_id": known["dataset_id"], "version": "first", "split": "train", "targets": [target]}
    evaluation = world.create("/evaluations", {"name": "headlines", **wanted, "scorers": [{"name": "exact_match"}]})
    known |= {
        "evaluation_id": evaluation["resource"].rsplit("/", 1)[1],
        "evaluation": evaluation["resource"].rsplit("/", 1)[1],
    }
    known["result_id"] = known["evaluation_id"]  # nobody works on it, so it has no result


def _furnish_generations(world: World) -> None:
    known = world.known
    target = {"connection_id": known["connection_id"], "model": "sandbox-small"}
    world.create("/generations", {"dataset_id": known["dataset_id"], "target": target}, name="generation_id")
    path = f"/generations/{known['generation_id']}"
    known["candidate_id"] = world.create(f"{path}/candidates", {"candidates": [{"content": HEADLINE}]})["data"][0]
    sent = world.client.post(f"/v1{path}/documents", params={"name": "a.txt"}, content="Trees grow slowly.")
    assert sent.status_code == 201, sent.text
    known["document_id"] = sent.json()["id"]


def sample(schema: dict[str, Any], document: dict[str, Any], known: dict[str, str]) -> Any:
    """A small value that the schema allows, with what the world knows wherever a property has that name."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    schema = next((schema[several][0] for several in ("anyOf", "oneOf") if several in schema), schema)
    if "$ref" in schema:
        return sample(schema, document, known)
    value: Any = "x" * max(1, schema.get("minLength", 1))
    match schema.get("type"):
        case "object":
            required, properties = schema.get("required", []), schema.get("properties", {})
            wanted = [name for name in properties if name in required or name in known]
            value = {name: _choose(name, properties[name], document, known) for name in wanted}
        case "array":
            value = [sample(schema["items"], document, known) for _ in range(schema.get("minItems", 0))]
        case "integer" | "number":
            value = schema.get("minimum", 1)
        case "boolean":
            value = False
    return schema.get("enum", [value])[0]


def _choose(name: str, schema: dict[str, Any], document: dict[str, Any], known: dict[str, str]) -> Any:
    """What the world knows of the name, unless the property is a choice without it."""
    text = known.get(name)
    return text if text and text in schema.get("enum", [text]) else sample(schema, document, known)
