"""A workspace with a dataset, frozen versions of it, a connection, and tunes that succeed when told to."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx

from service.ledger.store import Caller, Ledger
from service.tunes.events import TUNE, TuneEvent, TuneState, TuneSubmitted, TuneSubmitting, TuneSucceeded
from service.tunes.tune_files import SentFile

SENT = SentFile(file_id="file-1", digest="ab" * 32, bytes=900, rows=9)


class World:
    """What the tests of models stand on; everything in it is made through the API, or by the tune's own events."""

    def __init__(self, api: httpx.AsyncClient, ledger: Ledger) -> None:
        self.api = api
        self.ledger = ledger

    async def begin(self) -> "World":
        me = (await self.api.get("/v1/me")).json()
        self.caller = Caller(workspace_id=UUID(me["workspace_id"]), actor="tuneledger", request_id="world")
        account = {"name": "sandbox", "kind": "together", "secret": "sk-x", "base_url": "http://127.0.0.1:9/v1"}
        self.connection_id = UUID((await self.create("/v1/connections", account))["id"])
        self.dataset = await self.create("/v1/datasets", {"name": "headlines"})
        self.examples = [await self.add(f"text {number}") for number in range(12)]
        await self.freeze("v1")
        return self

    async def create(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.api.post(path, json=body)
        assert answer.status_code == 201, answer.text
        created: dict[str, Any] = answer.json()
        return created

    async def read(self, path: str, **query: Any) -> dict[str, Any]:
        answer = await self.api.get(path, params=query)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def add(self, text: str, *, split: str = "train", **fields: Any) -> str:
        messages = [{"role": "user", "content": text}, {"role": "assistant", "content": "sports"}]
        body = {"content": {"messages": messages}, "split": split, **fields}
        return str((await self.create(f"/v1/datasets/{self.dataset['id']}/examples", body))["id"])

    async def freeze(self, name: str, **filtered: Any) -> dict[str, Any]:
        path = f"/v1/datasets/{self.dataset['id']}/versions"
        return await self.create(path, {"name": name, "filter": filtered})

    async def ask(self, *, version: str = "v1", **fields: Any) -> UUID:
        """Ask for a tune over HTTP; its id."""
        target = {"connection_id": str(self.connection_id), "base_model": "gpt-4o-mini"}
        body = {"dataset_id": self.dataset["id"], "dataset_version": version, "targets": [target], **fields}
        return UUID((await self.create("/v1/tunes", body))["tunes"][0]["id"])

    async def succeed(self, tune_id: UUID) -> str:
        """Let the tune be sent and succeed, as its workers record it; the provider's name for what came out."""
        name, now = f"ft:gpt-4o-mini:{tune_id}", datetime.now(UTC)
        events: list[TuneEvent] = [
            TuneSubmitting(token=str(tune_id), training_file=SENT),
            TuneSubmitted(job_id="ftjob-1", state="running", raw_status="running", at=now),
            TuneSucceeded(job_id="ftjob-1", provider_model=name, at=now),
        ]
        for event in events:
            await self.ledger.change(TUNE, tune_id, _recording(event), caller=self.caller)
        return name

    async def record_tune(self, **fields: Any) -> UUID:
        """A tune that has succeeded."""
        tune_id = await self.ask(**fields)
        await self.succeed(tune_id)
        return tune_id

    async def model(self, *versions: str, name: str = "headlines") -> str:
        """A model with a version for each of these versions of the dataset; its path."""
        path = f"/v1/models/{(await self.create('/v1/models', {'name': name}))['id']}"
        for version in versions:
            await self.register(path, version=version)
        return path

    async def register(self, path: str, *, version: str = "v1", **fields: Any) -> dict[str, Any]:
        tune_id = await self.record_tune(version=version)
        return await self.create(f"{path}/versions", {"tune_id": str(tune_id), **fields})


def _recording(event: TuneEvent) -> Any:
    def decide(_: TuneState | None) -> list[TuneEvent]:
        return [event]

    return decide
