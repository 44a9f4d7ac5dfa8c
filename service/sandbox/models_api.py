"""Models over HTTP: the base models, and those tuned from them."""

from pathlib import Path
from typing import Any

from litestar import delete, get
from litestar.params import FromPath

from service.sandbox.state import Sandbox, SandboxOf, require
from service.sandbox.wire import Model, Page, Refusal

BASE_CREATED_AT = 1_700_000_000
SNAPSHOTS = {
    "gpt-4.1": "gpt-4.1-2025-04-14",
    "gpt-4.1-mini": "gpt-4.1-mini-2025-04-14",
    "gpt-4.1-nano": "gpt-4.1-nano-2025-04-14",
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
}
BASES = tuple(SNAPSHOTS.values())


def resolve_base_model(sandbox: Sandbox, name: str) -> str:
    """Find the exact model of a name. Raises Refusal when it cannot be tuned."""
    snapshot = SNAPSHOTS.get(name, name)
    if snapshot not in BASES and sandbox.store.model_job(name) is None:
        message = f"Model {name} is not available for fine-tuning or does not exist."
        raise Refusal(message, param="model", code="model_not_available")
    return snapshot


@get("/v1/models", sync_to_thread=True)
def list_models(sandbox: SandboxOf) -> Page:
    bases = [Model(id=name, created=BASE_CREATED_AT) for name in (*SNAPSHOTS, *BASES)]
    return Page(data=[*bases, *sandbox.store.models()], has_more=False)


@get("/v1/models/{model:str}", sync_to_thread=True)
def read_model(model: FromPath[str], sandbox: SandboxOf) -> Model:
    if model in SNAPSHOTS or model in BASES:
        return Model(id=model, created=BASE_CREATED_AT)
    tuned = {each.id: each for each in sandbox.store.models()}
    return require(tuned.get(model), "model", model)


@delete("/v1/models/{model:str}", status_code=200, sync_to_thread=True)
def delete_model(model: FromPath[str], sandbox: SandboxOf) -> dict[str, Any]:
    if model in SNAPSHOTS or model in BASES:
        raise Refusal(f"You may only delete models you own: {model}", status=403, param="model")
    require(sandbox.store.model_job(model), "model", model)
    sandbox.store.delete_model(model)
    return {"id": model, "object": "model", "deleted": True}


def find_lessons(sandbox: Sandbox, name: str) -> Path | None:
    """The file of a model's lessons; None for a base model. Raises Refusal for an unknown model."""
    if name in SNAPSHOTS or name in BASES:
        return None
    job = sandbox.store.model_job(name)
    if job is None:
        message = f"The model `{name}` does not exist or you do not have access to it."
        raise Refusal(message, status=404, code="model_not_found")
    return sandbox.store.lessons(job)
