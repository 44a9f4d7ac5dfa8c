"""The adapter for Fireworks: old tuning jobs are followed, models from elsewhere are uploaded, deployed and run."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import msgspec

from service.errors import ProviderRefused
from service.network.resolver import Resolve, resolve
from service.providers.abilities import (
    Deployment,
    DeploymentSpec,
    HostedModel,
    Lookup,
    News,
    TrainingFile,
    WeightFile,
)
from service.providers.bare_client import NOT_FOUND
from service.providers.fireworks import fireworks_jobs
from service.providers.fireworks.fireworks_client import FireworksClient, read_text
from service.providers.fireworks.fireworks_deployments import FireworksDeployments
from service.providers.fireworks.fireworks_errors import build_fireworks_error
from service.providers.fireworks.fireworks_jobs import FireworksJob
from service.providers.fireworks.fireworks_models import FireworksModels
from service.providers.fireworks.fireworks_traits import FIREWORKS
from service.providers.openai.chat import OpenAIChat
from service.providers.openai.job_schemas import decode
from service.providers.openai.wire_client import EndlessList, WireClient
from service.providers.provider import (
    Account,
    AccountCheck,
    Completion,
    JobSpec,
    Refused,
    RemoteJob,
    Unreachable,
    ignore_headers,
)

PUBLIC_MODELS = "/v1/accounts/fireworks/models"
STATE_PAGES = 20  # of 200 jobs; those further back are read one by one
CLOSED = "closed"


class InferenceClient(WireClient):
    """Chats in OpenAI's format, with Fireworks' errors."""

    def build_error(self, response: httpx2.Response) -> Refused | Unreachable:
        return build_fireworks_error(response, self.account)


class FireworksProvider:
    """Tuner of old jobs, Chat, Deployer, WeightSource, ModelHost, ModelFinder and ModelDeleter at Fireworks."""

    def __init__(self, account: Account, *, resolve: Resolve = resolve) -> None:
        self._client = FireworksClient(account, resolve)
        self._models = FireworksModels(self._client)
        self._deployments = FireworksDeployments(self._client)
        inference = msgspec.structs.replace(account, base_url=f"{self._client.base_url}/inference/v1")
        self._inference = InferenceClient(inference, resolve)
        self._chat = OpenAIChat(self._inference)

    async def check(self) -> AccountCheck:
        # The account first: public models are shown to any key.
        path = f"/v1/{self._client.home}/{fireworks_jobs.SUPERVISED}"
        await self._client.send("GET", path, params={"pageSize": 1})
        try:
            return AccountCheck(models=await self.base_models())
        except ProviderRefused:
            return AccountCheck()

    async def base_models(self) -> tuple[str, ...]:
        names: list[str] = []
        with suppress(EndlessList):
            async for page in self._client.list_pages(PUBLIC_MODELS, key="models"):
                names += [name for each in page if is_base(each) and (name := read_text(each.get("name")))]
        return tuple(names)

    async def upload(self, file: TrainingFile) -> str:  # noqa: ARG002 - the port's
        raise build_closed_refusal()

    async def find_file(self, file: TrainingFile) -> str | None:  # noqa: ARG002 - the port's
        return None

    async def delete_file(self, reference: str) -> None:
        dataset_id = self._client.read_id(reference, collection="datasets")
        await self._client.read("DELETE", f"datasets/{dataset_id}", accept=(NOT_FOUND,))

    async def find(self, token: str) -> Lookup:  # noqa: ARG002 - the port's
        """None: no job was ever made with a token of ours."""
        return Lookup()

    async def submit(self, order: JobSpec) -> RemoteJob:  # noqa: ARG002 - the port's
        raise build_closed_refusal()

    async def job(self, job_id: str) -> RemoteJob:
        return fireworks_jobs.convert_job(await self._read_job(job_id))

    async def states(self, job_ids: Collection[str]) -> dict[str, RemoteJob]:
        found: dict[str, RemoteJob] = {}
        for collection in fireworks_jobs.COLLECTIONS:
            wanted = {each for each in job_ids if self._is_in(collection, each)}
            if wanted:
                found |= await self._list_states(collection, wanted)
        return found

    async def news(self, job: RemoteJob, *, cursor: str | None) -> News:
        return fireworks_jobs.build_news(job, cursor=cursor)

    async def cancel(self, job_id: str) -> RemoteJob:
        path = (await self._read_job(job_id)).name.removeprefix(f"{self._client.home}/")
        await self._client.read("POST", f"{quote(path)}:cancel", json={})
        return await self.job(job_id)

    async def weights(self, job_id: str, *, checkpoint: str | None = None) -> tuple[WeightFile, ...]:
        if checkpoint is not None:
            raise Refused("Fireworks lists no checkpoints of its jobs.")
        job = await self.job(job_id)
        if job.model is None:
            raise Refused("The job has no model whose weights could be downloaded.")
        return await self._models.list_files(job.model)

    def read_weights(self, file: WeightFile) -> AsyncIterator[bytes]:
        return self._models.read(file)

    async def import_model(self, name: str, base_model: str, files: Sequence[Path]) -> str:
        return await self._models.upload(name, base_model, files)

    async def find_model(self, model: str) -> HostedModel | None:
        return await self._models.find(model)

    async def delete_model(self, model: str) -> None:
        await self._models.delete(model)

    async def find_deployment(self, token: str) -> Deployment | None:
        return await self._deployments.find(token)

    async def deploy(self, spec: DeploymentSpec) -> Deployment:
        return await self._deployments.deploy(spec)

    async def deployment(self, deployment_id: str) -> Deployment:
        return await self._deployments.read(deployment_id)

    async def undeploy(self, deployment_id: str) -> None:
        await self._deployments.stop(deployment_id)

    async def complete(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        max_tokens: int | None = None,
        temperature: float | None = None,
        options: Mapping[str, Any] | None = None,
        schema: Mapping[str, Any] | None = None,
        token: str | None = None,
    ) -> Completion:
        limits = {"max_tokens": max_tokens, "temperature": temperature}
        return await self._chat.complete(model, messages, limits=limits, options=options, schema=schema, token=token)

    async def delete_completion(self, token: str) -> None:
        await self._chat.delete(token)

    async def find_completion(self, token: str) -> Completion | None:
        return await self._chat.find(token)

    def stream(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        options: Mapping[str, Any] | None = None,
        opened: Callable[[Mapping[str, str]], None] = ignore_headers,
    ) -> AsyncGenerator[dict[str, Any], None]:
        return self._chat.stream(model, messages, options=options, opened=opened)

    async def aclose(self) -> None:
        await self._client.aclose()
        await self._inference.aclose()

    async def _read_job(self, job_id: str) -> FireworksJob:
        """A job of any kind: an id alone does not say of which."""
        collections, last = fireworks_jobs.split_job_id(job_id, home=self._client.home)
        missing = Refused(f"Fireworks has no job {job_id}.", provider_status=NOT_FOUND)
        for collection in collections if last else ():
            path = f"/v1/{self._client.home}/{collection}/{quote(last, safe='')}"
            answer = await self._client.send("GET", path, accept=(NOT_FOUND,))
            if answer.status_code != NOT_FOUND:
                return decode(answer.content, FireworksJob)
        raise missing

    def _is_in(self, collection: str, job_id: str) -> bool:
        collections, _ = fireworks_jobs.split_job_id(job_id, home=self._client.home)
        return collections[:1] == (collection,)

    async def _list_states(self, collection: str, wanted: set[str]) -> dict[str, RemoteJob]:
        found: dict[str, RemoteJob] = {}
        path = f"/v1/{self._client.home}/{collection}"
        try:
            async for page in self._client.list_pages(path, key=collection, pages=STATE_PAGES):
                jobs = map(fireworks_jobs.convert_job, fireworks_jobs.read_jobs(page))
                found |= {job.id: job for job in jobs if job.id in wanted}
                if len(found) == len(wanted):
                    break
        except EndlessList:
            pass
        return found


def is_base(model: dict[str, Any]) -> bool:
    return model.get("kind") in (None, "KIND_UNSPECIFIED", "HF_BASE_MODEL")


def build_closed_refusal() -> Refused:
    return Refused(FIREWORKS.closed_hint or "", provider_code=CLOSED)
